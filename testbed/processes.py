"""The testbed's processes: started in groups of their own, waited for by what they answer, and ended for sure."""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import tenacity

from testbed.errors import TestbedError

_LEASH = Path(__file__).with_name("leash.py")
_PR_SET_CHILD_SUBREAPER = 36
_PR_GET_CHILD_SUBREAPER = 37
_LAST_LINES = 15
_ENDED = {"Z", "X"}  # states of a process that only waits for its parent to take notice


class Processes:
    """Everything that one supervisor has started; nothing of it survives `stop`, or the supervisor itself.

    Programs in turn start programs; for those to be found, the supervisor calls `adopt_orphans` first.

    Args:
        state: The testbed's folder: logs go to `logs/`, what would have to be killed after a crash to `pids/`.
    """

    def __init__(self, state: Path) -> None:
        self._logs = state / "logs"
        self._pids = state / "pids"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        for folder in (self._logs, self._pids):
            folder.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str | Path], *, environment: Mapping[str, str]) -> None:
        """Start a program; what it prints goes to its log. Only from the thread that lives longest."""
        leashed = [sys.executable, "-S", "-E", _LEASH, str(os.getpid()), *command]
        with (self._logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                leashed,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running[name] = process
        record = {"pid": process.pid, "since": started_at(process.pid)}
        (self._pids / f"{name}.json").write_text(json.dumps(record))

    def wait_until(self, name: str, ready: Callable[[], bool], *, seconds: float = 90) -> None:
        """Wait until a program answers.

        Args:
            name: As given to `start`.
            ready: Asks it; False and any connection error mean "not yet".
            seconds: How long it may take.

        Raises:
            TestbedError: It ended, or did not answer in time; the message holds the end of its log.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda answer: not answer) | tenacity.retry_if_exception_type(OSError),
            wait=tenacity.wait_fixed(0.05),
            stop=tenacity.stop_after_delay(seconds),
            before=lambda _: self._must_run(name),
        )
        try:
            retrying(ready)
        except tenacity.RetryError as late:
            why = late.last_attempt.exception() if late.last_attempt.failed else "it says that it is not ready"
            raise TestbedError(
                f"{name} did not become ready in {seconds:.0f} s: {why}\n{self._end_of_log(name)}"
            ) from None

    def ended(self) -> dict[str, int]:
        """The programs that ended by themselves, with their exit codes: none, as long as all is well."""
        codes = {name: process.poll() for name, process in self._running.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def stop(self) -> None:
        """Kill every program with all its children. What they kept is thrown away, so nothing has to be saved."""
        for process in reversed(self._running.values()):
            kill_group(process.pid)
        for process in self._running.values():
            process.wait()
        kill_adopted()
        for record in self._pids.glob("*.json"):
            record.unlink()
        self._running.clear()

    def _must_run(self, name: str) -> None:
        code = self._running[name].poll()
        if code is not None:
            raise TestbedError(f"{name} ended with code {code}:\n{self._end_of_log(name)}")

    def _end_of_log(self, name: str) -> str:
        log = self._logs / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
        return "\n".join([f"the end of {log}:", *(f"  {line[:400]}" for line in lines)])


def kill_leftovers(state: Path) -> list[str]:
    """Kill what a supervisor that was itself killed may have left; returns the names of what there was."""
    left = []
    for record in sorted((state / "pids").glob("*.json")):
        known = json.loads(record.read_text())
        if known["since"] is not None and started_at(known["pid"]) == known["since"]:
            kill_group(known["pid"])
            left.append(record.stem)
        record.unlink()
    return left


def kill_group(leader: int) -> None:
    """Kill a process group at once; one that is gone already is fine."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def started_at(pid: int) -> str | None:
    """The kernel's own time stamp of a process's start, which tells it from a later one of the same number.

    None when there is no such process (any more), or no `/proc` to ask.
    """
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field is the program's name in parentheses and may itself hold anything; the 22nd is ours.
    fields = status.rpartition(")")[2].split()
    return None if fields[0] in _ENDED else fields[19]


def adopt_orphans() -> None:
    """Become the parent of processes whose own parent ends, for instance of a `git` that a server had started."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _adopts() -> bool:
    found = ctypes.c_int()
    return (
        sys.platform == "linux"
        and ctypes.CDLL(None, use_errno=True).prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(found), 0, 0, 0) == 0
        and bool(found.value)
    )


def kill_adopted() -> None:
    """Kill and collect every child that is left to us, where we adopt orphans: else they are somebody else's."""
    if not _adopts():
        return
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    while own.exists() and (children := own.read_text().split()):
        for child in map(int, children):
            kill_group(child)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
