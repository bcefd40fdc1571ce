import pytest

from standins.argocd import Behaviour
from tests.contract.cluster.argo import FINALIZER, are_in_order, dump, pretty, site
from tests.contract.cluster.kube import MERGE
from tests.contract.cluster.manifests import config_map, deployment

pytestmark = [pytest.mark.process, pytest.mark.network]


def test_after_a_sync_the_workload_is_seen_to_progress(repository, app, source):
    commit = repository.commit(site())
    made = app.create(source)
    readings = app.readings(
        made["metadata"]["resourceVersion"], until=lambda one: (one.sync, one.health) == ("Synced", "Healthy")
    )
    assert are_in_order(
        [
            lambda one: one.phase == "Succeeded" and one.sync == "OutOfSync",
            lambda one: (one.sync, one.revision, one.health) == ("Synced", commit, "Progressing"),
            lambda one: (one.sync, one.revision, one.health) == ("Synced", commit, "Healthy"),
        ],
        readings,
    ), pretty(readings)
    results = app.get()["status"]["operationState"]["syncResult"]["resources"]
    assert {item["message"] for item in results} == {
        "namespace/pr-1 created",
        "service/web created",
        "deployment.apps/web created",
        "ingress.networking.k8s.io/web created",
    }


class TestStaleCache:
    @pytest.fixture
    def behaviour(self):
        return Behaviour(stale_cache=True)

    def test_a_second_sync_follows_and_synced_and_healthy_are_read_while_it_runs(self, repository, app, source):
        commit = repository.commit(site())
        app.create(source)
        app.until_ready(commit)
        pushed = repository.commit(site(image="nginx:2"))
        version = app.refresh()["metadata"]["resourceVersion"]
        readings = app.readings(
            version,
            until=lambda one: (
                (one.sync, one.health, one.revision, one.phase, one.operation)
                == ("Synced", "Healthy", pushed, "Succeeded", False)
            ),
        )
        assert are_in_order(
            [
                lambda one: one.phase == "Succeeded" and one.sync == "OutOfSync",
                lambda one: one.operation and one.phase is None,
                lambda one: one.operation and one.phase == "Running" and one.sync == "Synced",
                lambda one: not one.operation and one.phase == "Succeeded" and one.sync == "Synced",
            ],
            readings,
        ), pretty(readings)


class TestOverlookedDeletion:
    @pytest.fixture
    def behaviour(self):
        return Behaviour(overlooks_deletions=True)

    def test_a_refresh_has_the_controller_look_again(self, repository, app, source, kube):
        commit = repository.commit(site())
        app.create(source)
        app.until_ready(commit)
        app.delete()
        app.refresh()
        kube.gone(app.path)
        assert kube.ask("GET", "/apis/apps/v1/namespaces/pr-1/deployments/web")[0] == 404


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"helm": {"releaseName": "x"}}, "not supported by this renderer: helm"),
        ({"kustomize": {"version": "v1"}}, "not supported by this renderer: version"),
    ],
)
def test_what_it_does_not_know_is_a_comparison_error(repository, app, source, change, complaint):
    repository.commit(site())
    app.create({**source, **change})
    app.until(lambda value: value["status"]["sync"]["status"] == "Unknown")
    assert complaint in app.conditions()["ComparisonError"]


def test_a_sync_option_that_it_does_not_know_fails_the_sync(repository, app, source):
    repository.commit(site())
    policy = {"automated": {}, "syncOptions": ["CreateNamespace=true", "Replace=true"], "retry": {"limit": 0}}
    app.create(source, syncPolicy=policy)
    found = app.until(lambda value: value["status"]["operationState"]["phase"] == "Error")
    assert "sync option Replace=true is not supported here" in found["status"]["operationState"]["message"]


def test_waves_wait_for_one_another(repository, app, source, kube):
    late = config_map("late")
    late["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": "1"}
    slow = deployment(image="registry.invalid/app:1")
    files = {
        "deploy/kustomization.yaml": dump({"resources": ["web.yaml", "late.yaml"]}),
        "deploy/web.yaml": dump(slow),
        "deploy/late.yaml": dump(late),
    }
    repository.commit(files)
    app.create(source)
    found = app.until(
        lambda value: (
            value["status"]["operationState"]["message"] == "waiting for healthy state of apps/Deployment/web"
        )
    )
    assert found["status"]["operationState"]["phase"] == "Running"
    assert kube.ask("GET", "/api/v1/namespaces/pr-1/configmaps/late")[0] == 404
    path = "/apis/apps/v1/namespaces/pr-1/deployments/web"
    kube.must("PATCH", path, {"spec": {"replicas": 0}}, kind=MERGE)
    kube.until("/api/v1/namespaces/pr-1/configmaps/late", lambda value: value is not None)


@pytest.fixture
def kube(cluster):
    return cluster.kube


def test_ignored_differences_are_ignored(repository, app, source, kube):
    commit = repository.commit(site())
    rule = {"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}
    app.create(source, ignoreDifferences=[rule])
    app.until_ready(commit)
    path = "/apis/apps/v1/namespaces/pr-1/deployments/web"
    kube.must("PATCH", path, {"spec": {"replicas": 2}}, kind=MERGE)
    app.refresh()
    app.until_ready(commit)
    assert kube.must("GET", path)["spec"]["replicas"] == 2


def test_server_side_apply_leaves_the_fields_of_others(repository, app, source, kube):
    commit = repository.commit(site())
    policy = {"automated": {"selfHeal": True}, "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"]}
    app.create(source, syncPolicy=policy)
    app.until_ready(commit)
    path = "/apis/apps/v1/namespaces/pr-1/deployments/web"
    managers = {item["manager"] for item in kube.must("GET", path)["metadata"]["managedFields"]}
    assert "argocd-controller" in managers
    kube.must("PATCH", path, {"metadata": {"labels": {"mine": "yes"}}}, kind=MERGE)
    pushed = repository.commit(site(image="nginx:2"))
    app.refresh()
    app.until_ready(pushed)
    assert kube.must("GET", path)["metadata"]["labels"] == {"mine": "yes"}


def test_a_resource_may_be_kept_from_deletion(repository, app, source, kube):
    kept = config_map("kept")
    kept["metadata"]["annotations"] = {"argocd.argoproj.io/sync-options": "Delete=false"}
    files = site() | {"deploy/kustomization.yaml": dump({"resources": ["web.yaml", "kept.yaml"]})}
    commit = repository.commit(files | {"deploy/kept.yaml": dump(kept)})
    app.create(source)
    app.until_ready(commit)
    app.delete()
    kube.gone(app.path)
    assert kube.ask("GET", "/api/v1/namespaces/pr-1/configmaps/kept")[0] == 200


def test_a_confirmed_deletion_waits_for_the_confirmation(repository, app, source, kube):
    asked = config_map("asked")
    asked["metadata"]["annotations"] = {"argocd.argoproj.io/sync-options": "Delete=confirm"}
    files = site() | {"deploy/kustomization.yaml": dump({"resources": ["asked.yaml"]})}
    commit = repository.commit(files | {"deploy/asked.yaml": dump(asked)})
    app.create(source)
    app.until_ready(commit)
    app.delete()
    held = app.get()
    assert held["metadata"]["finalizers"] == [FINALIZER]
    approved = {"argocd.argoproj.io/deletion-approved": "2099-01-02T03:04:05Z"}
    app.patch({"metadata": {"annotations": approved}})
    kube.gone(app.path)
