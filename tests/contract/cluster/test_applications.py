import re

import pytest

from tests.contract.cluster.argo import FINALIZER, App, are_in_order, dump, pretty, site
from tests.contract.cluster.kube import MERGE
from tests.contract.cluster.manifests import config_map, deployment

pytestmark = [pytest.mark.process, pytest.mark.network]


@pytest.fixture
def repository(cluster, unique):
    return cluster.repository(unique)


@pytest.fixture
def app(cluster, kube, unique):
    made = App(cluster, unique)
    yield made
    kube.ask("PATCH", made.path, {"metadata": {"finalizers": None}, "operation": None}, kind=MERGE)
    made.delete()
    kube.ask("DELETE", f"/api/v1/namespaces/{unique}")


@pytest.fixture
def source(repository):
    return {"repoURL": repository.url, "path": "deploy", "targetRevision": "main"}


@pytest.fixture
def running(repository, app, source):
    """An Application that has become ready at its first commit."""
    commit = repository.commit(site())
    app.create(source)
    app.until_ready(commit)
    return commit


def is_ready(one, commit):
    """Where readings end; a sync ends with it, or before it, or starts once more and ends after it."""
    return (one.sync, one.revision, one.health, one.phase) == ("Synced", commit, "Healthy", "Succeeded")


def _deployment(app):
    return f"/apis/apps/v1/namespaces/{app.name}/deployments/web"


def test_a_kustomization_becomes_synced_and_healthy_at_its_revision(repository, app, source, kube):
    commit = repository.commit(site())
    made = app.create(source)
    readings = app.readings(
        made["metadata"]["resourceVersion"],
        until=lambda one: is_ready(one, commit),
    )
    assert are_in_order(
        [
            lambda one: one.operation and one.phase is None,
            lambda one: (one.sync, one.revision, one.health) == ("OutOfSync", commit, "Missing"),
            lambda one: one.phase == "Running",
            lambda one: one.phase == "Succeeded" and not one.operation,
        ],
        readings,
    ), pretty(readings)
    status = app.get()["status"]
    state = status["operationState"]
    assert (state["phase"], state["message"]) == ("Succeeded", "successfully synced (all tasks run)")
    assert state["operation"]["initiatedBy"] == {"automated": True}
    assert state["operation"]["retry"] == {"limit": 5}
    assert state["operation"]["sync"]["revision"] == state["syncResult"]["revision"] == commit
    assert state["startedAt"] <= state["finishedAt"] <= status["reconciledAt"]
    assert status["sync"]["comparedTo"] == {
        "source": source,
        "destination": {"server": "https://kubernetes.default.svc", "namespace": app.name},
    }
    assert status["sourceType"] == "Kustomize"
    assert status["controllerNamespace"] == app.get()["metadata"]["namespace"]
    assert status["summary"]["images"] == ["nginx:1"]
    assert status["history"][-1]["revision"] == commit
    assert {(item["kind"], item["name"], item["status"]) for item in status["resources"]} == {
        ("Deployment", "web", "Synced"),
        ("Service", "web", "Synced"),
        ("Ingress", "web", "Synced"),
    }
    assert not any("health" in item for item in status["resources"])
    # A comparison with a stale cache starts a second sync, of the resources only that it takes for different.
    for result in state["syncResult"]["resources"]:
        assert (result["status"], result["syncPhase"]) in {("Synced", "Sync"), ("Synced", "PreSync")}
        assert re.fullmatch(r"[a-z.0-9]+/[\w-]+ (created|configured|unchanged)", result["message"])
    live = kube.must("GET", _deployment(app))
    tracking = live["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert tracking == f"{app.name}:apps/Deployment:{app.name}/web"


def test_after_a_push_healthy_and_succeeded_are_read_before_they_are_true(repository, app, running):
    pushed = repository.commit(site(image="nginx:2"))
    version = app.refresh()["metadata"]["resourceVersion"]
    readings = app.readings(str(int(version) - 1), until=lambda one: is_ready(one, pushed))
    assert are_in_order(
        [
            lambda one: one.refresh and is_ready(one, running),
            lambda one: one.operation and one.phase is None and one.revision == running,
            lambda one: (
                not one.refresh and (one.sync, one.revision, one.health) == ("OutOfSync", pushed, "Healthy")
            ),
            lambda one: one.phase == "Running" and (one.sync, one.health) == ("OutOfSync", "Healthy"),
            # Who is first is chance: the sync's end, or the comparison that sees what it did.
            lambda one: (
                (one.phase, one.operation, one.sync, one.health) == ("Succeeded", False, "OutOfSync", "Healthy")
                or (one.phase, one.sync, one.revision) == ("Running", "Synced", pushed)
            ),
        ],
        readings,
    ), pretty(readings)


def test_a_push_that_changes_no_manifest_moves_the_revision_without_an_operation(repository, app, running):
    before = app.get()["status"]
    pushed = repository.commit({"README.md": "more words"})
    version = app.refresh()["metadata"]["resourceVersion"]
    readings = app.readings(version, until=lambda one: one.revision == pushed)
    assert not any(one.operation for one in readings)
    after = app.until_ready(pushed)["status"]
    assert after["operationState"] == before["operationState"]
    assert after["operationState"]["syncResult"]["revision"] == running


def test_an_application_over_objects_that_match_is_ready_without_an_operation(cluster, repository, app, source):
    commit = repository.commit(site())
    app.create(source, finalizer=False)
    app.until_ready(commit)
    app.delete()
    app.until_gone()
    app.create(source)
    found = app.until_ready(commit)
    assert "operationState" not in found["status"]
    assert "history" not in found["status"]


def test_a_refresh_is_consumed_and_moves_the_time_of_reconciliation(app, running):
    before = app.get()["status"]["reconciledAt"]
    while app.get()["status"]["reconciledAt"] == before:
        app.refresh()
        found = app.until(
            lambda value: "annotations" not in value["metadata"] or not value["metadata"]["annotations"]
        )
    assert found["status"]["sync"]["revision"] == running


def test_every_write_of_the_status_moves_the_generation(app, running):
    before = app.get()["metadata"]["generation"]
    assert before > 1
    app.refresh()
    app.until(lambda value: not value["metadata"].get("annotations"))
    app.patch({"status": {"observedAt": "2026-01-02T03:04:05Z"}})
    assert app.get()["metadata"]["generation"] > before


def test_what_is_removed_from_the_repository_is_pruned(repository, app, running, kube):
    pushed = repository.commit(
        {"deploy/kustomization.yaml": dump({"resources": ["web.yaml"]}), "deploy/web.yaml": dump(deployment())}
    )
    app.refresh()
    found = app.until_ready(pushed)
    assert kube.ask("GET", f"/api/v1/namespaces/{app.name}/services/web")[0] == 404
    assert kube.ask("GET", f"/apis/networking.k8s.io/v1/namespaces/{app.name}/ingresses/web")[0] == 404
    assert [item["kind"] for item in found["status"]["resources"]] == ["Deployment"]


def test_what_somebody_deletes_comes_back(app, running, kube):
    path = f"/api/v1/namespaces/{app.name}/services/web"
    uid = kube.must("GET", path)["metadata"]["uid"]
    kube.must("DELETE", path)
    kube.until(path, lambda value: value["metadata"]["uid"] != uid)


def test_what_somebody_edits_is_put_back(app, running, kube):
    kube.must("PATCH", _deployment(app), {"spec": {"replicas": 3}}, kind=MERGE)
    kube.until(_deployment(app), lambda value: value["spec"]["replicas"] == 1)
    app.until_ready(running)


def test_wiping_out_everything_is_refused(repository, app, running):
    pushed = repository.commit({"deploy/kustomization.yaml": dump({"resources": []})})
    app.refresh()
    app.until(lambda value: value["status"]["sync"]["revision"] == pushed)
    assert app.get()["status"]["sync"]["status"] == "OutOfSync"
    assert "auto-sync will wipe out all resources" in app.conditions()["SyncError"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targetRevision": "no-such-branch"}, "unable to resolve 'no-such-branch' to a commit SHA"),
        ({"path": "nowhere"}, "nowhere: app path does not exist"),
        ({"repoURL": "file:///nowhere/at/all"}, "Failed to load target state"),
    ],
)
def test_a_source_that_is_not_there_is_a_comparison_error(repository, app, source, change, message):
    repository.commit(site())
    app.create({**source, **change})
    app.until(lambda value: value["status"]["sync"]["status"] == "Unknown")
    assert message in app.conditions()["ComparisonError"]
    assert "operationState" not in app.get()["status"]


def test_a_broken_kustomization_is_a_comparison_error_until_it_is_mended(repository, app, running):
    repository.commit({"deploy/kustomization.yaml": dump({"resources": ["missing.yaml"]})})
    app.refresh()
    app.until(lambda value: value["status"]["sync"]["status"] == "Unknown")
    assert app.conditions()["ComparisonError"].startswith(
        "Failed to load target state: failed to generate manifest"
    )
    assert app.get()["status"]["health"]["status"] == "Healthy"
    mended = repository.commit(site())
    app.refresh()
    app.until_ready(mended)
    assert app.conditions() == {}


def test_a_project_that_is_not_there_is_an_invalid_spec(repository, app, source):
    repository.commit(site())
    app.create(source, project="none")
    app.until(lambda value: value["status"]["sync"]["status"] == "Unknown")
    status = app.get()["status"]
    assert (status["sync"]["status"], status["health"]["status"]) == ("Unknown", "Unknown")
    assert app.conditions() == {"InvalidSpecError": "Application referencing project none which does not exist"}


def test_a_destination_outside_the_project_is_an_invalid_spec(cluster, repository, app, source, kube):
    projects = app.collection.replace("applications", "appprojects")
    spec = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "pr-*"}]}
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": app.name},
        "spec": spec,
    }
    kube.must("POST", projects, body)
    repository.commit(site())
    app.create(source, project=app.name)
    app.until(lambda value: value["status"]["conditions"])
    assert "do not match any of the allowed destinations in project" in app.conditions()["InvalidSpecError"]
    app.delete()
    app.until_gone()
    kube.must("DELETE", f"{projects}/{app.name}")


def test_a_sync_is_asked_for_by_an_operation(repository, app, source):
    commit = repository.commit(site())
    app.create(source, automated=False)
    app.until(lambda value: value["status"]["sync"]["status"] == "OutOfSync")
    assert "operationState" not in app.get()["status"]
    operation = {"sync": {"revision": commit, "syncOptions": ["CreateNamespace=true"]}}
    asked = app.patch({"operation": {"initiatedBy": {"username": "eod"}, **operation}})
    readings = app.readings(asked["metadata"]["resourceVersion"], until=lambda one: is_ready(one, commit))
    assert are_in_order(
        [
            lambda one: one.operation and one.phase == "Running",
            lambda one: not one.operation and one.phase == "Succeeded",
        ],
        readings,
    ), pretty(readings)
    assert app.get()["status"]["operationState"]["operation"]["initiatedBy"] == {"username": "eod"}


def test_an_operation_state_is_merged_into_the_one_before(app, running):
    app.patch({"operation": {"initiatedBy": {"username": "eod"}, "sync": {"revision": running}}})
    found = app.until(
        lambda value: (
            value["status"]["operationState"]["operation"]["initiatedBy"]["username"] == "eod"
            and value["status"]["operationState"]["phase"] == "Succeeded"
        )
    )
    state = found["status"]["operationState"]
    assert state["operation"]["initiatedBy"] == {"automated": True, "username": "eod"}
    assert state["operation"]["sync"]["prune"] is True


def test_the_repository_may_be_a_plain_folder_of_manifests(repository, app):
    commit = repository.commit(
        {"plain/a.yaml": dump(config_map("a")), "plain/deeper/b.yaml": dump(config_map("b"))}
    )
    source = {"repoURL": repository.url, "path": "plain", "targetRevision": "HEAD"}
    app.create({**source, "directory": {"recurse": True}})
    found = app.until_ready(commit)
    assert found["status"]["sourceType"] == "Directory"
    assert [item["name"] for item in found["status"]["resources"]] == ["a", "b"]
    app.patch({"spec": {"source": {"directory": None}}})
    found = app.until(lambda value: len(value["status"]["resources"]) == 1)
    assert found["status"]["resources"][0]["name"] == "a"


def test_a_commit_may_be_reachable_from_a_pull_request_only(repository, app, source):
    repository.commit(site())
    repository.git("switch", "--quiet", "--detach")
    commit = repository.commit(site(image="nginx:2"))
    repository.git("update-ref", "refs/pull/7/head", commit)
    repository.git("switch", "--quiet", "main")
    app.create({**source, "targetRevision": commit})
    assert app.until_ready(commit)["status"]["summary"]["images"] == ["nginx:2"]


@pytest.mark.parametrize("name", ["v1", "refs/heads/main", "HEAD"])
def test_a_revision_may_be_any_name_of_a_commit(repository, app, source, name):
    commit = repository.commit(site())
    repository.git("tag", "--annotate", "--message=one", "v1")
    app.create({**source, "targetRevision": name})
    app.until_ready(commit)


def test_the_application_adjusts_the_kustomization(repository, app, source, kube):
    commit = repository.commit(site())
    patch = "- op: replace\n  path: /spec/replicas\n  value: 2\n"
    app.create(
        {
            **source,
            "kustomize": {
                "images": ["nginx=registry.example.com/site:abc"],
                "commonAnnotations": {"example.com/of": "preview"},
                "patches": [{"target": {"kind": "Deployment"}, "patch": patch}],
            },
        }
    )
    app.until_ready(commit)
    live = kube.must("GET", _deployment(app))
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example.com/site:abc"
    assert live["spec"]["replicas"] == 2
    assert live["metadata"]["annotations"]["example.com/of"] == "preview"


def test_a_pre_sync_job_runs_before_the_rest(repository, app, source, kube):
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate", "annotations": {"argocd.argoproj.io/hook": "PreSync"}},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1"}]}}},
    }
    files = site() | {"deploy/kustomization.yaml": dump({"resources": ["web.yaml", "job.yaml"]})}
    commit = repository.commit(files | {"deploy/job.yaml": dump(job)})
    made = app.create(source)
    hook = app.until_result(made["metadata"]["resourceVersion"], lambda item: item.get("hookType") == "PreSync")
    assert (hook["kind"], hook["name"], hook["syncPhase"]) == ("Job", "migrate", "PreSync")
    found = app.until_ready(commit)
    assert all(item["kind"] != "Job" or item.get("hook") for item in found["status"]["resources"])
    ended = kube.must("GET", f"/apis/batch/v1/namespaces/{app.name}/jobs/migrate")["status"]["completionTime"]
    assert ended <= kube.must("GET", _deployment(app))["metadata"]["creationTimestamp"]


def test_a_sync_that_waits_can_be_terminated(repository, app, source, kube):
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate", "annotations": {"argocd.argoproj.io/hook": "PreSync"}},
        "spec": {
            "suspend": True,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1"}]}},
        },
    }
    files = site() | {"deploy/kustomization.yaml": dump({"resources": ["web.yaml", "job.yaml"]})}
    repository.commit(files | {"deploy/job.yaml": dump(job)})
    app.create(source)
    waiting = app.until(
        lambda value: "waiting for completion of hook" in value["status"]["operationState"]["message"]
    )
    assert waiting["status"]["operationState"]["phase"] == "Running"
    message = waiting["status"]["operationState"]["message"]
    assert message.startswith("waiting for completion of hook batch/Job/migrate")

    def has_ended(value):
        # A write of the controller that is under way may overwrite the request: it has to be repeated.
        if value["status"]["operationState"]["phase"] == "Running":
            app.patch({"status": {"operationState": {"phase": "Terminating"}}})
        return value["status"]["operationState"]["phase"] == "Failed"

    found = app.until(has_ended)
    assert found["status"]["operationState"]["message"] == "Operation terminated"
    assert "operation" not in found
    assert kube.ask("GET", _deployment(app))[0] == 404


def test_a_commit_that_failed_is_not_tried_again_by_itself(repository, app, source):
    broken = deployment()
    broken["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": 80, "name": "Not A Name!"}]
    broken["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    files = {"deploy/kustomization.yaml": dump({"resources": ["web.yaml"]}), "deploy/web.yaml": dump(broken)}
    commit = repository.commit(files)
    policy = {"automated": {"prune": True}, "retry": {"limit": 0}, "syncOptions": ["CreateNamespace=true"]}
    app.create(source, syncPolicy=policy)
    found = app.until(lambda value: value["status"]["operationState"]["phase"] == "Failed")
    assert "one or more objects failed to apply" in found["status"]["operationState"]["message"]
    started = found["status"]["operationState"]["startedAt"]
    app.refresh()
    app.until(lambda value: not value["metadata"].get("annotations"))
    assert app.get()["status"]["operationState"]["startedAt"] == started
    assert app.conditions()["SyncError"].startswith(f"Failed last sync attempt to [{commit}]: ")
    mended = repository.commit(site())
    app.refresh()
    app.until_ready(mended)


def test_a_failed_sync_is_retried_with_a_pause(repository, app, source):
    broken = deployment()
    broken["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    files = {"deploy/kustomization.yaml": dump({"resources": ["web.yaml"]}), "deploy/web.yaml": dump(broken)}
    repository.commit(files)
    app.create(source)
    found = app.until(lambda value: value["status"]["operationState"]["retryCount"] == 1)
    state = found["status"]["operationState"]
    assert (state["phase"], "operation" in found) == ("Running", True)
    assert state["finishedAt"]
    assert "Retrying attempt #1 at" in state["message"]


def test_deletion_cascades_but_leaves_the_namespace(app, running, kube):
    app.delete()
    app.until_gone()
    assert kube.ask("GET", _deployment(app))[0] == 404
    assert kube.must("GET", f"/apis/apps/v1/namespaces/{app.name}/replicasets")["items"] == []
    assert kube.ask("GET", f"/apis/networking.k8s.io/v1/namespaces/{app.name}/ingresses/web")[0] == 404
    assert kube.must("GET", f"/api/v1/namespaces/{app.name}")["status"]["phase"] == "Active"


def test_without_a_finalizer_deletion_leaves_everything(app, running, kube):
    app.patch({"metadata": {"finalizers": None}})
    app.delete()
    app.until_gone()
    assert kube.ask("GET", _deployment(app))[0] == 200


def test_a_destination_that_nobody_knows_loses_the_finalizer_and_leaks(app, running, kube):
    app.patch({"spec": {"destination": {"server": "https://gone.example.com"}}})
    app.until(lambda value: value["status"]["sync"]["status"] == "Unknown")
    app.delete()
    app.until_gone()
    assert kube.ask("GET", _deployment(app))[0] == 200


def test_a_missing_project_holds_the_deletion(app, running, kube):
    app.patch({"spec": {"project": "none"}})
    app.refresh()
    app.until(lambda value: value["status"]["sync"]["status"] == "Unknown")
    app.delete()
    found = app.until(lambda value: any(item["type"] == "DeletionError" for item in value["status"]["conditions"]))
    assert found["metadata"]["finalizers"] == [FINALIZER]
    assert kube.ask("GET", _deployment(app))[0] == 200
    app.patch({"spec": {"project": "default"}})
    app.until_gone()
    assert kube.ask("GET", _deployment(app))[0] == 404


def test_what_is_stuck_holds_the_application(app, running, kube):
    service = f"/api/v1/namespaces/{app.name}/services/web"
    kube.must("PATCH", service, {"metadata": {"finalizers": ["example.com/hold"]}}, kind=MERGE)
    app.delete()
    kube.until(service, lambda value: value["metadata"]["deletionTimestamp"])
    found = app.get()
    assert found["metadata"]["deletionTimestamp"]
    assert found["metadata"]["finalizers"] == [FINALIZER]
    kube.must("PATCH", service, {"metadata": {"finalizers": None}}, kind=MERGE)
    app.until_gone()
