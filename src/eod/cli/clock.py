"""Real time, which a cancel interrupts."""

import time
from datetime import UTC, datetime

from eod.interrupts import Interrupts


class SystemClock:
    """The clock that is handed to all rooms."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep, or raise `CancelledError` as soon as the run is cancelled."""
        self._interrupts.wait(seconds)
