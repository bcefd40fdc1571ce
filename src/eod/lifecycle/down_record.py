"""What a teardown writes into the record, unless that is another run's by now: that it began, failed, is over."""

from eod.errors import CancelledError, EodError
from eod.lifecycle.teardown import Teardown
from eod.lifecycle.turn import MovedMeanwhile, taken, taken_over, unchanged
from eod.lifecycle.unended import unended_of
from eod.model.cloud import Certificate
from eod.model.outcome import StepState
from eod.model.record import Lease, Phase, Record, Run
from eod.records.machine import move


def record_begin(work: Teardown) -> None:
    """Record `destroying` and take the lease, unless another run was faster.

    Raises:
        MovedMeanwhile: Another run was.
    """
    now, run = work.rooms.clock.now(), work.rooms.run

    def decide(newest: Record | None) -> Record:
        if not unchanged(work.judged, newest):
            raise MovedMeanwhile
        return move(
            newest or work.record,
            Phase.DESTROYING,
            now,
            run=run,
            lease=Lease(run=run, since=now),
            unended=unended_of(newest),
            outputs=None,
        )

    message = f"{work.place.environment}: destroying: {work.reason}"
    with work.rooms.signals.shielded():
        work.rooms.records.update(work.place.environment, decide, message)
    work.journey.change(phase=Phase.DESTROYING, show=True)


def require_still_ours(work: Teardown) -> None:
    """Before what cannot be undone: a run that took over has this environment's resources in its hands.

    Raises:
        RecordError: Another run took over.
    """
    newest = work.rooms.records.get(work.place.environment)
    if newest is not None:
        _require_ours(newest, work.rooms.run)


def record_end(work: Teardown, certificate: Certificate) -> None:
    """Remove the record; the certificate is the message of that commit.

    Raises:
        RecordError: Another run took over.
    """
    message = "\n".join(
        [
            f"{work.place.environment}: destroyed: {work.reason}",
            "",
            *(f"existed: {item.kind} {item.id}" for item in certificate.existed),
            *(f"removed: {r.at:%Y-%m-%dT%H:%M:%SZ} {r.item.kind} {r.item.id}" for r in certificate.removed),
            *(f"checked: {check.name}: {check.detail}" for check in certificate.checks),
            "remaining: nothing",
        ]
    )

    def decide(newest: Record | None) -> None:
        if newest is not None:
            _require_ours(newest, work.rooms.run)

    with work.rooms.signals.shielded():
        work.rooms.records.update(work.place.environment, decide, message)
    work.journey.change(phase=Phase.DESTROYED)


def record_failure(work: Teardown, error: BaseException) -> None:
    """Record `failed` and what failed. Where that cannot be written, the reports say so."""
    failure = work.journey.failure(error)
    work.journey.change(failure=failure, phase=Phase.FAILED)
    now = work.rooms.clock.now()
    # A cancelled destroy goes on for a while in a process of its own; the drain step gives the lease back.
    goes_on = isinstance(error, CancelledError) and _destroying(work)
    lease = Lease(run=work.rooms.run, since=now) if goes_on else None

    def decide(record: Record | None) -> Record | None:
        if record is None or record.phase is not Phase.DESTROYING or taken(record, work.rooms.run):
            return record
        unended = unended_of(record, work.rooms.run)
        return move(
            record,
            Phase.FAILED,
            now,
            failure=failure,
            run=work.rooms.run,
            lease=lease,
            unended=unended,
            repairs=work.proof.repairs,
        )

    message = f"{work.place.environment}: teardown failed in {failure.step}: {failure.what.splitlines()[0]}"
    with work.rooms.signals.shielded():
        try:
            work.rooms.records.update(work.place.environment, decide, message)
        except EodError as second:
            work.journey.notice(f"The failure could not be recorded: {second.what}")


def _require_ours(record: Record, run: Run) -> None:
    if taken(record, run) or record.phase is not Phase.DESTROYING:
        raise taken_over(record)


def _destroying(work: Teardown) -> bool:
    return any(s.name == "destroy" and s.state is not StepState.DONE for s in work.journey.outcome.steps)
