import time
from datetime import UTC, datetime, timedelta


class RealClock:
    def now(self):
        return datetime.now(UTC)

    def monotonic(self):
        return time.monotonic()

    def wait(self, seconds):
        time.sleep(seconds)


class FastClock:
    """Time that passes only when somebody waits."""

    def __init__(self):
        self.seconds = 0.0
        self.waits = []

    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds

    def wait(self, seconds):
        self.waits.append(seconds)
        self.seconds += seconds
