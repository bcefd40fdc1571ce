import pytest

from eod.argocd.deletion_diagnosis import leak_warning, not_deleted
from eod.argocd.diagnosis import not_healthy
from eod.argocd.verdict import judge
from tests.argocd.builders import NEW, OLD, REFRESH, application, at, operation


def explain(made, revision=NEW, problems=()):
    status = judge(made, name="pr-1", revision=revision).status
    return not_healthy(made, status, revision=revision, seconds=61, problems=problems)


def test_the_message_names_the_application_the_commit_and_the_stage():
    error = explain(application(health="Degraded"))

    assert error.what == "Application `pr-1` is not healthy at 2222222 after 61 s: degraded."


def test_the_detail_holds_conditions_failed_resources_and_problems_of_pods():
    made = application(
        sync="OutOfSync",
        health="Degraded",
        state=operation("Failed", NEW, message="one or more objects failed"),
        conditions=[("SyncError", "Failed sync attempt")],
    )
    made["status"]["operationState"]["syncResult"]["resources"] = [
        {"kind": "Deployment", "name": "web", "status": "SyncFailed", "message": "exceeded quota"},
        {"kind": "Job", "name": "migrate", "hookPhase": "Failed", "message": "exit code 1"},
        {"kind": "Service", "name": "web", "status": "Synced"},
    ]
    made["status"]["resources"] = [
        {"kind": "Deployment", "name": "web", "status": "OutOfSync"},
        {"kind": "Service", "name": "web", "status": "Synced"},
        {"kind": "Pod", "name": "p", "status": "Synced", "health": {"status": "Degraded", "message": "crash"}},
    ]
    detail = explain(made, problems=("Pod web-1: ImagePullBackOff",)).detail.splitlines()

    assert "last sync: Failed: one or more objects failed" in detail
    assert "SyncError: Failed sync attempt" in detail
    assert "Deployment web: SyncFailed: exceeded quota" in detail
    assert "Job migrate: Failed: exit code 1" in detail
    assert "Deployment web: OutOfSync" in detail
    assert "Pod p: Synced, Degraded crash" in detail
    assert detail[-1] == "Pod web-1: ImagePullBackOff"
    assert not any("Service" in line for line in detail)


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (None, "does not exist"),
        (application(deletionTimestamp=at(1)), "being deleted"),
        (application(annotations=REFRESH), "application controller"),
        (application(sync="OutOfSync", state=operation("Failed", NEW)), "does not try a failed commit again"),
        (application(conditions=[("InvalidSpecError", "no project")]), "cannot read the manifests"),
        (application(revision=OLD), "sees 1111111 instead of 2222222"),
        (application(revision=""), "sees nothing instead of 2222222"),
        (application(sync="OutOfSync", spec={"syncPolicy": {}}), "Automated sync is off"),
        (application(sync="OutOfSync", spec={"syncPolicy": {"automated": {"enabled": False}}}), "is off"),
        (application(sync="OutOfSync"), "stays out of sync"),
        (application(health="Progressing"), "does not become ready"),
    ],
)
def test_each_stage_has_its_own_cause_and_advice(made, word):
    error = explain(made)

    assert word in error.why
    assert error.fix


def test_one_line_a_fact_however_it_is_written():
    error = explain(application(conditions=[("ComparisonError", "a\n::error::b")]))

    assert "ComparisonError: a ::error::b" in error.detail.splitlines()


@pytest.mark.parametrize(
    ("made", "project_exists", "word"),
    [
        (application(), False, "AppProject `default` does not exist"),
        (application(pending={"sync": {}}), True, "sync is still running"),
        (application(), None, "finalizer holds it"),
    ],
)
def test_why_an_application_stays(made, project_exists, word):
    error = not_deleted(made, seconds=60, project_exists=project_exists)

    assert word in error.why
    assert "resources-finalizer.argocd.argoproj.io" in error.detail


def test_a_deletion_that_wants_a_person_says_so():
    made = application()
    made["status"]["resources"] = [{"kind": "PVC", "name": "data", "requiresDeletionConfirmation": True}]

    assert "PVC data has to be confirmed" in not_deleted(made, seconds=60, project_exists=True).why


def test_a_cluster_that_argo_cd_does_not_know_leaks_and_that_is_said():
    lost = application(conditions=[("InvalidSpecError", 'there are no clusters with this name: "old"')])

    assert "let go of what Application pr-1 made" in leak_warning(lost)
    assert leak_warning(application()) == ""
    assert leak_warning({**lost, "metadata": {**lost["metadata"], "finalizers": []}}) == ""
