"""The time that this room works by."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, and waits."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that only grow."""

    def wait(self, seconds: float) -> None:
        """Wait; a cancelled run raises `CancelledError` from here."""
