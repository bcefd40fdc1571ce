import pytest
import requests

from tests.contract.cluster.kube import MERGE
from tests.contract.cluster.manifests import condition, config_map, deployment, ingress, service

pytestmark = [pytest.mark.process, pytest.mark.network]


@pytest.fixture
def core(namespace):
    return f"/api/v1/namespaces/{namespace}"


@pytest.fixture
def apps(namespace):
    return f"/apis/apps/v1/namespaces/{namespace}"


@pytest.fixture
def web(kube, apps):
    kube.must("POST", f"{apps}/deployments", deployment(replicas=2))
    path = f"{apps}/deployments/web"
    kube.until(path, lambda value: value["status"]["availableReplicas"] == 2)
    return path


def _images(kube, core):
    pods = kube.must("GET", f"{core}/pods", labelSelector="app=web")["items"]
    return {pod["spec"]["containers"][0]["image"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}


def test_a_deployment_becomes_available(kube, core, apps, web):
    found = kube.until(web, lambda value: condition(value, "Progressing")["reason"] == "NewReplicaSetAvailable")
    assert condition(found, "Available")["status"] == "True"
    assert found["status"]["observedGeneration"] == found["metadata"]["generation"] == 1
    assert found["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    (replica_set,) = kube.must("GET", f"{apps}/replicasets")["items"]
    assert replica_set["metadata"]["ownerReferences"][0]["kind"] == "Deployment"
    pods = kube.must("GET", f"{core}/pods", labelSelector="app=web")["items"]
    assert len(pods) == 2
    for pod in pods:
        assert pod["metadata"]["name"].startswith(f"{replica_set['metadata']['name']}-")
        assert pod["status"]["phase"] == "Running"
        assert condition(pod, "Ready")["status"] == "True"
        assert pod["status"]["containerStatuses"][0]["state"]["running"]


def test_a_new_image_is_rolled_out(kube, core, apps, web):
    kube.must("PATCH", web, {"spec": {"template": {"metadata": {"annotations": {"of": "2"}}}}}, kind=MERGE)
    changed = deployment(replicas=2, image="nginx:2")
    kube.apply(web, changed, force="true")
    kube.until(
        web,
        lambda value: (
            value["status"]["observedGeneration"] == value["metadata"]["generation"]
            and value["status"]["updatedReplicas"] == value["status"]["replicas"] == 2
            and value["status"]["availableReplicas"] == 2
        ),
    )
    assert _images(kube, core) == {"nginx:2"}
    assert len(kube.must("GET", f"{apps}/replicasets")["items"]) >= 2


def test_scaling_down_removes_pods(kube, core, web):
    kube.must("PATCH", web, {"spec": {"replicas": 0}}, kind=MERGE)
    kube.until(f"{core}/pods", lambda value: not value["items"])


def test_a_lost_pod_is_replaced(kube, core, web):
    first = {pod["metadata"]["name"] for pod in kube.must("GET", f"{core}/pods")["items"]}
    lost = min(first)
    kube.must("DELETE", f"{core}/pods/{lost}")
    kube.gone(f"{core}/pods/{lost}")
    found = kube.until(f"{core}/pods", lambda value: len(value["items"]) == 2 and value)
    assert {pod["metadata"]["name"] for pod in found["items"]} != first


def test_a_deployment_takes_its_pods_along(kube, core, apps, web):
    kube.must("DELETE", web)
    kube.gone(web)
    kube.until(f"{apps}/replicasets", lambda value: not value["items"])
    kube.until(f"{core}/pods", lambda value: not value["items"])


def test_in_the_foreground_the_owner_goes_last(kube, core, apps, web):
    found = kube.must("DELETE", web, {"propagationPolicy": "Foreground"})
    assert found["metadata"]["finalizers"] == ["foregroundDeletion"]
    kube.gone(web)
    assert kube.must("GET", f"{apps}/replicasets")["items"] == []
    assert kube.must("GET", f"{core}/pods")["items"] == []


def test_orphans_stay(kube, apps, web):
    kube.must("DELETE", web, {"propagationPolicy": "Orphan"})
    kube.gone(web)
    (left,) = kube.must("GET", f"{apps}/replicasets")["items"]
    assert "ownerReferences" not in left["metadata"]


def test_an_owned_object_goes_with_its_owner(kube, core):
    owner = kube.must("POST", f"{core}/configmaps", config_map("owner"))
    owned = config_map("owned")
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    owned["metadata"]["ownerReferences"] = [reference]
    kube.must("POST", f"{core}/configmaps", owned)
    kube.must("DELETE", f"{core}/configmaps/owner")
    kube.gone(f"{core}/configmaps/owned", seconds=60)


def test_a_job_completes(kube, namespace):
    jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    pod = {"restartPolicy": "Never", "containers": [{"name": "migrate", "image": "app:1"}]}
    made = kube.must("POST", jobs, {"metadata": {"name": "migrate"}, "spec": {"template": {"spec": pod}}})
    assert made["spec"]["backoffLimit"] == 6
    found = kube.until(f"{jobs}/migrate", lambda value: condition(value, "Complete")["status"] == "True" and value)
    assert found["status"]["succeeded"] == 1
    assert found["status"]["completionTime"]


def test_a_stateful_set_numbers_its_pods(kube, core, apps):
    template = deployment()["spec"]
    spec = {**template, "replicas": 2, "serviceName": "web"}
    kube.must("POST", f"{apps}/statefulsets", {"metadata": {"name": "web"}, "spec": spec})
    kube.until(f"{apps}/statefulsets/web", lambda value: value["status"]["readyReplicas"] == 2)
    names = [pod["metadata"]["name"] for pod in kube.must("GET", f"{core}/pods")["items"]]
    assert names == ["web-0", "web-1"]


def test_a_daemon_set_has_a_pod_on_the_node(kube, core, apps):
    spec = {key: item for key, item in deployment()["spec"].items() if key != "replicas"}
    kube.must("POST", f"{apps}/daemonsets", {"metadata": {"name": "web"}, "spec": spec})
    kube.until(f"{apps}/daemonsets/web", lambda value: value["status"]["numberReady"] == 1)
    (pod,) = kube.must("GET", f"{core}/pods")["items"]
    assert pod["metadata"]["ownerReferences"][0]["kind"] == "DaemonSet"
    assert pod["spec"]["nodeName"]


def test_a_deployment_can_be_recreated_instead_of_rolled(kube, core, apps):
    recreating = deployment(replicas=2)
    recreating["spec"]["strategy"] = {"type": "Recreate"}
    path = f"{apps}/deployments/web"
    kube.must("POST", f"{apps}/deployments", recreating)
    kube.until(path, lambda value: value["status"]["availableReplicas"] == 2)
    recreating["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:2"
    kube.apply(path, recreating, force="true")
    kube.until(
        path,
        lambda value: (
            value["status"]["updatedReplicas"] == value["status"]["availableReplicas"] == 2
            and value["status"]["observedGeneration"] == value["metadata"]["generation"]
        ),
    )
    assert _images(kube, core) == {"nginx:2"}


def test_the_scale_has_a_door_of_its_own(kube, core, web):
    found = kube.must("GET", f"{web}/scale")
    assert (found["kind"], found["apiVersion"]) == ("Scale", "autoscaling/v1")
    assert found["spec"] == {"replicas": 2}
    assert found["status"] == {"replicas": 2, "selector": "app=web"}
    changed = kube.must("PATCH", f"{web}/scale", {"spec": {"replicas": 1}}, kind=MERGE)
    assert changed["spec"] == {"replicas": 1}
    kube.until(web, lambda value: value["status"]["replicas"] == 1)


def test_a_pod_needs_its_service_account(kube, core):
    pod = {"serviceAccountName": "web", "containers": [{"name": "app", "image": "a:1"}]}
    code, found = kube.ask("POST", f"{core}/pods", {"metadata": {"name": "one"}, "spec": pod})
    assert (code, found["reason"]) == (403, "Forbidden")
    assert 'serviceaccount "web" not found' in found["message"]
    kube.must("POST", f"{core}/serviceaccounts", {"metadata": {"name": "web"}})
    kube.until(f"{core}/serviceaccounts/web", lambda _: _created(kube, core, pod))


def _created(kube, core, pod):
    return kube.ask("POST", f"{core}/pods", {"metadata": {"name": "one"}, "spec": pod})[0] == 201


def test_a_service_knows_its_ready_pods(kube, namespace, core, web):
    kube.must("POST", f"{core}/services", service())
    slices = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
    found = kube.until(slices, lambda value: len(value["items"][0]["endpoints"]) == 2 and value)
    (item,) = found["items"]
    assert item["metadata"]["labels"]["kubernetes.io/service-name"] == "web"
    assert all(endpoint["conditions"]["ready"] for endpoint in item["endpoints"])
    assert item["ports"] == [{"name": "", "port": 80, "protocol": "TCP"}]


def _get(cluster, host):
    return requests.get(
        f"http://127.0.0.1:{cluster.load_balancer_port}/", headers={"Host": host}, timeout=10
    ).status_code


def test_an_ingress_gets_a_load_balancer_that_answers(cluster, kube, namespace, core, web):
    host = f"{namespace}.example.com"
    assert _get(cluster, host) in {404, 503}
    ingresses = f"/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses"
    kube.must("POST", f"{core}/services", service())
    kube.must("POST", ingresses, ingress(host))
    found = kube.until(f"{ingresses}/web", lambda value: value["status"]["loadBalancer"]["ingress"] and value)
    (address,) = found["status"]["loadBalancer"]["ingress"]
    assert address["ip"] == "127.0.0.1"
    assert address["ports"] == [{"port": cluster.load_balancer_port, "protocol": "TCP"}]
    assert "ingress.k8s.aws/resources" in found["metadata"]["finalizers"]
    slices = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
    kube.until(slices, lambda value: len(value["items"][0]["endpoints"]) == 2)
    kube.until(slices, lambda _: _get(cluster, host) == 200)
    kube.must("PATCH", web, {"spec": {"replicas": 0}}, kind=MERGE)
    kube.until(slices, lambda _: _get(cluster, host) == 503)
    kube.must("DELETE", f"{ingresses}/web")
    kube.gone(f"{ingresses}/web")
    kube.until(slices, lambda _: _get(cluster, host) in {404, 503})


def test_a_service_of_type_load_balancer_gets_one_and_gives_it_back(cluster, kube, core):
    kube.must("POST", f"{core}/services", service(type="LoadBalancer"))
    found = kube.until(f"{core}/services/web", lambda value: value["status"]["loadBalancer"]["ingress"] and value)
    assert "service.k8s.aws/resources" in found["metadata"]["finalizers"]
    kube.must("DELETE", f"{core}/services/web")
    kube.gone(f"{core}/services/web")
