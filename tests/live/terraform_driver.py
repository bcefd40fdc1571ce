"""Runs one apply as the action does: the work in a daemon thread, signals in the main thread. Killed by its tests.

`python -m tests.live.terraform_driver <settings as JSON>`; says on standard output how far it is.
"""

import json
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from eod.errors import EodError
from eod.interrupts import Interrupts
from eod.terraform import Settings, TerraformRunner


class RealClock:
    def __init__(self, interrupts: Interrupts) -> None:
        self.interrupts = interrupts

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        self.interrupts.wait(seconds)


def runner(
    binary, state_directory, environ, *, interrupts=None, say=lambda _line: None, hide=lambda _: None, **settings
):
    interrupts = interrupts or Interrupts()
    return TerraformRunner(
        settings=Settings(binary=binary, **settings),
        interrupts=interrupts,
        environ=environ,
        state_directory=Path(state_directory),
        say=say,
        clock=RealClock(interrupts),
        hide=hide,
    )


def main() -> int:
    given = json.loads(sys.argv[1])
    interrupts = Interrupts()
    interrupts.install()
    made = runner(
        given["binary"],
        given["state_directory"],
        dict(os.environ),
        interrupts=interrupts,
        say=lambda line: tell("say", line),
        allow_local_state=True,
    )
    workspace = made.workspace(
        environment="pr-1",
        root=Path(given["root"]),
        commit="abc",
        backend=given["backend"],
        variables={},
        tags={},
    )
    plan = workspace.plan()
    tell("planned", plan.summary.line)

    ended = threading.Event()

    def work():
        try:
            result = workspace.apply(plan, lambda p: tell(p.state, p.address))
            tell("done", str(result.added))
        except EodError as error:
            tell("error", f"{type(error).__name__}: {error.what}")
        ended.set()

    threading.Thread(target=work, daemon=True).start()
    try:
        # Not `Thread.join`: an exception in it makes Python 3.11 believe that the thread has ended.
        ended.wait()
    except EodError as error:
        tell("cancelled", error.what)
        ended.wait(20)
        return int(error.exit_code)
    return 0


def tell(what, text):
    print(json.dumps([what, text]), flush=True)


if __name__ == "__main__":
    sys.exit(main())
