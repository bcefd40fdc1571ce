from datetime import UTC, datetime, timedelta


class FastClock:
    """Time that passes only when somebody waits."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds

    def wait(self, seconds):
        self.seconds += seconds
