"""Run a program that leaves nothing behind: `python leash.py PROGRAM ARGUMENT…`.

Ends with the program's exit code. Whatever the program had started and not ended is ended with it. Everything
is ended at once when standard input closes (whoever started this is gone, however they went), or on SIGTERM or
SIGINT.

Started by its path and not as a module, so that nothing but the standard library is loaded.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_KILLED = 128 + signal.SIGKILL


def main() -> int:
    """Run the program and clear up after it."""
    _adopt_orphans()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(stopping))
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_when_abandoned, args=(stopping,), daemon=True).start()
    code = _wait(program.pid)
    left = _end_all()
    if left and not stopping.is_set():
        print(f"leash: the program had left {', '.join(left)}", file=sys.stderr)
    return _KILLED if stopping.is_set() else code


def _wait(pid: int) -> int:
    """Wait for the program; orphans that end meanwhile are collected too."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return os.waitstatus_to_exitcode(status) % 256


def _when_abandoned(stopping: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    _stop(stopping)


def _stop(stopping: threading.Event) -> None:
    stopping.set()
    for pid, _ in _descendants():
        _kill(pid)


def _end_all() -> list[str]:
    """Kill every descendant, again and again until there is none: a dying parent hands its children on."""
    named: dict[int, str] = {}
    while found := dict(_descendants()):
        named |= found
        for pid in found:
            _kill(pid)
        with contextlib.suppress(ChildProcessError):
            os.wait()
    return [name for name in named.values() if name]


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _descendants() -> Iterator[tuple[int, str]]:
    """Number and name of every process below this one; one that only waits to be collected has no name."""
    table = dict(_from_proc() if Path("/proc/self/stat").exists() else _from_ps())
    below = {os.getpid()}
    while more := {pid for pid, (parent, _) in table.items() if parent in below} - below:
        below |= more
    yield from ((pid, table[pid][1]) for pid in sorted(below - {os.getpid()}))


def _from_proc() -> Iterator[tuple[int, tuple[int, str]]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            text = (entry / "stat").read_text(errors="replace")
        except OSError:
            continue
        # The second field is the program's name in parentheses and may itself hold anything.
        head, _, tail = text.rpartition(")")
        state, parent = tail.split()[:2]
        yield int(entry.name), (int(parent), "" if state == "Z" else head.partition("(")[2])


def _from_ps() -> Iterator[tuple[int, tuple[int, str]]]:
    listing = subprocess.Popen(["ps", "-A", "-o", "pid=,ppid=,comm="], stdout=subprocess.PIPE, text=True)
    lines = listing.communicate()[0].splitlines()
    for pid, parent, name in (line.split(None, 2) for line in lines):
        if int(pid) != listing.pid:
            yield int(pid), (int(parent), name)


def _adopt_orphans() -> None:
    """Be the parent of processes whose own parent ends; elsewhere than on Linux they get away."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
