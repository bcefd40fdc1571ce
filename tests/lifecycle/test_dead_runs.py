"""Whose a state's lock is: taken away only where it is provably a finished run's of this environment."""

from datetime import timedelta

import pytest
from msgspec import structs

from eod.errors import EodError
from eod.lifecycle.down import down
from eod.lifecycle.rooms import DownRequest
from eod.lifecycle.unended import judge_of, unended_of
from eod.lifecycle.up import up
from eod.model.lock import StateLock, machine_of
from eod.model.record import Failure, Lease, Phase, Run
from tests.lifecycle.builders import NOW, record
from tests.lifecycle.test_repair import FULL, KILLED, rooms_after

LOCK = StateLock(id="1", who="runner@vm-41", created=f"{NOW - timedelta(minutes=4):%Y-%m-%d %H:%M:%S}.1 +0000 UTC")


def judge(rooms, kept):
    judged = judge_of(rooms, kept)
    assert judged is not None
    return judged


def test_the_lock_of_a_killed_run_that_github_says_is_over_may_be_taken_away():
    rooms = rooms_after()
    assert judge(rooms, rooms.kept["pr-7"])(LOCK)


def test_a_lock_that_was_taken_while_this_run_is_at_work_is_no_finished_runs():
    rooms = rooms_after()
    judged = judge(rooms, rooms.kept["pr-7"])
    rooms.clock.wait(1200)
    later = structs.replace(LOCK, created=f"{NOW + timedelta(minutes=15):%Y-%m-%d %H:%M:%S}.1 +0000 UTC")
    assert judged(LOCK)
    assert not judged(later)


@pytest.mark.parametrize("over", [False, None])
def test_while_its_run_may_be_alive_a_lock_stays(over):
    rooms = rooms_after(over=over)
    assert not judge(rooms, rooms.kept["pr-7"])(LOCK)


@pytest.mark.parametrize(
    "changed",
    [
        {"who": "ada@laptop"},
        {"who": ""},
        {"created": "yesterday"},
        {"created": "2026-04-01 12:00:00.1 +0000 UTC"},
    ],
)
def test_a_lock_that_no_run_of_this_environment_can_have_taken_stays(changed):
    rooms = rooms_after()
    assert not judge(rooms, rooms.kept["pr-7"])(structs.replace(LOCK, **changed))


def test_after_runs_that_ended_as_they_should_every_lock_is_somebody_elses():
    assert judge_of(rooms_after(), record(phase=Phase.READY)) is None
    assert judge_of(rooms_after(), None) is None


def test_a_run_that_failed_to_repair_does_not_make_its_predecessor_forgotten():
    rooms = rooms_after()
    rooms.run = structs.replace(rooms.run, id="42", machine=machine_of("vm-42"))

    def refuse():
        raise EodError("no plan today")

    rooms.before["plan"] = refuse
    with pytest.raises(EodError, match="no plan today"):
        up(rooms, FULL)
    kept = rooms.kept["pr-7"]
    assert [run.id for run in kept.unended] == ["41", "42"]
    assert kept.lease is None
    rooms.run = structs.replace(rooms.run, id="43")
    assert judge(rooms, kept)(LOCK)


OF_OLD = {"began": NOW - timedelta(minutes=10), "holder": machine_of("runner@vm-41")}


def judged_with(changed, *, ended=None, failure=None, **lock):
    """Whether a lock is taken away after a run of which this is known."""
    run = structs.replace(KILLED, **{**OF_OLD, **changed})
    rooms = rooms_after(lease=Lease(run=run, since=NOW), run=run, failure=failure)
    rooms.ended = {"41": ended} if ended else {}
    return judge(rooms, rooms.kept["pr-7"])(structs.replace(LOCK, **lock))


def at(minutes):
    return f"{NOW + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S}.1 +0000 UTC"


def test_a_lock_within_the_dead_runs_own_time_is_its_own():
    assert judged_with({}, ended=NOW - timedelta(minutes=2))
    assert judged_with({}, created=at(-10), ended=NOW - timedelta(minutes=2))


def test_a_lock_that_was_there_before_the_dead_run_began_is_somebody_elses():
    assert not judged_with({}, created=at(-11), ended=NOW - timedelta(minutes=2))


def test_a_lock_that_was_taken_after_the_dead_run_ended_is_somebody_elses():
    assert not judged_with({}, created=at(-4), ended=NOW - timedelta(minutes=6))
    assert judged_with({}, created=at(-4))


def test_a_lock_of_another_user_of_that_machine_is_somebody_elses():
    assert not judged_with({}, who="ada@vm-41")
    assert judged_with({"holder": ""}, who="ada@vm-41")


def test_a_lock_for_making_the_empty_state_is_a_runs():
    # Google's, Azure's and the Kubernetes backend take one before any other command's.
    assert judged_with({}, operation="init")


@pytest.mark.parametrize("operation", ["state-rm", "state-mv", "taint", "OperationTypeRefresh", "migration"])
def test_a_lock_for_what_no_run_does_is_a_persons(operation):
    assert not judged_with({}, operation=operation)
    assert judged_with({}, operation="OperationTypeApply")


def test_a_lock_that_the_dead_run_itself_failed_for_is_somebody_elses():
    failure = Failure(step="apply", what="locked", fix="`terraform force-unlock 5c0ab2f8`")
    assert not judged_with({}, failure=failure, id="5c0ab2f8")
    assert judged_with({}, failure=failure, id="77777777")


def test_a_later_step_of_a_run_makes_it_no_other_run():
    first = structs.replace(KILLED, **OF_OLD)
    later = structs.replace(first, began=NOW)
    assert unended_of(record(unended=(first,)), later) == (first,)


def test_an_earlier_attempt_of_the_same_run_is_over():
    rooms = rooms_after(over=None)
    rooms.run = structs.replace(rooms.run, id="41", attempt=2)
    assert judge(rooms, rooms.kept["pr-7"])(LOCK)


def test_on_a_machine_that_two_runs_share_both_must_be_over():
    other = structs.replace(KILLED, id="40")
    rooms = rooms_after(unended=(other,))
    assert not judge(rooms, rooms.kept["pr-7"])(LOCK)
    rooms.over["40"] = True
    assert judge(rooms, rooms.kept["pr-7"])(LOCK)


def test_only_so_many_runs_are_remembered():
    many = tuple(Run(id=str(number)) for number in range(20))
    assert [run.id for run in unended_of(record(unended=many), Run(id="99"))][-1] == "99"
    assert len(unended_of(record(unended=many))) == 8


def test_a_teardown_is_told_whose_lock_it_may_take_away_and_says_what_it_repaired():
    rooms = rooms_after(phase=Phase.FAILED, lease=None, unended=(KILLED,))
    rooms.repairs = ("The state's lock was a finished run's: taken away.",)
    outcome = down(rooms, DownRequest(pr_number=7))
    assert rooms.bound[-1]["ended"](LOCK)
    assert outcome.certificate is not None
    assert ("repaired", rooms.repairs[0]) in [(check.name, check.detail) for check in outcome.certificate.checks]
