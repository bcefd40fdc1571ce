"""Starts Terraform so that nothing that happens to us harms it, and stops it so that nothing is lost.

It runs in a session of its own (a signal to our group never reaches it or its plugins) and writes to files, not to
pipes (if we die, a pipe would kill it in the middle of an apply). It is interrupted at most once.
"""

import os
import re
import select
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from eod.errors import CancelledError, TerraformError
from eod.interrupts import Interrupts
from eod.terraform.clock import Clock
from eod.terraform.cutting import end
from eod.terraform.running import Running, interrupt_once, note, noted, start_of
from eod.terraform.tail import Tail
from eod.terraform.workplace import ERRORED, Workplace

POLL_SECONDS: Final = 0.05
"""How late a line is read; the end of a process is noticed at once."""
LEAVE_AFTER_SECONDS: Final = 6.0
"""How long a cancelled main thread waits for Terraform: the runner kills it 10 s after the first signal."""

COMPLAINTS_BYTES: Final = 20_000
"""The end of what it prints on standard error, which is all that is read of it."""

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
"""Terraform prints them to files, too; in words that are searched and shown they only stand in the way."""

OnLine = Callable[[bytes], None]


class Command(Struct, frozen=True, kw_only=True):
    """What to run. `timeout_seconds` ends it gracefully; `held` are files whose locks it keeps while it lives."""

    operation: str
    arguments: Sequence[str]
    root: Path
    environ: Mapping[str, str]
    timeout_seconds: float | None = None
    held: tuple[int, ...] = ()


class Ended(Struct, frozen=True, kw_only=True):
    """How it ended. `returncode` is `None` when we left first and it is still stopping."""

    returncode: int | None
    timed_out: bool = False
    complaints: str = ""


class Launcher:
    """Runs commands of one binary in one environment's workplace, one at a time."""

    def __init__(
        self, *, binary: Path, environment: str, place: Workplace, interrupts: Interrupts, clock: Clock
    ) -> None:
        self._binary = binary
        self._environment = environment
        self._place = place
        self._interrupts = interrupts
        self._clock = clock
        self._pid: int | None = None
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether this run was cancelled or asked to stop: nothing new is begun."""
        return self._stopped or self._interrupts.received

    def stop(self) -> None:
        """Ask what runs now to end gracefully, and begin nothing new. As often as one likes, from any thread."""
        self._stopped = True
        self._interrupt()

    def run(self, command: Command, on_line: OnLine) -> Ended:
        """Run it to its end and hand each line of its output on.

        Works in any thread. When the run is cancelled it is interrupted once and waited for; only the main thread
        leaves after `LEAVE_AFTER_SECONDS`, because the runner kills that anyway.

        Raises:
            CancelledError: The run was cancelled before it was started.
            TerraformError: It cannot be started.
        """
        if self.stopped:
            raise CancelledError("Terraform was asked to stop before it began this.", detail=command.operation)
        ended: Ended | None = None
        try:
            with self._undisturbed():
                ended = self._run(command, on_line)
        except CancelledError:
            if ended is None:
                raise
        return ended

    def _interrupt(self) -> None:
        """Runs in signal handlers too."""
        if self._pid is not None:
            interrupt_once(self._place, self._pid)

    def _run(self, command: Command, on_line: OnLine) -> Ended:
        self._place.prepare()
        self._place.interrupted.unlink(missing_ok=True)
        process = self._start(command)
        self._pid = process.pid
        if self._stopped:  # while it was being started, when nobody knew of it yet
            self._interrupt()
        try:
            with self._interrupts.listening(self._interrupt), Tail(self._place.stream) as tail:
                return self._follow(process, command, tail, on_line)
        finally:
            self._pid = None

    def _start(self, command: Command) -> subprocess.Popen[bytes]:
        try:
            with self._fresh(self._place.stream) as out, self._fresh(self._place.complaints) as err:
                process = subprocess.Popen(
                    [str(self._binary), *command.arguments],
                    cwd=command.root,
                    env=dict(command.environ),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                    pass_fds=command.held,
                )
        except OSError as error:
            raise TerraformError(
                f"{self._binary.name} cannot be started: {error.strerror}.",
                fix="Check `terraform.binary` in the configuration and the runner's disk.",
                where=str(self._binary),
            ) from None
        try:
            note(self._place, self._described(process.pid, command))
        except TerraformError:
            interrupt_once(self._place, process.pid)
            process.wait()
            raise
        return process

    def _described(self, pid: int, command: Command) -> Running:
        earlier = noted(self._place)
        return Running(
            pid=pid,
            start=start_of(pid),
            environment=self._environment,
            operation=command.operation,
            binary=str(self._binary),
            root=str(command.root),
            started_at=self._clock.now(),
            since=None if earlier is None else earlier.since or earlier.started_at,
        )

    def _follow(self, process: subprocess.Popen[bytes], command: Command, tail: Tail, on_line: OnLine) -> Ended:
        try:
            timed_out = self._watch(process, command.timeout_seconds, tail, on_line)
            if process.returncode is not None:
                for line in tail.remainder():
                    on_line(line)
        except BaseException:
            process.wait()
            self._forget(command.root)
            raise
        if process.returncode is None:
            # Somebody has to take its exit code, or it would stay in the process table as long as we live.
            threading.Thread(target=process.wait, name="terraform-left-behind", daemon=True).start()
            return Ended(returncode=None, timed_out=timed_out)
        self._forget(command.root)
        return Ended(returncode=process.returncode, timed_out=timed_out, complaints=self._complaints())

    def _watch(self, process: subprocess.Popen[bytes], timeout: float | None, tail: Tail, on_line: OnLine) -> bool:
        """Read along until it ends or we have to leave; whether its time ran out."""
        started = self._clock.monotonic()
        timed_out = False
        patience = _Patience(self._interrupts)
        with _ending_of(process) as ended:
            while not ended():
                for line in tail.lines():
                    on_line(line)
                if timeout is not None and not timed_out and self._clock.monotonic() - started > timeout:
                    timed_out = True
                    self._interrupt()
                if patience.over():
                    break
        return timed_out

    def _forget(self, root: Path) -> None:
        """We have seen the end. After a cancel nobody may be left to tell of it, so the drain step will.

        It also saves what Terraform could not save, unless we live to do it.
        """
        unsaved = self._place.unsaved.exists() or (root / ERRORED).exists()
        if not unsaved and not self._interrupts.received:
            self._place.running.unlink(missing_ok=True)

    def _complaints(self) -> str:
        with self._place.complaints.open("rb") as file:  # with `TF_LOG` set there may be gigabytes
            file.seek(max(0, file.seek(0, os.SEEK_END) - COMPLAINTS_BYTES))
            said = _COLOUR.sub("", file.read().decode(errors="replace"))
        return end(said, COMPLAINTS_BYTES - 1)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """In the main thread a signal raises wherever it meets us: not in here, where Terraform would be lost."""
        if threading.current_thread() is threading.main_thread():
            with self._interrupts.shielded():
                yield
        else:
            yield

    def _fresh(self, path: Path) -> BinaryIO:
        path.unlink(missing_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class _Patience:
    """How long a cancelled main thread may still wait, by polls; other threads wait for the end."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._leaves = threading.current_thread() is threading.main_thread()
        self._polls = int(LEAVE_AFTER_SECONDS / POLL_SECONDS)

    def over(self) -> bool:
        """Ask once a poll."""
        if self._leaves and self._interrupts.received:
            self._polls -= 1
        return self._polls <= 0


@contextmanager
def _ending_of(process: subprocess.Popen[bytes]) -> Iterator[Callable[[], bool]]:
    """Tells whether it has ended, within `POLL_SECONDS` and as soon as it does where the kernel says so."""
    if not hasattr(os, "pidfd_open"):
        yield lambda: _ended_within(process, POLL_SECONDS)
        return
    descriptor = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        # A process that is over still has to be reaped, and that never takes long.
        yield lambda: bool(poll.poll(POLL_SECONDS * 1000)) and _ended_within(process, POLL_SECONDS)
    finally:
        os.close(descriptor)


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
