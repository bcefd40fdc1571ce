"""Estimates in words: when it can be used, what decides that, what sharing would save. Pure."""

from datetime import datetime
from math import ceil, floor

from msgspec import Struct

from eod.model.forecast import Estimate, PathStep, Spread
from eod.model.outcome import Outcome
from eod.reports.markdown import Markdown, code, compose, escape, join
from eod.reports.wording import count

_MINUTE = 60
_TOLD_SECONDS = 30.0
"""What takes less is no news on a critical path."""


class Course(Struct, frozen=True, kw_only=True):
    """A critical path for people: its slow steps, how many quick ones are left out, how long all takes."""

    steps: tuple[PathStep, ...]
    quick: int
    more: int
    takes: str
    learned: bool


def expected(spread: Spread) -> str:
    """`about 12 min (10-15)`, with a dash; `about 1 min`; `under 1 min`."""
    typical = round(spread.typical / _MINUTE)
    low, high = floor(spread.low / _MINUTE), ceil(spread.high / _MINUTE)
    said = f"about {typical} min" if typical else "under 1 min"
    return f"{said} ({low}\u2013{high})" if high > max(typical, 1) or low < typical - 1 else said


def left(spread: Spread, since: datetime, now: datetime) -> Spread:
    """What is left of it some time later."""
    passed = max((now - since).total_seconds(), 0.0)
    return Spread(
        low=max(spread.low - passed, 0.0),
        typical=max(spread.typical - passed, 0.0),
        high=max(spread.high - passed, 0.0),
    )


def remaining(outcome: Outcome, now: datetime) -> Markdown:
    """`in about 12 min (10-15), waiting for ...; everything in about 20 min`. Nothing without an estimate."""
    estimate = outcome.estimate
    if estimate is None:
        return Markdown("")
    usable = expected(left(estimate.usable, estimate.at, now))
    waiting = compose(", waiting for {}", code(estimate.waiting_for)) if estimate.waiting_for else Markdown("")
    done = expected(left(estimate.done, estimate.at, now))
    after = f"; everything in {done}" if _later(estimate) else ""
    return Markdown(f"in {usable}{waiting}{after}")


def courses(outcome: Outcome, limit: int) -> tuple[Course, ...]:
    """The critical path to an environment that can be used, and the one to all done where that is later."""
    forecast = outcome.forecast
    if forecast is None:
        return ()
    usable = _course(forecast.path, expected(forecast.usable), limit)
    if not _later(forecast):
        return (usable,)
    return (usable, _course(forecast.done_path, expected(forecast.done), limit))


def way(course: Course) -> Markdown:
    """The steps with their times, one after the other."""
    told = [
        compose("{} {}", code(step.address) if step.address else step.title, _minutes(step.seconds))
        for step in course.steps
    ]
    others = f"{count(course.quick, 'quick step')}" if course.quick else ""
    more = f"{course.more} more" if course.more else ""
    return join(" → ", [*told, escape(more), escape(others)])


def saving(outcome: Outcome, kind: str) -> str:
    """What sharing all resources of a kind would save, as a sentence; empty where that is nothing or not known."""
    forecast = outcome.forecast
    found = next((one for one in forecast.savings if one.kind == kind), None) if forecast is not None else None
    if found is None:
        return ""
    if found.usable_seconds >= _TOLD_SECONDS:
        return f"That saves {_minutes(found.usable_seconds)}."
    if found.done_seconds >= _TOLD_SECONDS:
        return f"That saves {_minutes(found.done_seconds)} until all is done, and nobody's waiting."
    return "By itself that saves nothing: other resources take as long."


def lines(estimate: Estimate) -> list[str]:
    """What a log says of it."""
    waiting = f", waiting for {estimate.waiting_for}" if estimate.waiting_for else ""
    after = f"; everything in {expected(estimate.done)}" if _later(estimate) else ""
    return [f"  usable in {expected(estimate.usable)}{waiting}{after}"]


def path_lines(estimate: Estimate) -> list[str]:
    """The critical paths and what sharing would save, for a log."""
    told = [f"  critical path: {_plain(estimate.path)}"] if estimate.path else []
    if _later(estimate):
        told.append(f"  until all is done: {_plain(estimate.done_path)}")
    told += [
        f"  sharing {one.title} saves {_minutes(one.usable_seconds)}"
        for one in estimate.savings
        if one.usable_seconds >= _TOLD_SECONDS
    ]
    return told


def _later(estimate: Estimate) -> bool:
    return estimate.done.typical - estimate.usable.typical >= _MINUTE


def _course(path: tuple[PathStep, ...], takes: str, limit: int) -> Course:
    slow = tuple(step for step in path if step.seconds >= _TOLD_SECONDS)
    return Course(
        steps=slow[:limit],
        quick=len(path) - len(slow),
        more=max(len(slow) - limit, 0),
        takes=takes,
        learned=any(step.samples for step in slow),
    )


def _plain(path: tuple[PathStep, ...]) -> str:
    slow = [step for step in path if step.seconds >= _TOLD_SECONDS] or list(path[-1:])
    return " → ".join(f"{step.address or step.title} {_minutes(step.seconds)}" for step in slow)


def _minutes(seconds: float) -> str:
    minutes = seconds / _MINUTE
    return f"about {round(minutes)} min" if minutes >= 1 else "under 1 min"
