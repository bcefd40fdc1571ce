"""The life of an environment as a table of moves. Nothing but `move` changes a record's phase."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import structs

from eod.errors import RecordError
from eod.model.record import Phase, Record

MOVES: Final[Mapping[Phase, tuple[Phase, ...]]] = {
    Phase.REQUESTED: (Phase.REQUESTED, Phase.PLANNED, Phase.PROVISIONING, Phase.DESTROYING, Phase.FAILED),
    Phase.PLANNED: (
        Phase.REQUESTED,
        Phase.PLANNED,
        Phase.AWAITING_APPROVAL,
        Phase.PROVISIONING,
        Phase.DESTROYING,
        Phase.FAILED,
    ),
    Phase.AWAITING_APPROVAL: (
        Phase.REQUESTED,
        Phase.PLANNED,
        Phase.PROVISIONING,
        Phase.DESTROYING,
        Phase.FAILED,
    ),
    Phase.PROVISIONING: (Phase.REQUESTED, Phase.SYNCING, Phase.READY, Phase.DESTROYING, Phase.FAILED),
    Phase.SYNCING: (Phase.REQUESTED, Phase.READY, Phase.DESTROYING, Phase.FAILED),
    Phase.READY: (Phase.UPDATING, Phase.DESTROYING, Phase.FAILED),
    Phase.UPDATING: (
        Phase.REQUESTED,
        Phase.UPDATING,
        Phase.PLANNED,
        Phase.PROVISIONING,
        Phase.DESTROYING,
        Phase.FAILED,
    ),
    Phase.DESTROYING: (Phase.DESTROYING, Phase.DESTROYED, Phase.FAILED),
    Phase.DESTROYED: (),
    Phase.FAILED: (Phase.REQUESTED, Phase.DESTROYING, Phase.FAILED),
}
"""From each phase, where it may go. A move back to `requested` is a later run that takes over."""


def move(record: Record, to: Phase, at: datetime, **changes: object) -> Record:
    """`record` in phase `to`, with `changes`.

    A failure is kept only in phase `failed`, which needs one; `ready_at` is set with phase `ready`.

    Args:
        record: The newest record.
        to: The next phase.
        at: When it moves, aware; becomes `updated_at`.
        changes: Other fields of the record.

    Raises:
        RecordError: That phase cannot be reached from where the record is, or `failed` comes without a failure.
    """
    allowed = MOVES[record.phase]
    if to not in allowed:
        raise _impossible(record, to, allowed)
    if to is Phase.FAILED and changes.get("failure") is None:
        raise RecordError(
            f"The record of {record.environment} cannot move to `failed` without a failure: its step and cause."
        )
    implied: dict[str, object] = {"phase": to, "updated_at": at}
    if to is not Phase.FAILED:
        implied["failure"] = None
    if to is Phase.READY:
        implied["ready_at"] = at
    return structs.replace(record, **{**implied, **changes})


def _impossible(record: Record, to: Phase, allowed: tuple[Phase, ...]) -> RecordError:
    listing = ", ".join(f"`{phase}`" for phase in allowed) or "nowhere"
    return RecordError(
        f"The record of {record.environment} cannot move from `{record.phase}` to `{to}`; "
        f"from there it can move to {listing}.",
        why="Another run moved it meanwhile: it was torn down, or a newer push took over.",
        fix="Re-run the job if the pull request is still open: it goes on from the record.",
    )
