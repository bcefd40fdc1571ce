"""Waits, in a later step, for a Terraform that outlived the step which started it, and tells what came of it."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from eod.terraform.clock import Clock
from eod.terraform.recovery import rescue
from eod.terraform.running import Running, interrupt_once, is_alive, noted
from eod.terraform.saving import Save
from eod.terraform.tail import Tail
from eod.terraform.transcript import Account, transcribe
from eod.terraform.workplace import Workplace

BUDGET_SECONDS: Final = 285.0
"""For all of the drain step: a cancelled job gets 5 minutes, then the runner kills everything that is left."""
TELL_SECONDS: Final = 30.0
"""Of these, what is kept for record and comment."""
SAVE_SECONDS: Final = 55.0
"""What is kept, before that, for states that Terraform could not save: of all environments together."""
PATIENCE_SECONDS: Final = BUDGET_SECONDS - TELL_SECONDS - SAVE_SECONDS
"""How long Terraform is waited for."""
INTERRUPT_AFTER_SECONDS: Final = 120.0
POLL_SECONDS: Final = 1.0


class DrainEnd(StrEnum):
    """How it stands with a Terraform that we waited for."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    LOST = "lost"
    RUNNING = "running"


class DrainReport(Struct, frozen=True, kw_only=True):
    """What came of it.

    `LOST` means that it ended without a word: killed, so that what `account.running` lists may be in no state.
    `unsaved` is the path of a state that could not be saved; the environment's next run saves it if it finds it.
    """

    environment: str
    operation: str
    end: DrainEnd
    account: Account
    waited_seconds: float
    unsaved: str = ""

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.end is not DrainEnd.RUNNING


def drain(
    state_directory: Path,
    *,
    clock: Clock,
    patience_seconds: float = PATIENCE_SECONDS,
    interrupt_after_seconds: float = INTERRUPT_AFTER_SECONDS,
    say: Callable[[str], None] = lambda _line: None,
    alive: Callable[[Running], bool] = is_alive,
    interrupt: Callable[[Workplace, int], bool] = interrupt_once,
    save: Save | None = None,
) -> tuple[DrainReport, ...]:
    """Wait for every Terraform that earlier steps of this job left behind; empty if they left none.

    One that nobody interrupted yet (we were killed before we could) is interrupted once after
    `interrupt_after_seconds`, so that it ends gracefully before the runner kills it. `save` (see `saver`) pushes
    a state that Terraform could not save, and has what the waiting left of `BUDGET_SECONDS`, less `TELL_SECONDS`;
    a state for which no time is left stays `unsaved`.

    Raises:
        CancelledError: This step was cancelled too.
    """
    places = [Workplace(path.parent) for path in sorted(state_directory.glob("*/running.json"))]
    found = [(place, running) for place in places if (running := noted(place)) is not None]
    started = clock.monotonic()
    waiting = list(found)
    while waiting := [(place, running) for place, running in waiting if alive(running)]:
        waited = clock.monotonic() - started
        if waited >= patience_seconds:
            break
        for place, running in waiting:
            if waited >= interrupt_after_seconds and interrupt(place, running.pid):
                say(f"Asked Terraform {running.operation} of {running.environment} to end.")
        clock.wait(min(POLL_SECONDS, patience_seconds - waited))
    waited = clock.monotonic() - started
    left: Mapping[Path, Running] = {place.directory: running for place, running in waiting}
    save_until = started + BUDGET_SECONDS - TELL_SECONDS

    def save_in_time(place: Workplace, running: Running, unsaved: Path) -> bool:
        seconds = save_until - clock.monotonic()
        return save is not None and seconds > 0 and save(place, running, unsaved, seconds)

    return tuple(
        _report(place, running, still=place.directory in left, waited=waited, save=save_in_time)
        for place, running in found
    )


def _report(
    place: Workplace,
    running: Running,
    *,
    still: bool,
    waited: float,
    save: Callable[[Workplace, Running, Path], bool],
) -> DrainReport:
    account = _read(place.stream)
    unsaved = None if still else rescue(place, Path(running.root))
    if unsaved is not None and save(place, running, unsaved):
        unsaved = None
    if not still:
        place.running.unlink(missing_ok=True)
        place.plan.unlink(missing_ok=True)
    return DrainReport(
        environment=running.environment,
        operation=running.operation,
        end=DrainEnd.RUNNING if still else _end(running, account),
        account=account,
        waited_seconds=waited,
        unsaved="" if unsaved is None else str(unsaved),
    )


def _end(running: Running, account: Account) -> DrainEnd:
    if account.finished:
        return DrainEnd.SUCCEEDED
    if account.interrupted:
        return DrainEnd.STOPPED
    if account.errors:
        return DrainEnd.FAILED
    return DrainEnd.LOST if running.operation in {"apply", "destroy"} else DrainEnd.STOPPED


def _read(stream: Path) -> Account:
    try:
        with Tail(stream) as tail:
            return transcribe(tail.remainder())
    except OSError:
        return Account()
