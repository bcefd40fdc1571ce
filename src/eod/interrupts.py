"""Cancelling a run: the first SIGINT or SIGTERM counts, every later one is ignored.

The GitHub runner sends SIGINT, SIGTERM after 7.5 s and SIGKILL after 10 s. To Terraform both of the first two mean
"interrupt" and the second one means "leave at once, data may be lost", so listeners are called exactly once.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from eod.errors import CancelledError

HEARD_WITHIN_SECONDS: Final = 0.5
"""How long the main thread may be deaf: a signal that comes right before it blocks does not wake it."""


def wait_for(event: threading.Event, seconds: float | None = None) -> bool:
    """Wait for an event as `Event.wait` does, but in slices, so that the main thread hears every signal soon.

    Python runs its signal handlers between two instructions. A signal that comes after the last one and before the
    system call is only noted, and would be heard when the whole wait is over.

    Args:
        event: What is waited for.
        seconds: How long at most; for ever where it is `None`.
    """
    ends = None if seconds is None else time.monotonic() + seconds
    while True:
        left = HEARD_WITHIN_SECONDS if ends is None else ends - time.monotonic()
        if event.wait(min(left, HEARD_WITHIN_SECONDS)):
            return True
        if ends is not None and time.monotonic() >= ends:
            return False


class Interrupts:
    """Turns the first signal into one call of each listener and one `CancelledError` in the main thread."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []
        self._event = threading.Event()
        self._shields = 0
        self._raise_later = False

    @property
    def received(self) -> bool:
        """Whether the run has been cancelled."""
        return self._event.is_set()

    def install(self) -> None:
        """Take over SIGINT and SIGTERM. Call it in the main thread."""
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)

    @contextmanager
    def listening(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call `listener` once if the run is cancelled inside this block (at once, if it already was)."""
        self._listeners.append(listener)
        try:
            if self.received:
                self._call(listener)
            yield
        finally:
            with suppress(ValueError):  # it was told, perhaps in this very moment
                self._listeners.remove(listener)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """Let this block finish: a cancel that arrives meanwhile raises at its end. Keep it to a few seconds.

        Only the main thread is ever broken by a signal, so in other threads there is nothing to hold off.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
            if self._shields == 0 and self._raise_later:
                self._raise_later = False
                raise _cancelled()

    def wait(self, seconds: float) -> None:
        """Sleep in any thread.

        Raises:
            CancelledError: The run is cancelled before the time is over.
        """
        if threading.current_thread() is not threading.main_thread():
            if self._event.wait(seconds):
                raise _cancelled()
            return
        # Not on the event: the signal handler locks it, and would wait for ever where this thread has locked it.
        ends = time.monotonic() + seconds
        while self._shields or not self.received:
            left = ends - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, HEARD_WITHIN_SECONDS))
        raise _cancelled()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.received:
            return
        self._event.set()
        for listener in tuple(self._listeners):
            self._call(listener)
        if self._shields:
            self._raise_later = True
            return
        raise _cancelled()

    def _call(self, listener: Callable[[], None]) -> None:
        try:
            self._listeners.remove(listener)
        except ValueError:  # another thread was faster
            return
        listener()


def _cancelled() -> CancelledError:
    return CancelledError(
        "The run was cancelled.",
        why="Someone cancelled the workflow, or a newer run took its place.",
        fix="Re-run the job: it goes on from the record; or close the pull request to tear everything down.",
    )
