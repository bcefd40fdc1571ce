"""What the tests of this room share: recorded streams, a clock that never waits, and things at hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from eod.interrupts import Interrupts
from eod.terraform.transcript import Account, transcribe

HERE = Path(__file__).parent
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def stream(name: str) -> bytes:
    """A stream as the real binary printed it."""
    return (HERE / "streams" / f"{name}.jsonl").read_bytes()


def account_of(name: str) -> Account:
    return transcribe(stream(name).splitlines())


def document(name: str) -> bytes:
    return (HERE / f"{name}.json").read_bytes()


class FakeClock:
    """Waits in no time, and remembers for how long."""

    def __init__(self, interrupts: Interrupts | None = None) -> None:
        self.interrupts = interrupts or Interrupts()
        self.seconds = 0.0
        self.waits: list[float] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.interrupts.wait(0)
        self.waits.append(seconds)
        self.seconds += seconds
