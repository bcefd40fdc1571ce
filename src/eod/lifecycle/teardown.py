"""One environment's teardown, while it is going on."""

from dataclasses import dataclass

from eod.lifecycle.journey import Journey
from eod.lifecycle.place import Place
from eod.lifecycle.proof import Proof
from eod.lifecycle.rooms import Rooms
from eod.model.record import Record


@dataclass(frozen=True, kw_only=True)
class Teardown:
    """What the steps have in common."""

    rooms: Rooms
    journey: Journey
    place: Place
    judged: Record | None
    """The record as it was when no other run was at work; `None` where there was none."""
    record: Record
    reason: str
    afterwards: str
    proof: Proof

    @property
    def timeout(self) -> float:
        """How long one step may take, in seconds."""
        return self.rooms.config.limits.teardown_minutes * 60
