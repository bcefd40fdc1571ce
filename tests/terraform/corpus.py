"""Reads the corpora of messages in `faults/`: each with the class that a person gave it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eod.model.fault import FaultClass

FOLDER = Path(__file__).parent / "faults"


@dataclass(frozen=True)
class Sample:
    fault_class: FaultClass
    operation: str
    resource_type: str
    message: str

    def __repr__(self) -> str:
        return f"{self.fault_class}: {' '.join(self.message.split())[:120]}"


def samples(pattern: str) -> list[Sample]:
    return [sample for path in sorted(FOLDER.glob(pattern)) for sample in _read(path)]


def _read(path: Path) -> Iterator[Sample]:
    blocks = path.read_text(encoding="utf-8").split("\n=== ")[1:]
    for block in blocks:
        head, _, message = block.partition("\n")
        judged, _, _reason = head.partition(" | ")
        fault_class, operation, resource_type = ("" if word == "-" else word for word in judged.split())
        yield Sample(FaultClass(fault_class), operation, resource_type, message)
