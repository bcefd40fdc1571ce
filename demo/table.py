"""The table at the end: tier, seconds until usable, where the time went, certificate."""

import json
from collections.abc import Iterable

from msgspec import Struct

from demo.cast import Part
from demo.takes import Take
from eod.model.record import Record, StepTime
from eod.records import yaml

_MOST_STEPS = 3
_STEPS = {
    "classify": "choosing the tier",
    "namespace": "namespace",
    "plan": "plan",
    "gates": "what the app needs",
    "apply": "apply",
    "sync": "Argo CD",
    "answer": "URL",
}
_BESIDE = {"apply"}
"""Goes on beside the others; what was waited for of it is `gates`."""


class Line(Struct, frozen=True, kw_only=True):
    """One pull request's life in figures. Seconds are `None` where there was no such thing."""

    number: int
    title: str
    tier: str
    ready_seconds: float | None
    where: str
    push_seconds: float | None
    removal_seconds: float | None
    certificate: str


def lines(parts: Iterable[Part], takes: list[Take]) -> list[Line]:
    """A line for each part of which anything happened."""
    return [_line(part, own) for part in parts if (own := [take for take in takes if take.number == part.number])]


def steps_of(take: Take) -> tuple[StepTime, ...]:
    """How long each step took, as the environment's record says."""
    return _record(take).steps if take.record else ()


def _line(part: Part, own: list[Take]) -> Line:
    by_kind = {take.name.partition("-")[2]: take for take in own}
    first, pushed = own[0], by_kind.get("pushed")
    last = next((take for take in own if take.run.trigger.workflow != "preview.yml"), None)
    return Line(
        number=part.number,
        title=part.title,
        tier=first.run.outputs.get("tier", ""),
        ready_seconds=_seconds(first),
        where=", ".join(_where(steps_of(first))),
        push_seconds=None if pushed is None else _seconds(pushed),
        removal_seconds=None if last is None else last.run.seconds,
        certificate="" if last is None else certificate_line(last),
    )


def certificate_line(take: Take) -> str:
    """What was removed, in a few words."""
    text = take.run.outputs.get("certificate", "")
    if not text:
        gone = next((line for line in take.run.log if "nothing left." in line), "")
        return gone.rpartition(": ")[2].rstrip(".")
    told = json.loads(text)
    left = len(told["remaining"])
    return f"{len(told['removed'])} things removed, {left or 'nothing'} left"


def _where(steps: tuple[StepTime, ...]) -> list[str]:
    told = [step for step in steps if step.step not in _BESIDE]
    longest = sorted(told, key=lambda step: -step.seconds)[:_MOST_STEPS]
    return [f"{_STEPS.get(step.step, step.step)} {step.seconds:.0f} s" for step in longest if step.seconds >= 0.5]


def _seconds(take: Take) -> float | None:
    text = take.run.outputs.get("ready-seconds", "")
    return float(text) if text else None


def _record(take: Take) -> Record:
    return yaml.load(take.record, take.name)
