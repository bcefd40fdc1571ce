"""Work beside the main thread: a plan while the first comment is written, an apply while Argo CD syncs."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from eod.interrupts import wait_for

T = TypeVar("T")


class Background(Generic[T]):
    """Runs `work` in a daemon thread at once.

    A daemon, because a cancelled run must be able to leave while Terraform, in a process group of its own,
    finishes; the drain step then waits for it.
    """

    def __init__(self, work: Callable[[], T], name: str) -> None:
        self._work = work
        self._value: T | None = None
        self._error: BaseException | None = None
        self._done = threading.Event()
        self._listeners: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._done.is_set()

    @property
    def failed(self) -> bool:
        """Whether it has ended in an error."""
        return self.done and self._error is not None

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end, at most `seconds`; whether it has ended. A signal in the main thread interrupts it."""
        return wait_for(self._done, seconds)

    def result(self) -> T:
        """Wait and return what the work returned, or raise what it raised."""
        wait_for(self._done)
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # set by the thread before it ends without an error

    def then(self, listener: Callable[[], None]) -> None:
        """Call `listener` in the work's own thread when it ends (at once if it has)."""
        self._listeners.append(listener)
        if self.done:
            listener()

    def _run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:  # noqa: BLE001  # handed to whoever asks for the result
            self._error = error
        self._done.set()
        for listener in self._listeners:
            listener()
