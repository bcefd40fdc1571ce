"""`sweep`: what GitHub says is open against what exists; the rest is torn down, with a brake."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from msgspec import structs

from eod.config.names import pr_number_of
from eod.errors import EodError, HeldError, NotFoundError, SweepStoppedError
from eod.interrupts import HEARD_WITHIN_SECONDS
from eod.lifecycle.down import down
from eod.lifecycle.rooms import DownRequest, Rooms, SweepRequest
from eod.lifecycle.sweep_plan import Reason, Seen, brake, decide, still_due
from eod.model.cloud import Certificate
from eod.model.outcome import SweepAction, SweepOutcome
from eod.model.record import Record

TEARDOWNS_AT_ONCE = 4


def sweep(rooms: Rooms, request: SweepRequest) -> SweepOutcome:
    """Tear down what is expired, closed, orphaned or stuck; warn what expires soon.

    Raises:
        SweepStoppedError: The safety brake; nothing was deleted.
        EodError: Something could not be listed (nothing was deleted), or a teardown failed (the others were made).
    """
    outcome = SweepOutcome(repository=rooms.repository, dry_run=request.dry_run, started_at=rooms.clock.now())
    try:
        seen = _look(rooms)
        outcome = structs.replace(outcome, open_pulls=len(seen.open_pulls), records=len(seen.records))
        records = {record.environment: record for record in seen.records}
        actions = tuple(
            _confirmed(rooms, action, records.get(action.environment)) for action in decide(seen, rooms.config)
        )
        outcome = structs.replace(outcome, actions=actions)
        brake(actions, seen, rooms.config)
    except EodError as error:
        _finish(rooms, structs.replace(outcome, stopped=str(error)))
        raise
    if request.dry_run:
        return _finish(rooms, outcome)
    outcome = _carry_out(rooms, outcome)
    _finish(rooms, outcome)
    _raise_failures(outcome)
    return outcome


def _look(rooms: Rooms) -> Seen:
    """All listings side by side. One that fails stops the sweep."""
    inventory, delivery = rooms.inventory, rooms.delivery
    with ThreadPoolExecutor(max_workers=5) as pool:
        pulls = pool.submit(rooms.forge.open_pull_requests)
        records = pool.submit(rooms.records.all)
        namespaces = pool.submit(rooms.cluster.namespaces)
        applications = pool.submit(delivery.applications) if delivery is not None else None
        cloud = pool.submit(inventory.environments) if inventory is not None else None
        return Seen(
            now=rooms.clock.now(),
            open_pulls=pulls.result(),
            records=records.result(),
            namespaces=tuple(n for n in namespaces.result() if n.repository == rooms.repository),
            applications=() if applications is None else applications.result(),
            cloud={} if cloud is None else cloud.result(),
        )


def _confirmed(rooms: Rooms, action: SweepAction, record: Record | None) -> SweepAction:
    """Absence from a list proves nothing: before a teardown the pull request itself is asked for."""
    if action.action != "teardown":
        return action
    number = _number_of(rooms, action, record)
    if number is None:
        return structs.replace(
            action, action="report", detail=f"{action.detail}; its name is not one of ours, so it is left alone"
        )
    if action.reason not in {Reason.CLOSED, Reason.ORPHANED}:
        return action
    try:
        pull = rooms.forge.pull_request(number)
    except NotFoundError:
        return structs.replace(action, action="report", detail=f"{action.detail}; #{number} does not exist here")
    if pull.open and action.reason == Reason.CLOSED:
        raise SweepStoppedError(
            f"The sweep stopped before its first deletion: GitHub's list leaves out #{number}, which is open.",
            why="The listing of open pull requests is not to be trusted now.",
            fix="Run the sweep again later.",
        )
    if pull.open:
        return structs.replace(
            action, action="report", detail=f"{action.detail}; #{number} is open, its next run adopts it"
        )
    return action


def _number_of(rooms: Rooms, action: SweepAction, record: Record | None) -> int | None:
    """Whose environment it is; one that was made under another `name` is known by its record."""
    number = pr_number_of(rooms.config, action.environment)
    if number is None and record is not None and record.repository == rooms.repository:
        return record.pr_number
    return number


def _carry_out(rooms: Rooms, outcome: SweepOutcome) -> SweepOutcome:
    """A few at once: a teardown mostly waits, and twenty of them one by one outlast the job."""
    certificates: list[Certificate] = []
    with ThreadPoolExecutor(max_workers=TEARDOWNS_AT_ONCE) as pool:
        running = [pool.submit(_perform, rooms, action, certificates.append) for action in outcome.actions]
        try:
            # In slices, else a cancel that comes right before the wait is heard when a teardown ends.
            while wait(running, timeout=HEARD_WITHIN_SECONDS).not_done:
                pass
            actions = tuple(work.result() for work in running)
        except BaseException:
            # Leaving the block waits for what has begun.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return structs.replace(outcome, actions=actions, certificates=tuple(certificates))


def _perform(rooms: Rooms, action: SweepAction, keep: Callable[[Certificate], None]) -> SweepAction:
    if rooms.signals.received:
        # A thread that ends its teardown takes the next one before the main thread has woken up to forbid it.
        return action
    try:
        if action.action == "warn":
            _warn(rooms, action)
        elif action.action == "teardown":
            return _tear_down(rooms, action, keep)
        else:
            return action
    except (EodError, Exception) as error:  # noqa: BLE001  # one that fails must not keep the others from being told
        rooms.reporter.say(f"{action.environment}: {_words(error)}")
        return structs.replace(action, error=_words(error))
    return structs.replace(action, done=True)


def _tear_down(rooms: Rooms, action: SweepAction, keep: Callable[[Certificate], None]) -> SweepAction:
    record = rooms.records.get(action.environment)
    number = _number_of(rooms, action, record)
    if number is None or not _still_due(rooms, action, record, number):
        detail = f"{action.detail}; that has changed since it was decided, so it is left alone"
        return structs.replace(action, action="report", detail=detail)
    rooms.reporter.say(f"{action.environment}: {action.reason}: {action.detail}")
    reason = f"{action.reason}: {action.detail}"
    request = DownRequest(
        pr_number=number,
        environment=action.environment,
        reason=reason,
        afterwards=_way_back(rooms, action),
        patient=False,
    )
    try:
        outcome = down(rooms, request)
    except HeldError as error:
        return structs.replace(action, action="report", detail=f"{action.detail}; left alone: {error.why}")
    if outcome.certificate is not None:
        keep(outcome.certificate)
    return structs.replace(action, done=True)


def _way_back(rooms: Rooms, action: SweepAction) -> str:
    if action.reason != Reason.EXPIRED:
        return ""
    return (
        "Its time was over, so it was taken down; the pull request is untouched. A push brings it back, and so "
        f"does re-running its last run. The label `{rooms.config.labels.keep}` lets the time pass."
    )


def _still_due(rooms: Rooms, action: SweepAction, record: Record | None, number: int) -> bool:
    """Others were torn down before this one, which takes a while; a push may have come meanwhile."""
    pull = rooms.forge.pull_request(number)
    return still_due(action, record, pull, rooms.clock.now(), rooms.config)


def _words(error: BaseException) -> str:
    return str(error) if isinstance(error, EodError) else f"An unexpected {type(error).__name__} in eod itself."


def _warn(rooms: Rooms, action: SweepAction) -> None:
    now = rooms.clock.now()

    def warned(record: Record | None) -> Record | None:
        return None if record is None else structs.replace(record, warned_at=now)

    record = rooms.records.update(action.environment, warned, f"{action.environment}: {action.detail}")
    if record is not None:
        rooms.reporter.warn_expiry(record)


def _finish(rooms: Rooms, outcome: SweepOutcome) -> SweepOutcome:
    outcome = structs.replace(outcome, finished_at=rooms.clock.now())
    rooms.reporter.finish_sweep(outcome)
    return outcome


def _raise_failures(outcome: SweepOutcome) -> None:
    failed = [action for action in outcome.actions if action.error]
    if failed:
        raise EodError(
            f"{len(failed)} of {len(outcome.actions)} actions of the sweep failed; the others were made.",
            why="Each failure is listed below and recorded with its environment.",
            fix="The next sweep tries again. What fails every time needs a person.",
            detail="\n".join(f"{action.environment}: {action.error.splitlines()[0]}" for action in failed),
        )
