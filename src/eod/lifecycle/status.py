"""`status` within the action: what the records say, in the job summary and the outputs."""

from msgspec import structs

from eod.lifecycle.blank import blank_outcome
from eod.lifecycle.place import place_of
from eod.lifecycle.rooms import Rooms
from eod.model.outcome import Outcome, SweepOutcome
from eod.model.record import Record


def report_status(rooms: Rooms, pr_number: int | None) -> None:
    """Report one environment, or how many there are.

    Raises:
        EodError: The records cannot be read.
    """
    if pr_number is None:
        records = rooms.records.all()
        now = rooms.clock.now()
        lines = tuple(f"{r.environment}: {r.phase}, {r.tier}, by {r.owner}" for r in records)
        rooms.reporter.finish_sweep(
            SweepOutcome(
                repository=rooms.repository,
                dry_run=True,
                started_at=now,
                finished_at=now,
                records=len(records),
                notices=lines or ("There are no environments.",),
            )
        )
        return
    place = place_of(rooms.config, rooms.repository, pr_number)
    rooms.reporter.finish(outcome_of(rooms, rooms.records.get(place.environment), pr_number))


def outcome_of(rooms: Rooms, record: Record | None, pr_number: int) -> Outcome:
    """What a record says, in the shape that reports are made from."""
    place = place_of(rooms.config, rooms.repository, pr_number)
    blank = blank_outcome(rooms, place, "status")
    blank = structs.replace(blank, finished_at=blank.started_at)
    if record is None:
        return structs.replace(blank, notices=(f"{place.environment} does not exist.",))
    return structs.replace(
        blank,
        owner=record.owner,
        phase=record.phase,
        tier=record.tier,
        overrule=record.overrule,
        head_sha=record.head_sha,
        comment_id=record.comment_id,
        ready_seconds=record.ready_seconds,
        cost_per_day=record.cost_per_day,
        expires_at=record.expires_at,
        failure=record.failure,
        outputs=record.outputs,
    )
