"""Starting and stopping a supervised testbed, from whatever process wants one."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

import msgspec
import tenacity

from testbed import build, handle, kind, processes, redis, supervisor
from testbed.choice import Source
from testbed.errors import TestbedError
from testbed.handle import Testbed
from testbed.parts import CLUSTER

Say = Callable[[str], None]

_CHECKOUT = Path(__file__).parents[1]
_GRACE_SECONDS = 30


class Started:
    """A testbed that this process has started.

    Args:
        testbed: Where it is.
        supervisor: The process that owns it; its standard input is the tether, if it has one.
    """

    def __init__(self, testbed: Testbed, supervisor: "subprocess.Popen[bytes]") -> None:
        self.testbed = testbed
        self._supervisor = supervisor

    def stop(self) -> None:
        """Stop it and wait until it is gone; its folder stays."""
        stop(Path(self.testbed.state_dir))
        self._supervisor.wait()
        if self._supervisor.stdin:
            self._supervisor.stdin.close()


def start(state: Path, source: Source, *, tethered: bool, say: Say) -> Started:
    """Build what is missing, start a testbed and wait until it is ready.

    Args:
        state: Its folder; made when it is not there.
        source: Where the cluster comes from: kind or binaries.
        tethered: Whether it shall end with this process, however this process ends.
        say: Told what happens, line by line.

    Raises:
        TestbedError: It cannot be built or started. Nothing is left running; the logs stay in the folder.
    """
    if source is Source.BINARIES:
        redis.find()
        build.build(CLUSTER, say=say)
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = state / "logs" / "supervisor.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as errors:
        started = subprocess.Popen(
            [sys.executable, "-m", supervisor.__name__, "--state", str(state), "--source", source]
            + (["--tethered"] if tethered else []),
            cwd=_CHECKOUT,
            stdin=subprocess.PIPE if tethered else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    try:
        with cast("IO[bytes]", started.stdout) as told:
            return Started(_wait_until_ready(told, log, say), started)
    except BaseException:
        # Not `stop`: where the folder was in use already, that would end somebody else's testbed.
        started.terminate()
        started.wait()
        if started.stdin:
            started.stdin.close()
        raise


def stop(state: Path) -> list[str]:
    """Stop the testbed of this folder and whatever a killed supervisor has left; no error if there is none.

    Returns:
        The names of programs that had to be killed because their supervisor was gone.
    """
    if not (state / supervisor.LOCK).exists():
        return []
    with (state / supervisor.LOCK).open("r+") as lock:
        if not _taken(lock):
            _end_supervisor(lock)
        return _clear(state)


def running(state: Path) -> Testbed | None:
    """The testbed that runs in this folder, or None."""
    if not (state / supervisor.LOCK).exists():
        return None
    with (state / supervisor.LOCK).open("r+") as lock:
        return None if _taken(lock) else handle.read(state)


def remove(state: Path) -> None:
    """Remove the folder of a testbed that was stopped, and no other folder."""
    if (state / supervisor.LOCK).exists():
        shutil.rmtree(state)


def _wait_until_ready(told: IO[bytes], log: Path, say: Say) -> Testbed:
    for line in told:
        match json.loads(line):
            case {"step": str(step)}:
                say(step)
            case {"ready": testbed}:
                return msgspec.convert(testbed, Testbed)
            case {"failed": str(why)}:
                raise TestbedError(why)
    raise TestbedError(f"the testbed's supervisor ended before the testbed was ready; {log} says why")


def _clear(state: Path) -> list[str]:
    """Remove what is left of a testbed, whose lock we hold."""
    left = processes.kill_leftovers(state)
    kind.delete_leftover(state)
    handle.remove(state)
    return left


def _taken(lock: IO[str]) -> bool:
    """Whether we hold the lock now: nobody else did."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_supervisor(lock: IO[str]) -> None:
    """Ask the supervisor to go, and wait for its lock; one that does not go is killed, its programs with it."""
    pid = int(lock.read())
    for demand, seconds in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGKILL, _GRACE_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, demand)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda taken: not taken),
            wait=tenacity.wait_fixed(0.05),
            stop=tenacity.stop_after_delay(seconds),
            retry_error_callback=lambda _: False,
        )
        if retrying(_taken, lock):
            return
    raise TestbedError(f"process {pid}, the testbed's supervisor, cannot be ended")
