import json
from datetime import timedelta

import pytest

from eod.errors import ApplyFailedError, StateLockedError
from eod.model.lock import machine_of
from tests.terraform.fake import (
    BACKEND,
    EMPTY_STATE,
    LOCK_ID,
    LOCKED,
    LOCKED_AT,
    TAGS,
    failing,
    lock_complaint,
    lock_message,
    nothing,
    play,
    unsaved_by_a_killed_run,
)

pytestmark = pytest.mark.process

NOT_RELEASED = failing("Error releasing the state lock")


def bound(fake, judge):
    return fake.bare_workspace(ended=judge)


def bound_to(fake):
    return {
        "environment": "pr-12",
        "root": fake.root,
        "commit": "abc123",
        "backend": BACKEND,
        "variables": {"pr_number": 12},
        "tags": TAGS,
    }


def of_this_run(fake, machine="", began=LOCKED_AT):
    fake.clock.now = lambda: began
    runner = fake.runner()
    runner._machine = machine or machine_of("host")
    return runner.workspace(**bound_to(fake))


def test_a_lock_is_told_with_its_holder_and_not_tried_again(fake):
    fake.plays(plan=[play("plan_locked", code=1)])
    with pytest.raises(StateLockedError, match="runner@host for apply") as locked:
        fake.workspace().plan()
    assert "force-unlock" in locked.value.fix
    assert len(fake.calls("plan")) == 1


def test_a_lock_that_vanished_is_tried_again(fake):
    vanished = failing("Error acquiring the state lock: resource temporarily unavailable")
    fake.plays(plan=[vanished, vanished, play("plan_ok", code=2)])
    assert fake.workspace().plan().summary.adds == 2
    assert sum(fake.clock.waits) >= 10


def test_the_lock_of_a_run_that_is_over_is_taken_away_and_that_is_told(fake):
    fake.plays(plan=[LOCKED, play("plan_ok", code=2)])
    asked = []

    def over(lock):
        asked.append(lock)
        return True

    workspace = bound(fake, over)
    assert workspace.plan().summary.adds == 2
    assert [lock.who for lock in asked] == ["runner@host"]
    assert fake.calls("force-unlock")[0]["arguments"] == ["force-unlock", "-force", LOCK_ID]
    assert workspace.repairs == ("The state's lock of 2026-11-23 12:09:16 was a finished run's: taken away.",)
    assert ["-lock-timeout=0s" in call["arguments"] for call in fake.calls("plan")] == [True, False]


def test_the_lock_of_anybody_else_is_waited_for_and_left(fake):
    fake.plays(plan=[LOCKED])
    workspace = bound(fake, lambda _lock: False)
    with pytest.raises(StateLockedError):
        workspace.plan()
    assert fake.calls("force-unlock") == []
    assert "-lock-timeout=120s" in fake.calls("plan")[-1]["arguments"]
    assert workspace.repairs == ()


def test_a_lock_that_moved_on_is_not_said_to_be_taken_away(fake):
    fake.plays(plan=[LOCKED, play("plan_ok", code=2)], **{"force-unlock": [{"code": 1}]})
    workspace = bound(fake, lambda _lock: True)
    assert workspace.plan().summary.adds == 2
    assert workspace.repairs == ()


def test_an_identifier_that_is_none_is_given_to_nobody(fake):
    evil = str(LOCKED["stdout"]).replace(LOCK_ID, "-force;rm")
    fake.plays(plan=[{"stdout": evil, "code": 1}])
    with pytest.raises(StateLockedError):
        bound(fake, lambda _lock: True).plan()
    assert fake.calls("force-unlock") == []


def test_an_unsaved_state_is_saved_past_a_dead_lock(fake):
    unsaved_by_a_killed_run(fake)
    fake.plays(state_push=[{"code": 1, "stderr": lock_complaint()}, {}])
    workspace = bound(fake, lambda _lock: True)
    workspace.plan()
    assert len(fake.calls("state push")) == 2
    assert len(fake.calls("force-unlock")) == 1
    assert "could not save was saved" in workspace.repairs[-1]


def test_a_plan_with_a_state_that_nobody_knows_of_takes_no_lock(fake):
    fake.runner().workspace(**bound_to(fake), fresh=True).plan()
    assert "-lock=false" in fake.calls("plan")[0]["arguments"]
    fake.runner().workspace(**bound_to(fake)).plan()
    assert "-lock=false" not in fake.calls("plan")[1]["arguments"]


def test_a_lock_that_this_run_could_not_release_is_taken_away_and_the_work_done(fake):
    fake.plays(plan=[NOT_RELEASED, LOCKED, play("plan_ok", code=2)])
    workspace = of_this_run(fake)
    assert workspace.plan().summary.adds == 2
    assert fake.calls("force-unlock")[0]["arguments"] == ["force-unlock", "-force", LOCK_ID]
    assert "could not be released by this run" in workspace.repairs[-1]


def test_a_lock_of_another_machine_stays_though_one_of_ours_was_not_released(fake):
    fake.plays(plan=[NOT_RELEASED, LOCKED])
    with pytest.raises(StateLockedError):
        of_this_run(fake, machine=machine_of("another")).plan()
    assert fake.calls("force-unlock") == []


def test_a_lock_of_before_this_run_stays_though_one_of_ours_was_not_released(fake):
    fake.plays(plan=[NOT_RELEASED, LOCKED])
    workspace = of_this_run(fake, began=LOCKED_AT + timedelta(seconds=5))
    with pytest.raises(StateLockedError):
        workspace.plan()
    assert fake.calls("force-unlock") == []


def test_an_apply_whose_lock_stayed_is_done_again_past_it(fake):
    fake.plays(
        plan=[play("plan_ok", code=2), LOCKED, play("plan_ok", code=2)],
        apply=[NOT_RELEASED, play("apply_ok")],
    )
    workspace = of_this_run(fake)
    asked = []
    workspace.apply(workspace.plan(), nothing, lambda: asked.append("head"))
    assert len(fake.calls("force-unlock")) == 1
    assert asked == ["head"]


def test_a_destroy_whose_lock_stayed_is_done_again_past_it(fake):
    fake.plays(apply=[NOT_RELEASED, LOCKED, play("destroy_ok")])
    of_this_run(fake).destroy(nothing)
    assert len(fake.calls("force-unlock")) == 1


def not_released_after(what, detail=""):
    """A command that fails for `what` and could not release its lock; some backends say then which it is."""
    failed = failing(what)
    lock = {"severity": "error", "summary": "Error releasing the state lock", "detail": detail}
    failed["stdout"] = f"{failed['stdout']}{json.dumps({'type': 'diagnostic', 'diagnostic': lock})}\n"
    return failed


def neither_saved_nor_released(fake, detail=""):
    """An apply whose backend went away: it could not save its state, nor release its lock."""
    left = {str(fake.root / "errored.tfstate"): "{}"}
    return {**not_released_after("Failed to save state", detail), "files": left}


def test_what_failed_is_told_and_not_that_its_own_lock_stayed(fake):
    # S3, DynamoDB and Azure name the lock that they could not delete as they name one that somebody holds.
    denied = "AccessDenied: not authorized to perform: sqs:CreateQueue"
    fake.plays(apply=[not_released_after(denied, lock_message())])
    workspace = of_a_moment_ago(fake)
    plan = workspace.plan()
    with pytest.raises(ApplyFailedError, match="1 added"):
        workspace.apply(plan, nothing)
    assert len(fake.calls("apply")) == 1


@pytest.mark.parametrize("detail", ["", lock_message()])
def test_a_state_that_an_apply_could_not_save_is_saved_past_the_lock_that_it_could_not_release(fake, detail):
    fake.plays(
        apply=[neither_saved_nor_released(fake, detail), play("apply_ok")],
        state_push=[{"code": 1, "stderr": lock_complaint()}, {}],
    )
    workspace = of_this_run(fake)
    assert workspace.apply(workspace.plan(), nothing).attempts == 2
    assert len(fake.calls("force-unlock")) == 1
    assert not list(fake.directory.rglob("errored.tfstate"))


def test_a_push_that_could_not_release_its_lock_is_done_again_past_it(fake):
    unsaved_by_a_killed_run(fake)
    refused = "Failed to persist state: HTTP error: 503\n\nError: Error releasing the state lock"
    fake.plays(state_push=[{"code": 1, "stderr": refused}, {"code": 1, "stderr": lock_complaint()}, {}])
    workspace = of_this_run(fake)
    workspace.plan()
    assert len(fake.calls("force-unlock")) == 1
    assert len(fake.calls("state push")) == 3


def of_a_moment_ago(fake):
    """A workspace whose commands begin just before the lock in `plan_locked` was taken, on the same machine."""
    return of_this_run(fake, began=LOCKED_AT - timedelta(seconds=2))


LOCKED_FOR_A_PLAN = {**LOCKED, "stdout": str(LOCKED["stdout"]).replace("OperationTypeApply", "OperationTypePlan")}


def test_a_plan_that_meets_the_lock_that_it_took_itself_is_made_again(fake):
    fake.plays(plan=[LOCKED_FOR_A_PLAN, play("plan_ok", code=2)])
    workspace = of_a_moment_ago(fake)
    assert workspace.plan().summary.adds == 2
    assert [call["arguments"][-1] for call in fake.calls("force-unlock")] == [LOCK_ID]
    assert workspace.repairs == ("The state's lock of 2026-11-23 12:09:16 was this command's own: taken away.",)


def test_an_apply_that_meets_the_lock_that_it_took_itself_plans_again_and_is_done(fake):
    fake.plays(apply=[LOCKED, play("apply_ok")])
    workspace = of_a_moment_ago(fake)
    asked = []
    assert workspace.apply(workspace.plan(), nothing, lambda: asked.append("head")).attempts == 2
    assert len(fake.calls("force-unlock")) == 1
    assert asked == ["head"]


def test_a_plan_that_meets_an_apply_of_the_same_moment_leaves_its_lock(fake):
    # Two runners may share a machine: what a plan took for an apply it did not take.
    fake.plays(plan=[LOCKED])
    with pytest.raises(StateLockedError):
        of_a_moment_ago(fake).plan()
    assert fake.calls("force-unlock") == []


@pytest.mark.parametrize("kind", ["http", "pg", "azurerm"])
def test_where_a_backend_may_name_whoever_asks_as_the_holder_nothing_is_a_commands_own(fake, kind):
    module = json.loads((fake.root / "main.tf.json").read_text())
    (fake.root / "main.tf.json").write_text(json.dumps({**module, "terraform": {"backend": {kind: {}}}}))
    fake.plays(plan=[LOCKED_FOR_A_PLAN])
    fake.clock.now = lambda: LOCKED_AT - timedelta(seconds=2)
    runner = fake.runner()
    runner._machine = machine_of("host")
    backend = {"address": "https://states.example.com/pr-12", "key": "pr-12"}
    with pytest.raises(StateLockedError):
        runner.workspace(**{**bound_to(fake), "backend": backend}).plan()
    assert fake.calls("force-unlock") == []


@pytest.mark.parametrize(
    ("machine", "began"),
    [("another", LOCKED_AT - timedelta(seconds=2)), ("", LOCKED_AT - timedelta(seconds=61))],
    ids=["another machine", "taken while the command waited"],
)
def test_a_lock_that_somebody_else_took_meanwhile_is_left(fake, machine, began):
    fake.plays(plan=[LOCKED_FOR_A_PLAN])
    with pytest.raises(StateLockedError):
        of_this_run(fake, machine=machine, began=began).plan()
    assert fake.calls("force-unlock") == []


def said_of_a_lock_that_stays(workspace):
    with pytest.raises(StateLockedError) as locked:
        workspace.plan()
    return locked.value


def test_a_lock_of_ones_own_that_stays_is_not_called_somebody_elses(fake):
    # The next run tells by the record's failure, which names the lock that a run met as another's.
    fake.plays(plan=[LOCKED_FOR_A_PLAN], **{"force-unlock": [{"code": 1}]})
    error = said_of_a_lock_that_stays(of_a_moment_ago(fake))
    assert "took it itself" in error.why
    assert LOCK_ID not in error.fix
    assert LOCK_ID in error.detail


def test_a_lock_that_this_run_could_not_release_and_not_take_away_is_not_called_somebody_elses(fake):
    fake.plays(plan=[NOT_RELEASED, LOCKED, LOCKED], **{"force-unlock": [{"code": 1}]})
    error = said_of_a_lock_that_stays(of_this_run(fake))
    assert LOCK_ID not in error.fix


def test_an_empty_state_may_be_locked_all_the_same(fake):
    fake.plays(state_pull=[{"stdout": EMPTY_STATE}], apply=[LOCKED, play("destroy_ok")])
    workspace = bound(fake, lambda _lock: True)
    workspace.destroy(nothing)
    assert len(fake.calls("force-unlock")) == 1
