import pytest

from eod.argocd.delivery import Delivery
from eod.errors import CancelledError, ClusterError, CredentialsError, NotHealthyError
from eod.model.kube import ApplicationStage as Stage
from eod.model.kube import ApplicationStatus
from tests.argocd.builders import NEW, OLD, REFRESH, application, operation
from tests.argocd.scripted import ScriptedStore
from tests.argocd.test_verdict import AFTER_A_PUSH
from tests.cluster.clocks import FastClock

FAILED = application(sync="OutOfSync", state=operation("Failed", NEW, message="quota exceeded"))
RUNNING = application(sync="OutOfSync", state=operation("Running", NEW), pending={"sync": {}})
READY = application(state=operation("Succeeded", NEW, finished=20), reconciled=21)


AGAIN = {**FAILED, "metadata": {**FAILED["metadata"], "resourceVersion": "3"}}


def wait(store, *, revision=NEW, timeout=600, hold=3, seen=None, **options):
    return Delivery(store, store.clock, **options).wait_ready(
        "pr-1",
        revision,
        timeout_seconds=timeout,
        hold_seconds=hold,
        on_status=(lambda _status: None) if seen is None else seen.append,
    )


def test_the_sequence_after_a_push_is_followed_to_its_end():
    store = ScriptedStore(*[(n * 0.1, made) for n, (_, made, _) in enumerate(AFTER_A_PUSH)])
    seen: list[ApplicationStatus] = []

    status = wait(store, seen=seen)

    assert status.stage is Stage.READY
    assert status.revision == NEW
    stages = [one.stage for one in seen]
    assert list(dict.fromkeys(stages)) == [
        Stage.WAITING_FOR_REVISION,
        Stage.SYNCING,
        Stage.PROGRESSING,
        Stage.HOLDING,
        Stage.READY,
    ]
    assert store.clock.seconds == pytest.approx(0.7 + 3, abs=0.5)


def test_healthy_for_a_moment_is_not_enough():
    dips = [(0, READY), (2, application(health="Progressing")), (5, READY)]
    store = ScriptedStore(*dips)

    wait(store)

    assert store.clock.seconds >= 8


def test_an_unchanged_status_is_told_once():
    seen: list[ApplicationStatus] = []
    wait(ScriptedStore((0, application(health="Progressing")), (100, READY)), seen=seen)

    assert [one.stage for one in seen] == [Stage.PROGRESSING, Stage.HOLDING, Stage.READY]


def test_a_failed_sync_is_reported_at_once():
    store = ScriptedStore((0, application(revision=OLD)), (4, RUNNING), (5, FAILED))

    with pytest.raises(NotHealthyError, match="failed") as caught:
        wait(store)

    assert "quota exceeded" in caught.value.detail
    assert store.clock.seconds < 6
    assert store.called("sync") == []


def test_a_sync_that_had_failed_before_gets_one_more_try():
    store = ScriptedStore((0, FAILED), on={"sync": [(1, RUNNING), (4, READY)]})

    assert wait(store).stage is Stage.READY
    assert store.called("sync") == [(0.0, "sync", NEW)]


def test_the_failure_after_that_is_final_even_if_the_sync_itself_was_never_seen():
    store = ScriptedStore((0, FAILED), on={"sync": [(0.5, AGAIN)]})

    with pytest.raises(NotHealthyError):
        wait(store)

    assert store.clock.seconds < 2


def test_a_second_failure_of_the_same_commit_is_final_even_within_the_same_second():
    store = ScriptedStore((0, FAILED), on={"sync": [(0.2, RUNNING), (0.4, AGAIN)]})

    with pytest.raises(NotHealthyError):
        wait(store)

    assert len(store.called("sync")) == 1
    assert store.clock.seconds < 2


BEHIND = application(sync="OutOfSync", state=operation("Running", OLD), pending={"sync": {}})


def test_a_sync_of_an_older_commit_that_does_not_end_is_stopped():
    stopped = application(sync="OutOfSync", state=operation("Failed", OLD, message="Operation terminated"))
    store = ScriptedStore((0, BEHIND), on={"terminate": [(1, stopped), (2, RUNNING), (5, READY)]})

    assert wait(store).stage is Stage.READY
    assert store.called("terminate") == [(pytest.approx(30, abs=1), "terminate")]
    assert store.called("sync") == []


def test_a_sync_that_does_not_stop_is_told_again():
    store = ScriptedStore((0, BEHIND))

    with pytest.raises(NotHealthyError):
        wait(store, timeout=60)
    assert [round(call[0]) for call in store.called("terminate")] == [30, 40, 50]


@pytest.mark.parametrize(
    "made",
    [
        RUNNING,
        application(sync="OutOfSync", revision=OLD, state=operation("Running", OLD), pending={"sync": {}}),
    ],
    ids=["it is the wanted one", "the wanted one was not seen yet"],
)
def test_any_other_sync_is_let_go_on(made):
    store = ScriptedStore((0, made), (120, READY))

    assert wait(store).stage is Stage.READY
    assert store.called("terminate") == []


def test_a_sync_of_an_older_commit_that_ends_in_time_is_let_go_on():
    store = ScriptedStore((0, BEHIND), (20, RUNNING), (25, BEHIND), (50, READY))

    assert wait(store).stage is Stage.READY
    assert store.called("terminate") == []


def test_degraded_may_heal():
    store = ScriptedStore((0, application(health="Degraded")), (60, READY))

    assert wait(store).stage is Stage.READY


def test_degraded_for_long_is_given_up_before_the_time_is_over():
    store = ScriptedStore((0, application(health="Degraded")))

    with pytest.raises(NotHealthyError, match="degraded"):
        wait(store, timeout=900)
    assert store.clock.seconds == pytest.approx(120, abs=5)


def test_a_comparison_error_gets_hard_refreshes_and_some_time():
    broken = application(sync="Unknown", conditions=[("ComparisonError", "repo server is restarting")])
    healed = ScriptedStore((0, broken), (20, READY))
    assert wait(healed).stage is Stage.READY
    assert [call[2] for call in healed.called("refresh")] == ["hard", "hard"]

    stays = ScriptedStore((0, broken))
    with pytest.raises(NotHealthyError) as caught:
        wait(stays)
    assert "repo server is restarting" in caught.value.detail
    assert stays.clock.seconds == pytest.approx(60, abs=5)


def test_argo_cd_is_asked_again_at_growing_intervals_while_it_sees_an_old_commit():
    store = ScriptedStore((0, application(revision=OLD)), (100, READY))

    wait(store)

    assert [call[0] for call in store.called("refresh")] == pytest.approx([5, 15, 35, 75], abs=3)
    assert store.called("poke") == []


def test_an_application_set_is_asked_again_too():
    store = ScriptedStore((0, application(revision=OLD, owner="previews", labels={})), (8, READY))

    wait(store)

    assert [call[1:] for call in store.called("poke")] == [("poke", "previews")]


def test_a_wait_that_runs_out_says_so_with_the_problems_of_the_pods():
    store = ScriptedStore((0, application(health="Progressing")))

    with pytest.raises(NotHealthyError, match="after 30 s: progressing") as caught:
        wait(store, timeout=30, problems=lambda namespace: (f"{namespace}: ImagePullBackOff",))

    assert caught.value.detail.endswith("pr-1: ImagePullBackOff")
    assert store.clock.seconds == pytest.approx(30, abs=1)


def test_a_controller_that_does_not_run_is_suspected():
    store = ScriptedStore((0, application(revision=OLD, annotations=REFRESH)))

    with pytest.raises(NotHealthyError) as caught:
        wait(store, timeout=30)
    assert "application controller does not run" in caught.value.why


def test_an_application_that_never_appears():
    with pytest.raises(NotHealthyError, match="missing"):
        wait(ScriptedStore(), timeout=10)


def test_an_unreachable_cluster_is_sat_out():
    gone = ClusterError("The cluster cannot be reached.")
    store = ScriptedStore((0, application(revision=OLD)), (3, gone), (40, READY))

    assert wait(store).stage is Stage.READY


def test_an_unreachable_cluster_is_not_sat_out_for_ever():
    gone = ClusterError("The cluster cannot be reached.")

    with pytest.raises(ClusterError, match="cannot be reached"):
        wait(ScriptedStore((0, gone)), timeout=30)


def test_a_refusal_is_not_sat_out():
    store = ScriptedStore((0, CredentialsError("no")))

    with pytest.raises(CredentialsError):
        wait(store)
    assert store.clock.seconds == 0


def test_a_cancelled_run_stops_waiting():
    class Cancelled(FastClock):
        def wait(self, seconds):
            raise CancelledError("The run was cancelled.")

    store = ScriptedStore((0, application(health="Progressing")), clock=Cancelled())
    with pytest.raises(CancelledError):
        wait(store)
    assert store.clock.seconds <= 10


def test_what_the_listener_raises_ends_the_wait():
    store = ScriptedStore((0, application(health="Progressing")))

    def listener(_status):
        raise ClusterError("the apply has failed meanwhile")

    with pytest.raises(ClusterError, match="apply has failed"):
        Delivery(store, store.clock).wait_ready(
            "pr-1", NEW, timeout_seconds=600, hold_seconds=3, on_status=listener
        )
    assert store.clock.seconds == 0


def test_a_wait_that_ends_in_an_error_leaves_no_watch_open_for_as_long_as_somebody_holds_the_error():
    store = ScriptedStore((0, application(health="Progressing")), (5, FAILED), (6, AGAIN))
    with pytest.raises(NotHealthyError) as caught:
        wait(store)
    assert caught.value.__traceback__ is not None
    assert store.watching == 0


def test_nor_does_one_whose_listener_raises():
    store = ScriptedStore((0, application(health="Progressing")), (5, RUNNING))

    def listener(status):
        if status.stage is Stage.SYNCING:
            raise ClusterError("the apply has failed meanwhile")

    with pytest.raises(ClusterError) as caught:
        Delivery(store, store.clock).wait_ready(
            "pr-1", NEW, timeout_seconds=600, hold_seconds=3, on_status=listener
        )
    assert caught.value.__traceback__ is not None
    assert store.watching == 0
