"""The process that owns a running testbed: it starts everything, and when it goes, everything goes.

It says what it does on its standard output, one JSON object a line, until the testbed is ready. It ends on
SIGTERM, and on the end of its standard input when it is tethered to the process that started it.
"""

import argparse
import datetime as dt
import fcntl
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Protocol

import msgspec

from testbed import handle
from testbed.binaries import Binaries
from testbed.choice import Source
from testbed.errors import TestbedError
from testbed.handle import Testbed
from testbed.kind import Kind
from testbed.processes import adopt_orphans

LOCK = "supervisor.lock"
_LOOK_EVERY_SECONDS = 5
_log = logging.getLogger(__name__)


class Cluster(Protocol):
    """What can be supervised."""

    def start(self) -> Testbed:
        """Start everything and wait until it is ready."""

    def stop(self) -> None:
        """End everything."""

    def ended(self) -> dict[str, int]:
        """What ended by itself although it should run, with its exit code."""


def main() -> None:
    """Run one testbed until told to stop."""
    arguments = _arguments()
    state = Path(arguments.state)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    held = _hold(state)
    adopt_orphans()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if arguments.tethered:
        threading.Thread(target=_leave_with_starter, daemon=True).start()
    make = Kind if Source(arguments.source) is Source.KIND else Binaries
    cluster: Cluster = make(state=state, say=lambda step: _tell(step=step), now=dt.datetime.now(dt.UTC))
    try:
        _supervise(cluster)
    except TestbedError as error:
        _log.error("%s", error)
        _tell(failed=str(error))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        handle.remove(state)
        cluster.stop()
        held.close()


def _supervise(cluster: Cluster) -> None:
    testbed = cluster.start()
    handle.write(testbed)
    _tell(ready=msgspec.to_builtins(testbed))
    _close_standard_output()
    reported: set[str] = set()
    while not threading.Event().wait(_LOOK_EVERY_SECONDS):
        for name, code in cluster.ended().items():
            if name not in reported:
                _log.error("%s ended with code %d", name, code)
                reported.add(name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="testbed.supervisor")
    parser.add_argument("--state", required=True, help="the testbed's folder")
    parser.add_argument("--source", required=True, choices=[Source.BINARIES, Source.KIND])
    parser.add_argument("--tethered", action="store_true", help="end when standard input ends")
    return parser.parse_args()


def _hold(state: Path) -> Any:
    """Hold the folder's lock for as long as we live: it tells others that we do, and our process id."""
    held = (state / LOCK).open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _tell(failed=f"a testbed is already running in {state}")
        sys.exit(1)
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def _leave(*_: object) -> None:
    sys.exit(0)


def _leave_with_starter() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _tell(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _close_standard_output() -> None:
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a path
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    main()
