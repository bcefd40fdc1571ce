import pytest

from tests.contract.cluster.kube import MERGE
from tests.contract.cluster.manifests import condition, config_map, deployment

pytestmark = [pytest.mark.process, pytest.mark.network]

POD = {"metadata": {"name": "one"}, "spec": {"containers": [{"name": "app", "image": "nginx:1"}]}}


@pytest.fixture
def core(namespace):
    return f"/api/v1/namespaces/{namespace}"


@pytest.fixture
def deployments(namespace):
    return f"/apis/apps/v1/namespaces/{namespace}/deployments"


def _quota(kube, core, **hard):
    kube.must("POST", f"{core}/resourcequotas", {"metadata": {"name": "budget"}, "spec": {"hard": hard}})
    path = f"{core}/resourcequotas/budget"
    kube.until(path, lambda value: value["status"]["hard"] == hard)
    return path


def _limits(kube, core, **item):
    spec = {"limits": [{"type": "Container", **item}]}
    return kube.must("POST", f"{core}/limitranges", {"metadata": {"name": "limits"}, "spec": spec})


def test_a_limit_range_fills_in_what_a_container_leaves_out(kube, core):
    made = _limits(kube, core, default={"cpu": "500m", "memory": "256Mi"}, defaultRequest={"cpu": "100m"})
    assert made["spec"]["limits"][0]["defaultRequest"] == {"cpu": "100m", "memory": "256Mi"}
    pod = kube.must("POST", f"{core}/pods", POD)
    assert pod["spec"]["containers"][0]["resources"] == {
        "limits": {"cpu": "500m", "memory": "256Mi"},
        "requests": {"cpu": "100m", "memory": "256Mi"},
    }


def test_a_limit_range_refuses_what_is_too_big(kube, core):
    _limits(kube, core, max={"cpu": "1"})
    big = {
        **POD,
        "spec": {"containers": [{"name": "app", "image": "nginx:1", "resources": {"limits": {"cpu": "2"}}}]},
    }
    code, found = kube.ask("POST", f"{core}/pods", big)
    assert (code, found["reason"]) == (403, "Forbidden")
    assert found["message"] == 'pods "one" is forbidden: maximum cpu usage per Container is 1, but limit is 2'


def test_a_quota_wants_limits_to_be_specified(kube, core):
    _quota(kube, core, **{"limits.cpu": "2", "limits.memory": "4Gi"})
    code, found = kube.ask("POST", f"{core}/pods", POD)
    assert (code, found["reason"]) == (403, "Forbidden")
    assert found["message"] == (
        'pods "one" is forbidden: failed quota: budget: must specify limits.cpu for: app; limits.memory for: app'
    )


def test_a_quota_refuses_what_exceeds_it(kube, core):
    _quota(kube, core, **{"limits.cpu": "500m"})
    container = {"name": "app", "image": "nginx:1", "resources": {"limits": {"cpu": "2"}}}
    code, found = kube.ask("POST", f"{core}/pods", {**POD, "spec": {"containers": [container]}})
    assert (code, found["reason"]) == (403, "Forbidden")
    assert found["message"] == (
        'pods "one" is forbidden: exceeded quota: budget, requested: limits.cpu=2, used: limits.cpu=0, '
        "limited: limits.cpu=500m"
    )


def test_a_quota_counts_objects(kube, core):
    kube.until(f"{core}/configmaps/kube-root-ca.crt", lambda value: value["data"])
    path = _quota(kube, core, **{"count/configmaps": "9", "services": "0"})
    # What came just before the quota may be missing in its first count; a changed quota is counted anew.
    kube.must("PATCH", path, {"spec": {"hard": {"count/configmaps": "2"}}}, kind=MERGE)
    kube.until(path, lambda value: value["status"]["used"] == {"count/configmaps": "1", "services": "0"})
    kube.must("POST", f"{core}/configmaps", config_map("a"))
    code, found = kube.ask("POST", f"{core}/configmaps", config_map("b"))
    assert code == 403
    assert found["message"].startswith('configmaps "b" is forbidden: exceeded quota: budget, requested: count/')
    service = {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}
    assert kube.ask("POST", f"{core}/services", service)[0] == 403


def test_a_deployment_over_the_quota_gets_no_pods_and_says_so(kube, core, deployments):
    quota = _quota(kube, core, **{"limits.cpu": "2", "limits.memory": "4Gi"})
    big = deployment(replicas=3, limits={"cpu": "1", "memory": "1Gi"})
    kube.must("POST", deployments, big)
    found = kube.until(f"{deployments}/web", lambda value: condition(value, "ReplicaFailure")["status"] == "True")
    failure = condition(found, "ReplicaFailure")
    assert failure["reason"] == "FailedCreate"
    assert "is forbidden: exceeded quota: budget, requested: limits.cpu=1" in failure["message"]
    kube.until(f"{deployments}/web", lambda value: value["status"]["readyReplicas"] == 2)
    kube.until(quota, lambda value: value["status"]["used"] == {"limits.cpu": "2", "limits.memory": "2Gi"})
    events = kube.must("GET", f"{core}/events", fieldSelector="reason=FailedCreate")["items"]
    assert events
    assert events[0]["type"] == "Warning"
    assert events[0]["involvedObject"]["kind"] == "ReplicaSet"
    assert events[0]["message"].startswith("Error creating: pods ")


def test_a_higher_quota_lets_the_rest_in(kube, core, deployments):
    quota = _quota(kube, core, pods="1")
    kube.must("POST", deployments, deployment(replicas=2))
    kube.until(f"{deployments}/web", lambda value: condition(value, "ReplicaFailure")["status"] == "True")
    kube.must("PATCH", quota, {"spec": {"hard": {"pods": "2"}}}, kind=MERGE)
    found = kube.until(f"{deployments}/web", lambda value: value["status"]["readyReplicas"] == 2, seconds=60)
    assert not any(item["type"] == "ReplicaFailure" for item in found["status"]["conditions"])


def test_what_goes_is_given_back(kube, core, deployments):
    quota = _quota(kube, core, pods="2")
    kube.must("POST", deployments, deployment(replicas=2))
    kube.until(quota, lambda value: value["status"]["used"] == {"pods": "2"})
    kube.must("DELETE", f"{deployments}/web")
    kube.until(quota, lambda value: value["status"]["used"] == {"pods": "0"})


@pytest.mark.parametrize("amount", ["lots", "1 Gi"])
def test_a_quantity_has_to_be_one(kube, core, amount):
    wrong = {"metadata": {"name": "budget"}, "spec": {"hard": {"limits.memory": amount}}}
    code, found = kube.ask("POST", f"{core}/resourcequotas", wrong)
    assert (code, found["reason"]) == (400, "BadRequest")
    assert "quantities must match the regular expression" in found["message"]
