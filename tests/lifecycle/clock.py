import time
from datetime import UTC, datetime


class WallClock:
    """Real time."""

    def now(self):
        return datetime.now(UTC)

    def monotonic(self):
        return time.monotonic()

    def wait(self, seconds):
        time.sleep(seconds)
