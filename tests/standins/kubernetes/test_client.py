import pytest

pytestmark = pytest.mark.network


@pytest.fixture
def client(cluster):
    from kubernetes import config

    with config.new_client_from_config(str(cluster.kubeconfig)) as made:
        yield made


def _map(name):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "1"}}


def test_the_official_client_gets_along(client):
    from kubernetes.client import ApiException, AppsV1Api, CoreV1Api, VersionApi

    assert VersionApi(client).get_code().git_version == "v1.36.3"
    core = CoreV1Api(client)
    core.create_namespaced_config_map("default", _map("one"))
    assert core.read_namespaced_config_map("one", "default").data == {"a": "1"}
    assert core.delete_namespaced_config_map("one", "default")["status"] == "Success"
    with pytest.raises(ApiException) as refused:
        core.read_namespaced_config_map("one", "default")
    assert (refused.value.status, refused.value.reason) == (404, "Not Found")
    assert AppsV1Api(client).list_deployment_for_all_namespaces().items == []


def test_the_official_watch_sees_changes_and_a_lost_history(client, cluster, hands):
    from kubernetes.client import ApiException, CoreV1Api
    from kubernetes.watch import Watch

    core = CoreV1Api(client)
    version = core.list_namespaced_config_map("default").metadata.resource_version
    core.create_namespaced_config_map("default", _map("one"))
    events = Watch().stream(
        core.list_namespaced_config_map, "default", resource_version=version, timeout_seconds=5
    )
    seen = next((event["type"], event["object"].metadata.name) for event in events)
    events.close()
    assert seen == ("ADDED", "one")
    cluster.api.store.forget()
    stale = Watch().stream(core.list_namespaced_config_map, "default", resource_version=version, timeout_seconds=5)
    with pytest.raises(ApiException) as gone:
        next(stale)
    assert gone.value.status == 410


def test_a_short_history_is_answered_with_gone(cluster, hands):
    from standins.kubernetes.errors import StatusError

    old = cluster.api.store.revision
    for number in range(250):
        hands.create("configmaps", {"metadata": {"name": f"m{number}"}})
    with pytest.raises(StatusError) as gone:
        cluster.api.store.changes_since(old)
    assert gone.value.code == 410


def test_the_dynamic_client_finds_resources(client):
    from kubernetes.dynamic import DynamicClient

    dynamic = DynamicClient(client, cache_file=None)
    maps = dynamic.resources.get(api_version="v1", kind="ConfigMap")
    made = maps.server_side_apply(body=_map("two"), namespace="default", field_manager="test")
    assert made.metadata.name == "two"
