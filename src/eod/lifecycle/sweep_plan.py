"""What a sweep should do, decided from what exists. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from eod.config import Config
from eod.errors import SweepStoppedError
from eod.model.cloud import Item
from eod.model.kube import ApplicationInfo, NamespaceInfo
from eod.model.outcome import SweepAction
from eod.model.pull import PullRequest
from eod.model.record import Phase, Record

BRAKE_FROM = 5
"""The share in `limits.sweep_share` is judged from so many environments on: of two, both may well be over."""


class Reason(StrEnum):
    """Why an environment is swept."""

    EXPIRED = "expired"
    CLOSED = "closed"
    ORPHANED = "orphaned"
    STUCK = "stuck"
    EXPIRES_SOON = "expires soon"


class Seen(Struct, frozen=True, kw_only=True):
    """Everything that a sweep looked at."""

    now: datetime
    open_pulls: tuple[PullRequest, ...]
    records: tuple[Record, ...]
    namespaces: tuple[NamespaceInfo, ...] = ()
    applications: tuple[ApplicationInfo, ...] = ()
    cloud: dict[str, tuple[Item, ...]] = {}


def decide(seen: Seen, config: Config) -> tuple[SweepAction, ...]:
    """One action at most for each environment, sorted by name: tear down, or warn."""
    open_by_number = {pull.number: pull for pull in seen.open_pulls}
    actions = [action for r in seen.records if (action := _for_record(r, open_by_number, seen.now, config))]
    recorded = {record.environment for record in seen.records}
    actions += [_orphan(name, items) for name, items in sorted(_unrecorded(seen).items()) if name not in recorded]
    return tuple(sorted(actions, key=lambda action: action.environment))


def still_due(
    action: SweepAction, record: Record | None, pull: PullRequest, now: datetime, config: Config
) -> bool:
    """Whether a teardown that was decided some time ago would be decided now: a push gives a new lease of life."""
    if record is None:
        return action.reason == Reason.ORPHANED and not pull.open
    again = _for_record(record, {pull.number: pull} if pull.open else {}, now, config)
    return again is not None and again.action == "teardown"


def brake(actions: tuple[SweepAction, ...], seen: Seen, config: Config) -> None:
    """Stop before the first deletion if what was decided is implausible.

    Raises:
        SweepStoppedError: Too many teardowns, too large a share of all, or no open pull request at all although
            environments exist for several.
    """
    teardowns = [action for action in actions if action.action == "teardown"]
    total = len({record.environment for record in seen.records} | set(_unrecorded(seen)))
    closed = [action for action in teardowns if action.reason in {Reason.CLOSED, Reason.ORPHANED}]
    if not seen.open_pulls and len(closed) >= BRAKE_FROM:
        raise _stopped(f"GitHub lists no open pull request, yet {len(closed)} environments exist.", teardowns)
    if len(teardowns) > config.limits.sweep_deletions:
        raise _stopped(
            f"{len(teardowns)} teardowns, and `limits.sweep-deletions` allows {config.limits.sweep_deletions}.",
            teardowns,
        )
    if len(closed) > BRAKE_FROM and len(closed) > config.limits.sweep_share * total:
        raise _stopped(
            f"{len(closed)} of {total} environments would go, more than `limits.sweep-share` "
            f"({config.limits.sweep_share:.0%}) allows.",
            teardowns,
        )


def _for_record(
    record: Record, open_by_number: dict[int, PullRequest], now: datetime, config: Config
) -> SweepAction | None:
    pull = open_by_number.get(record.pr_number)
    name = record.environment
    if pull is None:
        return SweepAction(
            action="teardown", environment=name, reason=Reason.CLOSED, detail=f"#{record.pr_number} is not open"
        )
    if config.labels.keep in pull.labels:
        return None
    if record.expires_at is not None and record.expires_at <= now:
        return SweepAction(
            action="teardown",
            environment=name,
            reason=Reason.EXPIRED,
            detail=f"its time was over at {record.expires_at:%Y-%m-%d %H:%M} UTC",
        )
    if _stuck(record, now, config):
        return SweepAction(
            action="teardown",
            environment=name,
            reason=Reason.STUCK,
            detail=f"in phase {record.phase} since {record.updated_at:%Y-%m-%d %H:%M} UTC",
        )
    return _warning(record, now, config)


def _stuck(record: Record, now: datetime, config: Config) -> bool:
    """Only a teardown that ended half-way is gone on with; what is half provisioned waits for its owner."""
    interrupted = record.phase is Phase.DESTROYING
    return interrupted and now - record.updated_at > timedelta(minutes=config.limits.teardown_minutes)


def _warning(record: Record, now: datetime, config: Config) -> SweepAction | None:
    if record.expires_at is None or record.warned_at is not None or not config.ttl.warn_hours:
        return None
    left = record.expires_at - now
    if left > timedelta(hours=config.ttl.warn_hours):
        return None
    return SweepAction(
        action="warn",
        environment=record.environment,
        reason=Reason.EXPIRES_SOON,
        detail=f"expires at {record.expires_at:%Y-%m-%d %H:%M} UTC",
    )


def _unrecorded(seen: Seen) -> dict[str, tuple[Item, ...]]:
    found: dict[str, list[Item]] = {}
    for space in seen.namespaces:
        found.setdefault(space.environment, []).append(
            Item(kind="namespace", id=space.name, environment=space.environment)
        )
    for app in seen.applications:
        found.setdefault(app.environment, []).append(
            Item(kind="application", id=app.name, environment=app.environment)
        )
    for name, items in seen.cloud.items():
        found.setdefault(name, []).extend(items)
    recorded = {record.environment for record in seen.records}
    return {name: tuple(items) for name, items in found.items() if name and name not in recorded}


def _orphan(environment: str, items: tuple[Item, ...]) -> SweepAction:
    return SweepAction(
        action="teardown",
        environment=environment,
        reason=Reason.ORPHANED,
        detail="no record: " + ", ".join(f"{item.kind} {item.id}" for item in items[:5]),
        items=items,
    )


def _stopped(what: str, teardowns: list[SweepAction]) -> SweepStoppedError:
    return SweepStoppedError(
        f"The sweep stopped before its first deletion: {what}",
        why="A listing that failed or came back empty must never be read as 'delete all'.",
        fix="Look at the list. If it is right, raise the limit in eod.yml, or tear down by hand with `eod down`.",
        detail="\n".join(f"{action.environment}: {action.reason}: {action.detail}" for action in teardowns),
    )
