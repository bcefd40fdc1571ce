"""Time, as this room needs it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def wait(self, seconds: float) -> None:
        """Sleep, or raise `CancelledError` as soon as the run is cancelled."""


class Deadline:
    """A moment after which a wait is given up."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._start = clock.monotonic()
        self._end = self._start + seconds

    @property
    def left(self) -> float:
        """Seconds until it, never negative."""
        return max(0.0, self._end - self._clock.monotonic())

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return self._clock.monotonic() >= self._end

    @property
    def elapsed(self) -> float:
        """Seconds since the wait began."""
        return self._clock.monotonic() - self._start
