"""Who is running: a small file that outlives us, so that a later step can wait for what we left behind."""

import os
import signal
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from eod.terraform.workplace import Workplace, write_private


class Running(Struct, frozen=True, kw_only=True):
    """A process that was started. `start` tells it from another process that got its number later.

    `since` is when the first of those was whose end nobody has dealt with: what a later one saves may be its.
    """

    pid: int
    start: str
    environment: str
    operation: str
    binary: str
    root: str
    started_at: datetime
    since: datetime | None = None


def note(place: Workplace, running: Running) -> None:
    """Write down who is running."""
    write_private(place.running, msgspec.json.encode(running))


def noted(place: Workplace) -> Running | None:
    """Who was running when we, or an earlier step, last wrote it down; `None` if nobody or if it is unreadable."""
    try:
        return msgspec.json.decode(place.running.read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError):
        return None


def start_of(pid: int) -> str:
    """When a process started, in the kernel's words; empty if there is none, if it is dead, or without `/proc`.

    A process whose parent died and that nobody reaps stays in the table as a zombie: that one has ended.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    state, start = fields[0], fields[19]
    return "" if state in {"Z", "X"} else start


def is_alive(running: Running) -> bool:
    """Whether that very process still runs."""
    if running.start:
        return start_of(running.pid) == running.start
    try:
        os.kill(running.pid, 0)
    except OSError:
        return False
    return True


def interrupt_once(place: Workplace, pid: int) -> bool:
    """Send SIGINT to this process, never to its group, unless anybody did before; whether it was sent now.

    The second interrupt makes Terraform leave at once and lose its state, and provider plugins do not survive a
    SIGTERM to the group. The marker is claimed before the signal is sent: at most one, whoever asks.
    """
    try:
        os.close(os.open(place.interrupted, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        return False
    try:
        os.kill(pid, signal.SIGINT)
    except OSError:
        return False
    return True
