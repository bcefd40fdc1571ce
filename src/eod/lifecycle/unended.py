"""Runs of an environment whose end nobody saw: a lock that one of them left behind may be taken away."""

from collections.abc import Callable
from datetime import datetime, timedelta

from eod.lifecycle.rooms import Rooms
from eod.model.lock import CUT_OFF, MOVING, StateLock
from eod.model.record import Record, Run

KEPT = 8
"""So many runs are remembered, the newest ones."""
SKEW = timedelta(minutes=5)
"""How far two machines' clocks may be apart, where neither of them is known."""
LATE = timedelta(minutes=1)
"""How far the clock of a run's machine may be from GitHub's, by which the run ended."""
OURS = frozenset(
    {"", "init", "OperationTypePlan", "OperationTypeApply", "OperationTypeInvalid", "state-push", MOVING}
)
"""Operations for which a run takes the lock, `OperationTypeInvalid` for an import; not `state-rm` or `taint`.

`init` is for the empty state that some backends make (Google's, Azure's, Kubernetes) before any other command.

https://github.com/hashicorp/terraform/tree/main/internal/command
https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/gcs/backend_state.go
"""


def unended_of(record: Record | None, *more: Run) -> tuple[Run, ...]:
    """What a transition that takes a lease over, or gives one up after a failure, has to remember. Pure.

    Each run once, as it was known first: its later steps began later.
    """
    if record is None:
        return more
    holder = () if record.lease is None else (record.lease.run,)
    known: dict[tuple[str, int, str], Run] = {}
    for run in (*record.unended, *holder, *more):
        known.setdefault((run.id, run.attempt, run.machine), run)
    return tuple(known.values())[-KEPT:]


def judge_of(rooms: Rooms, record: Record | None) -> Callable[[StateLock], bool] | None:
    """Tells whether the holder of a lock is provably a finished run of this environment.

    Args:
        rooms: The rooms.
        record: The record as it was before this run began to write it.

    Returns:
        `None` where every earlier run ended as it should: then a lock is somebody else's.
    """
    runs = unended_of(record)
    if record is None or not runs:
        return None
    now = rooms.clock.now()

    def judge(lock: StateLock) -> bool:
        """Taken on the machine of a run of this environment that GitHub says is over, while that run was at work.

        Machines may share a name, and so may users: what was taken before a run began or after it ended, by
        another user, for something that no run does, or is what a run failed for, is not that run's.
        """
        taken_at = lock.created_at
        if not lock.machine or taken_at is None or lock.operation not in OURS:
            return False
        there = [run for run in runs if run.machine == lock.machine and run.holder in {"", lock.holder}]
        if not there or not all(_is_over(rooms, run) for run in there):
            return False
        mine = [run for run in there if not _met(record, run, lock)]
        return any(_began(record, run) <= taken_at <= _ended(rooms, run, now) for run in mine)

    return judge


def _met(record: Record, run: Run, lock: StateLock) -> bool:
    """Whether that run failed because somebody held this very lock."""
    if record.failure is None or not lock.id or lock.id not in record.failure.fix:
        return False
    return (record.run.id, record.run.attempt) == (run.id, run.attempt)


def _began(record: Record, run: Run) -> datetime:
    return record.created_at - SKEW if run.began is None else run.began - CUT_OFF


def _ended(rooms: Rooms, run: Run, now: datetime) -> datetime:
    """At the latest when this run began to look."""
    last = now + SKEW
    ours = rooms.run
    if ours.id and run.id == ours.id:
        return last
    ended = rooms.ended_at(run)
    return last if ended is None else min(last, ended + LATE)


def _is_over(rooms: Rooms, run: Run) -> bool:
    """An earlier attempt of our own run is over, and so is an earlier step of this very job."""
    ours = rooms.run
    if ours.id and run.id == ours.id and run.attempt <= ours.attempt:
        return True
    return rooms.is_over(run) is True
