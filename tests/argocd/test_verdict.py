import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.argocd.verdict import DEGRADED_SECONDS, ERROR_SECONDS, judge
from eod.model.kube import ApplicationStage as Stage
from tests.argocd.builders import NEW, OLD, REFRESH, SOURCE, application, at, operation

SYNC = {"sync": {"revision": NEW, "prune": True}}


def stage(made, revision=NEW):
    return judge(made, name="pr-1", revision=revision).status.stage


AFTER_A_PUSH = [
    (
        "before anybody looked",
        application(revision=OLD, state=operation("Succeeded", OLD)),
        Stage.WAITING_FOR_REVISION,
    ),
    (
        "our refresh is set",
        application(revision=OLD, state=operation("Succeeded", OLD), annotations=REFRESH),
        Stage.WAITING_FOR_REVISION,
    ),
    (
        "an operation is set, its state is gone",
        application(revision=OLD, pending=SYNC, annotations=REFRESH),
        Stage.WAITING_FOR_REVISION,
    ),
    (
        "the refresh is answered: out of sync, healthy of the old",
        application(sync="OutOfSync", pending=SYNC, reconciled=20),
        Stage.SYNCING,
    ),
    (
        "running",
        application(sync="OutOfSync", pending=SYNC, state=operation("Running", NEW), reconciled=20),
        Stage.SYNCING,
    ),
    (
        "succeeded, still out of sync, still healthy of the old",
        application(sync="OutOfSync", state=operation("Succeeded", NEW, finished=21), reconciled=20),
        Stage.SYNCING,
    ),
    (
        "synced, progressing",
        application(state=operation("Succeeded", NEW, finished=21), reconciled=21, health="Progressing"),
        Stage.PROGRESSING,
    ),
    (
        "synced, healthy",
        application(state=operation("Succeeded", NEW, finished=21), reconciled=22),
        Stage.HOLDING,
    ),
]
"""What a real Argo CD 3.2.3 showed within 0.7 s after a push and a refresh."""


@pytest.mark.parametrize(("when", "made", "expected"), AFTER_A_PUSH, ids=[when for when, _, _ in AFTER_A_PUSH])
def test_the_sequence_after_a_push_is_right_at_its_end_only(when, made, expected):
    assert stage(made) is expected


def test_a_commit_that_changes_no_manifest_has_no_operation_of_its_own():
    untouched = application(revision=NEW, state=operation("Succeeded", OLD, finished=10), reconciled=300)

    assert stage(untouched) is Stage.HOLDING


def test_an_application_over_objects_that_already_match_has_no_operation_at_all():
    assert stage(application(state=None)) is Stage.HOLDING


def test_a_comparison_in_the_second_in_which_the_sync_ended_counts():
    assert stage(application(state=operation("Succeeded", NEW, finished=30), reconciled=30)) is Stage.HOLDING


def test_a_comparison_older_than_the_end_of_the_sync_does_not_count():
    early = application(state=operation("Succeeded", NEW, finished=30), reconciled=29)

    assert stage(early) is Stage.SYNCING


def test_a_new_application_without_a_status_waits():
    fresh = application()
    del fresh["status"]

    assert stage(fresh) is Stage.WAITING_FOR_REVISION


def test_no_application_is_missing():
    assert stage(None) is Stage.MISSING


def test_any_of_several_sources_may_be_the_expected_one():
    assert stage(application(revisions=["v1.2.3", NEW])) is Stage.HOLDING
    assert stage(application(revisions=["v1.2.3", OLD])) is Stage.WAITING_FOR_REVISION


def test_the_status_shows_the_expected_revision_among_several():
    found = judge(application(revisions=["v1.2.3", NEW]), name="pr-1", revision=NEW)

    assert found.status.revision == NEW


def test_an_unknown_revision_is_any_that_was_compared_with_the_wanted_source():
    assert stage(application(revision="1.4.0"), revision="") is Stage.HOLDING
    assert stage(application(revision=""), revision="") is Stage.WAITING_FOR_REVISION


@pytest.mark.parametrize("key", ["targetRevision", "repoURL", "path", "chart"])
def test_a_comparison_with_another_source_is_of_no_use(key):
    made = application(revision="1.4.0")
    made["status"]["sync"]["comparedTo"] = {"source": {**SOURCE, key: "another"}}

    assert stage(made, revision="") is Stage.WAITING_FOR_REVISION


def test_a_comparison_with_the_same_source_counts_whatever_argo_cd_adds_to_it():
    made = application()
    made["status"]["sync"]["comparedTo"] = {"source": {**SOURCE, "helm": {}}}

    assert stage(made) is Stage.HOLDING


def test_a_hydrated_application_has_no_source_to_compare():
    made = application(spec={"source": None, "sourceHydrator": {}})
    made["status"]["sync"]["comparedTo"] = {"source": SOURCE}

    assert stage(made) is Stage.HOLDING


@pytest.mark.parametrize("phase", ["Failed", "Error"])
def test_a_failed_sync_of_this_commit_is_final(phase):
    found = judge(
        application(sync="OutOfSync", state=operation(phase, NEW, message="one or more objects failed to apply")),
        name="pr-1",
        revision=NEW,
    )

    assert found.status.stage is Stage.FAILED
    assert found.patience == 0.0
    assert "one or more objects failed to apply" in found.status.message


def test_a_failed_hook_is_final_although_everything_is_synced_and_healthy():
    assert stage(application(state=operation("Failed", NEW, message="PostSync hook failed"))) is Stage.FAILED


def test_a_failed_sync_of_an_older_commit_says_nothing_of_this_one():
    assert stage(application(state=operation("Failed", OLD))) is Stage.HOLDING
    assert stage(application(sync="OutOfSync", state=operation("Failed", OLD))) is Stage.SYNCING


def test_a_failed_sync_counts_for_an_unknown_revision_if_it_is_the_present_one():
    assert stage(application(revision="1.4.0", state=operation("Failed", "1.4.0")), revision="") is Stage.FAILED
    assert stage(application(revision="1.4.0", state=operation("Failed", "1.3.0")), revision="") is Stage.HOLDING


def test_a_sync_that_failed_before_it_had_a_result_tells_its_revision_by_what_was_asked():
    state = operation("Error", NEW, operation={"sync": {"revision": NEW}})
    del state["syncResult"]

    assert stage(application(sync="OutOfSync", state=state)) is Stage.FAILED


def test_a_sync_that_is_tried_again_by_argo_cd_itself_is_under_way():
    retrying = operation("Running", NEW, message="Retrying attempt #2", retryCount=2)

    assert stage(application(sync="OutOfSync", state=retrying, pending=SYNC)) is Stage.SYNCING


@pytest.mark.parametrize("kind", ["ComparisonError", "InvalidSpecError"])
def test_what_keeps_argo_cd_from_comparing_is_given_some_time(kind):
    broken = application(sync="Unknown", revision=OLD, conditions=[(kind, "rpc error: no such path")])
    found = judge(broken, name="pr-1", revision=NEW)

    assert found.status.stage is Stage.FAILED
    assert found.patience == ERROR_SECONDS
    assert "no such path" in found.status.message


def test_a_harmless_condition_is_none_of_ours():
    assert stage(application(conditions=[("SharedResourceWarning", "x"), ("OrphanedResourceWarning", "y")])) is (
        Stage.HOLDING
    )


def test_a_condition_from_before_our_refresh_does_not_count_while_the_refresh_is_pending():
    broken = application(annotations=REFRESH, conditions=[("ComparisonError", "old")])

    assert stage(broken) is Stage.WAITING_FOR_REVISION


def test_degraded_is_given_time_to_heal():
    found = judge(application(health="Degraded"), name="pr-1", revision=NEW)

    assert found.status.stage is Stage.DEGRADED
    assert found.patience == DEGRADED_SECONDS


@pytest.mark.parametrize("health", ["Progressing", "Suspended", "Missing", "Unknown", ""])
def test_no_other_health_is_ready_and_none_is_final(health):
    found = judge(application(health=health), name="pr-1", revision=NEW)

    assert found.status.stage is Stage.PROGRESSING
    assert found.patience is None


def test_an_application_that_is_being_deleted_is_not_ready():
    assert stage(application(deletionTimestamp=at(5))) is Stage.FAILED


def test_messages_are_one_bounded_line():
    long = application(sync="OutOfSync", state=operation("Failed", NEW, message="a\n::error::\n" + "b" * 9000))
    message = judge(long, name="pr-1", revision=NEW).status.message

    assert "\n" not in message
    assert len(message) <= 500


READINGS = st.fixed_dictionaries(
    {
        "sync": st.sampled_from(["Synced", "OutOfSync", "Unknown", ""]),
        "revision": st.sampled_from([OLD, NEW, ""]),
        "health": st.sampled_from(["Healthy", "Progressing", "Degraded", "Missing", "Suspended", "Unknown", ""]),
        "phase": st.sampled_from([None, "Running", "Terminating", "Succeeded", "Failed", "Error"]),
        "of": st.sampled_from([OLD, NEW]),
        "finished": st.integers(5, 15),
        "reconciled": st.integers(5, 15),
        "pending": st.sampled_from([None, SYNC]),
        "annotations": st.sampled_from([None, REFRESH]),
        "conditions": st.sampled_from([(), (("ComparisonError", "x"),)]),
        "deleted": st.sampled_from([{}, {"deletionTimestamp": at(1)}]),
    }
)


@given(READINGS)
def test_nothing_holds_but_what_meets_every_condition(reading):
    phase, of, finished = reading.pop("phase"), reading.pop("of"), reading.pop("finished")
    deleted = reading.pop("deleted")
    state = None if phase is None else operation(phase, of, finished=finished)

    finished_well = phase in {None, "Succeeded"} or (phase in {"Failed", "Error"} and of == OLD)
    right = (
        (reading["sync"], reading["revision"], reading["health"]) == ("Synced", NEW, "Healthy")
        and finished_well
        and (phase is None or reading["reconciled"] >= finished)
        and not any((reading["pending"], reading["annotations"], reading["conditions"], deleted))
    )
    assert (stage(application(state=state, **reading, **deleted)) is Stage.HOLDING) == right
