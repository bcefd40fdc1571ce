import pytest

from tests.contract.cluster.kube import MERGE
from tests.contract.cluster.manifests import condition, config_map, deployment

pytestmark = [pytest.mark.process, pytest.mark.network]


def _hold(kube, namespace, finalizer="example.com/hold"):
    held = config_map("held")
    held["metadata"]["finalizers"] = [finalizer]
    kube.must("POST", f"/api/v1/namespaces/{namespace}/configmaps", held)


def _release(kube, namespace):
    path = f"/api/v1/namespaces/{namespace}/configmaps/held"
    kube.must("PATCH", path, {"metadata": {"finalizers": None}}, kind=MERGE)


def test_a_new_namespace_is_active_and_furnished(kube, namespace):
    found = kube.must("GET", f"/api/v1/namespaces/{namespace}")
    assert found["status"]["phase"] == "Active"
    assert found["spec"]["finalizers"] == ["kubernetes"]
    assert found["metadata"]["labels"] == {"kubernetes.io/metadata.name": namespace}
    kube.until(f"/api/v1/namespaces/{namespace}/serviceaccounts/default", lambda value: value is not None)
    kube.until(f"/api/v1/namespaces/{namespace}/configmaps/kube-root-ca.crt", lambda value: value is not None)


def test_a_namespace_takes_its_content_along(kube, namespace):
    kube.must("POST", f"/apis/apps/v1/namespaces/{namespace}/deployments", deployment())
    kube.must("POST", f"/api/v1/namespaces/{namespace}/configmaps", config_map())
    found = kube.must("DELETE", f"/api/v1/namespaces/{namespace}")
    assert found["status"]["phase"] == "Terminating"
    assert found["metadata"]["deletionTimestamp"]
    kube.gone(f"/api/v1/namespaces/{namespace}")
    assert kube.ask("GET", f"/api/v1/namespaces/{namespace}/configmaps/settings")[0] == 404
    pods = kube.must("GET", f"/api/v1/namespaces/{namespace}/pods")
    assert pods["items"] == []


def test_a_stuck_namespace_says_what_holds_it(kube, namespace):
    path = f"/api/v1/namespaces/{namespace}"
    _hold(kube, namespace)
    kube.must("DELETE", path)
    found = kube.until(path, lambda value: condition(value, "NamespaceFinalizersRemaining")["status"] == "True")
    remaining = condition(found, "NamespaceContentRemaining")
    assert (remaining["status"], remaining["reason"]) == ("True", "SomeResourcesRemain")
    assert remaining["message"] == "Some resources are remaining: configmaps. has 1 resource instances"
    finalizers = condition(found, "NamespaceFinalizersRemaining")
    assert finalizers["reason"] == "SomeFinalizersRemain"
    assert finalizers["message"] == (
        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"
    )
    assert condition(found, "NamespaceDeletionDiscoveryFailure")["status"] == "False"
    assert condition(found, "NamespaceDeletionContentFailure")["status"] == "False"
    _release(kube, namespace)
    kube.gone(path)


def test_nothing_new_is_let_into_a_namespace_that_goes(kube, namespace):
    _hold(kube, namespace)
    kube.must("DELETE", f"/api/v1/namespaces/{namespace}")
    code, found = kube.ask("POST", f"/api/v1/namespaces/{namespace}/configmaps", config_map())
    assert (code, found["reason"]) == (403, "Forbidden")
    assert found["message"] == (
        f'configmaps "settings" is forbidden: unable to create new content in namespace {namespace} '
        "because it is being terminated"
    )
    assert found["details"]["causes"] == [
        {
            "reason": "NamespaceTerminating",
            "message": f"namespace {namespace} is being terminated",
            "field": "metadata.namespace",
        }
    ]
    _release(kube, namespace)


def test_deleting_a_namespace_twice_is_answered_with_what_is_left(kube, namespace):
    _hold(kube, namespace)
    kube.must("DELETE", f"/api/v1/namespaces/{namespace}")
    code, found = kube.ask("DELETE", f"/api/v1/namespaces/{namespace}")
    assert code in {200, 409}
    assert found.get("status", {}) != "Success"
    _release(kube, namespace)
    kube.gone(f"/api/v1/namespaces/{namespace}")
    assert kube.ask("DELETE", f"/api/v1/namespaces/{namespace}")[0] == 404


def test_a_dead_api_service_stops_namespaces_from_going(kube, namespace, unique):
    services = "/apis/apiregistration.k8s.io/v1/apiservices"
    name = f"v1.{unique}.example.com"
    kube.must(
        "POST",
        services,
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": name},
            "spec": {
                "group": f"{unique}.example.com",
                "version": "v1",
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
                "insecureSkipTLSVerify": True,
                "service": {"name": "nobody", "namespace": namespace, "port": 443},
            },
        },
    )
    try:
        found = kube.until(f"{services}/{name}", lambda value: condition(value, "Available")["status"] == "False")
        assert condition(found, "Available")["reason"] == "ServiceNotFound"
        kube.until(f"/apis/{unique}.example.com/v1", lambda value: value is None)
        assert kube.ask("GET", f"/apis/{unique}.example.com/v1")[0] == 503
        kube.must("DELETE", f"/api/v1/namespaces/{namespace}")
        found = kube.until(
            f"/api/v1/namespaces/{namespace}",
            lambda value: condition(value, "NamespaceDeletionDiscoveryFailure")["status"] == "True",
        )
        failure = condition(found, "NamespaceDeletionDiscoveryFailure")
        assert failure["reason"] == "DiscoveryFailed"
        assert f"{unique}.example.com/v1" in failure["message"]
    finally:
        kube.must("DELETE", f"{services}/{name}")
    kube.gone(f"/api/v1/namespaces/{namespace}", seconds=60)


def test_the_default_namespace_stays(kube):
    code, found = kube.ask("DELETE", "/api/v1/namespaces/default")
    assert (code, found["message"]) == (
        403,
        'namespaces "default" is forbidden: this namespace may not be deleted',
    )
