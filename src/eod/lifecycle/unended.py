"""Runs of an environment whose end nobody saw: a lock that one of them left behind may be taken away."""

from collections.abc import Callable
from datetime import timedelta

from eod.lifecycle.rooms import Rooms
from eod.model.lock import StateLock
from eod.model.record import Record, Run

KEPT = 8
"""So many runs are remembered, the newest ones."""
SKEW = timedelta(minutes=5)
"""How far two machines' clocks may be apart."""


def unended_of(record: Record | None, *more: Run) -> tuple[Run, ...]:
    """What a transition that takes a lease over, or gives one up after a failure, has to remember. Pure."""
    if record is None:
        return more
    holder = () if record.lease is None else (record.lease.run,)
    return tuple(dict.fromkeys((*record.unended, *holder, *more)))[-KEPT:]


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
    first, last = record.created_at - SKEW, rooms.clock.now() + SKEW

    def judge(lock: StateLock) -> bool:
        """Taken while the environment existed, on the machine of a run of it that GitHub says is over.

        Machines may share a name: what is taken after this run began to work is no finished run's.
        """
        taken_at = lock.created_at
        if not lock.machine or taken_at is None or not first <= taken_at <= last:
            return False
        holders = [run for run in runs if run.machine == lock.machine]
        return bool(holders) and all(_is_over(rooms, run) for run in holders)

    return judge


def _is_over(rooms: Rooms, run: Run) -> bool:
    """An earlier attempt of our own run is over, and so is an earlier step of this very job."""
    ours = rooms.run
    if ours.id and run.id == ours.id and run.attempt <= ours.attempt:
        return True
    return rooms.is_over(run) is True
