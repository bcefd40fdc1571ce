"""Saves, in the drain step, what a Terraform of an earlier step could not: later the runner is gone."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from eod.errors import EodError
from eod.interrupts import Interrupts
from eod.model.lock import CUT_OFF, StateLock
from eod.terraform.clock import Clock
from eod.terraform.engine import with_early_variables
from eod.terraform.environment import terraform_environment
from eod.terraform.locks import is_identifier, lock_met
from eod.terraform.process import Command, Ended, Launcher
from eod.terraform.running import Running
from eod.terraform.workplace import Workplace

SAVE_SECONDS: Final = 60.0
LOCK_SECONDS: Final = 30.0

Save = Callable[[Workplace, Running, Path, float], bool]
"""Pushes an unsaved state within so many seconds; whether it is saved now."""


def saver(environ: Mapping[str, str], *, interrupts: Interrupts, clock: Clock, holder: str = "") -> Save:
    """What `drain` needs to push unsaved states, with the credentials that `environ` holds.

    A Terraform that could not save its state could often not release its lock either. `holder` is the mark of
    this user and machine (see `eod.model.lock`): without it no lock is known to be that Terraform's.
    """

    def save(place: Workplace, running: Running, unsaved: Path, seconds: float) -> bool:
        until = clock.monotonic() + min(seconds, SAVE_SECONDS)
        launcher = Launcher(
            binary=Path(running.binary),
            environment=running.environment,
            place=place,
            interrupts=interrupts,
            clock=clock,
        )

        def run(operation: str, arguments: list[str]) -> Ended | None:
            left = until - clock.monotonic()
            if left <= 0:
                return None
            command = Command(
                operation=operation,
                arguments=with_early_variables(
                    arguments, place.variables, tofu=Path(running.binary).name.startswith("tofu")
                ),
                root=Path(running.root),
                environ=terraform_environment(environ, data=place.data, tags={}),
                timeout_seconds=left,
            )
            try:
                return launcher.run(command, lambda _line: None)
            except EodError:
                return None

        def push() -> Ended | None:
            patience = int(min(LOCK_SECONDS, max(0.0, until - clock.monotonic()) / 2))
            return run("state push", ["state", "push", f"-lock-timeout={patience}s", str(unsaved)])

        ended = push()
        lock = _left_by(running, ended, holder)
        if lock is not None:
            run("force-unlock", ["force-unlock", "-force", lock.id])
            ended = push()
        if ended is None or ended.returncode != 0:
            return False
        unsaved.unlink()
        return True

    return save


def _left_by(running: Running, ended: Ended | None, holder: str) -> StateLock | None:
    """The lock that a push met, where a Terraform that is over took it: by this user, on this machine."""
    since = (running.since or running.started_at) - CUT_OFF
    lock = None if ended is None or ended.returncode == 0 else lock_met(ended.complaints)
    if lock is None or not holder or lock.holder != holder or lock.created_at is None or not is_identifier(lock):
        return None
    return lock if lock.created_at >= since else None
