"""Saves, in the drain step, what a Terraform of an earlier step could not: later the runner is gone."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from eod.errors import EodError
from eod.interrupts import Interrupts
from eod.terraform.clock import Clock
from eod.terraform.engine import with_early_variables
from eod.terraform.environment import terraform_environment
from eod.terraform.process import Command, Launcher
from eod.terraform.running import Running
from eod.terraform.workplace import Workplace

SAVE_SECONDS: Final = 60.0
LOCK_SECONDS: Final = 30.0

Save = Callable[[Workplace, Running, Path, float], bool]
"""Pushes an unsaved state within so many seconds; whether it is saved now."""


def saver(environ: Mapping[str, str], *, interrupts: Interrupts, clock: Clock) -> Save:
    """What `drain` needs to push unsaved states, with the credentials that `environ` holds."""

    def save(place: Workplace, running: Running, unsaved: Path, seconds: float) -> bool:
        seconds = min(seconds, SAVE_SECONDS)
        lock_seconds = int(min(LOCK_SECONDS, seconds / 2))
        launcher = Launcher(
            binary=Path(running.binary),
            environment=running.environment,
            place=place,
            interrupts=interrupts,
            clock=clock,
        )
        command = Command(
            operation="state push",
            arguments=with_early_variables(
                ["state", "push", f"-lock-timeout={lock_seconds}s", str(unsaved)],
                place.variables,
                tofu=Path(running.binary).name.startswith("tofu"),
            ),
            root=Path(running.root),
            environ=terraform_environment(environ, data=place.data, tags={}),
            timeout_seconds=seconds,
        )
        try:
            ended = launcher.run(command, lambda _line: None)
        except EodError:
            return False
        if ended.returncode != 0:
            return False
        unsaved.unlink()
        return True

    return save
