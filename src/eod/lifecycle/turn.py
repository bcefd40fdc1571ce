"""Whose turn it is: one run at a time works on an environment, and its record says which.

A run takes the lease with the transition that it begins with (`requested`, `updating`, `destroying`), renews it
with each further one, and gives it back with its last. A lease counts while its run is alive and its last
transition is not older than the work may take; then whoever comes next takes it over.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from eod.config import Config
from eod.errors import HeldError, RecordError
from eod.lifecycle.rooms import Rooms
from eod.model.record import Lease, Phase, Record, Run

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 30.0


class MovedMeanwhile(Exception):  # noqa: N818  # not an error: whoever meets it looks again
    """The record was moved, or its lease taken, since it was judged to be free."""


class Hold(StrEnum):
    """How it stands with an environment's lease, seen from one run."""

    FREE = "free"
    OURS = "ours"
    OVER = "over"
    ALIVE = "alive"
    UNKNOWN = "unknown"


def hold_of(lease: Lease | None, ours: Run, *, over: bool | None, now: datetime, limit: timedelta) -> Hold:
    """How it stands with `lease`. Pure.

    Args:
        lease: The record's.
        ours: The run that asks.
        over: Whether the lease's run has ended; `None` where that cannot be told.
        now: The time, aware.
        limit: How long a lease counts after its last transition.
    """
    if lease is None:
        return Hold.FREE
    if _same(lease.run, ours):
        return Hold.OURS
    earlier_attempt = bool(ours.id) and lease.run.id == ours.id
    if over or earlier_attempt or now - lease.since > limit:
        return Hold.OVER
    return Hold.UNKNOWN if over is None else Hold.ALIVE


def limit_of(phase: Phase, config: Config) -> timedelta:
    """How long a lease counts after the transition to `phase`: as long as what comes next may take."""
    if phase is Phase.DESTROYING:
        return timedelta(minutes=config.limits.teardown_minutes)
    terraform = 0.0 if config.terraform is None else config.terraform.timeout_minutes
    return timedelta(minutes=terraform + config.argocd.timeout_minutes + config.readiness.timeout_minutes)


def look(rooms: Rooms, record: Record | None) -> Hold:
    """How it stands with a record's lease now; its run is asked for only where that matters."""
    if record is None or record.lease is None:
        return Hold.FREE
    now, limit = rooms.clock.now(), limit_of(record.phase, rooms.config)
    hold = hold_of(record.lease, rooms.run, over=None, now=now, limit=limit)
    if hold is not Hold.UNKNOWN:
        return hold
    return hold_of(record.lease, rooms.run, over=rooms.is_over(record.lease.run), now=now, limit=limit)


def await_turn(
    rooms: Rooms,
    record: Record | None,
    *,
    read: Callable[[], Record | None],
    tell: Callable[[str], None],
    still_wanted: Callable[[], object] = lambda: None,
) -> Record | None:
    """Wait until nobody else is at work on an environment.

    Args:
        rooms: The rooms.
        record: The environment's record as it was read last.
        read: Reads it again.
        tell: Told, once, who is waited for.
        still_wanted: Raises when waiting has become pointless.

    Returns:
        The newest record, whose lease is free, ours or over.

    Raises:
        HeldError: Others are still at work after the time that one lease counts.
    """
    if record is None or not must_wait(rooms, record):
        return record
    tell(_waiting(record))
    ends_at = rooms.clock.monotonic() + limit_of(record.phase, rooms.config).total_seconds()
    pause, newest = FIRST_PAUSE_SECONDS, read()
    while newest is not None and must_wait(rooms, newest):
        if rooms.clock.monotonic() >= ends_at:
            raise held(newest)
        rooms.clock.wait(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        still_wanted()
        newest = read()
    return newest


def must_wait(rooms: Rooms, record: Record | None) -> bool:
    """Whether somebody else is at work on it.

    Where GitHub does not tell whether the other run is alive, only a teardown is waited for: runs that provision
    the same pull request queue behind one another anyway, by their concurrency group.
    """
    hold = look(rooms, record)
    tearing_down = record is not None and record.phase is Phase.DESTROYING
    return hold is Hold.ALIVE or (hold is Hold.UNKNOWN and tearing_down)


def taken(record: Record, ours: Run) -> bool:
    """Whether the lease is another run's."""
    return record.lease is not None and not _same(record.lease.run, ours)


def unchanged(judged: Record | None, newest: Record | None) -> bool:
    """Whether nobody moved the record or took its lease since it was judged to be free."""
    if judged is None or newest is None:
        return judged is newest
    return judged.lease == newest.lease and judged.updated_at == newest.updated_at


def require_ours(record: Record, ours: Run) -> None:
    """Make sure that no other run took over.

    Raises:
        RecordError: One did.
    """
    if taken(record, ours):
        raise taken_over(record)


def taken_over(record: Record) -> RecordError:
    """Another run works on the environment by now."""
    return RecordError(
        f"{record.environment} was given to another run while this one worked: it is in phase {record.phase} now.",
        why="This run took longer than its lease, or the pull request was pushed to, closed or reopened.",
        fix="Look at the other run. If it fails, re-run it: it goes on from the record.",
        where="" if record.lease is None else record.lease.run.url,
    )


def held(record: Record) -> HeldError:
    """Another run is still at work."""
    return HeldError(
        f"{record.environment} is in the hands of another run, in phase {record.phase}.",
        why=f"{who(record)} is at work on it.",
        fix="Wait for that run, or cancel it; then re-run this job. "
        "Give the job `permissions: actions: read`, so that a run that is over can be told from one that works.",
        where="" if record.lease is None else record.lease.run.url,
    )


def moved(record: Record) -> HeldError:
    """Another run was faster."""
    return HeldError(
        f"Another run took {record.environment} over just now.",
        why="The pull request was pushed to, closed or reopened in this very moment.",
        fix="Nothing to do: that run goes on from the record.",
    )


def who(record: Record) -> str:
    """The run that is at work, in words."""
    lease = record.lease
    if lease is None:
        return "Nobody"
    by = f" by {lease.run.actor}" if lease.run.actor else ""
    return f"Run {lease.run.id or 'without a number'}{by}, since {lease.since:%H:%M} UTC,"


def _waiting(record: Record) -> str:
    work = "tears this environment down" if record.phase is Phase.DESTROYING else "works on this environment"
    return f"{who(record)} {work}: waiting for its end. {record.lease.run.url if record.lease else ''}".strip()


def _same(one: Run, other: Run) -> bool:
    return bool(one.id) and one.id == other.id and one.attempt == other.attempt
