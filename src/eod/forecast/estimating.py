"""From a plan's graph, the history and what has been done to an estimate of what is left."""

from collections.abc import Sequence
from datetime import datetime

from eod.forecast.durations import left_of, step_kinds, step_spread
from eod.forecast.outlook import NOTHING, WORTH_SAYING_SECONDS, Outlook, Progress, spread_of
from eod.model.forecast import Estimate, Node, PathStep, Saving, Spread
from eod.model.learned import History


def estimate(
    graph: Sequence[Node],
    history: History,
    progress: Progress,
    *,
    parallelism: int,
    now: datetime,
    savings: tuple[Saving, ...] | None = None,
) -> Estimate:
    """When the environment can be used and when all is done, what decides it, and what sharing would save.

    Before anything has begun this is the whole way; while it goes on, what is left of it. `savings` are kept where
    they are known: once resources are being made, sharing them saves no more.
    """
    outlook = Outlook(graph, history, progress, parallelism)
    resources = outlook.path(outlook.needed)
    steps, tail = _following(history, progress)
    usable = _both(outlook.ends(outlook.needed), tail)
    done = _later(outlook.ends(outlook.all), usable)
    path = (*resources, *steps)
    return Estimate(
        at=now,
        usable=usable,
        done=done,
        path=path,
        done_path=path if done.typical <= usable.typical else outlook.path(outlook.all),
        waiting_for=max(resources, key=lambda step: step.seconds).address if resources else "",
        savings=_savings(graph, outlook, tail, (usable, done)) if savings is None else savings,
    )


def _following(history: History, progress: Progress) -> tuple[tuple[PathStep, ...], Spread]:
    """The steps after the last needed resource, and how long they take together."""
    told, total = [], NOTHING
    for kind in step_kinds():
        if kind.name not in progress.follow or kind.name in progress.steps_over:
            continue
        spread, samples = step_spread(kind, history)
        age = progress.step_ages.get(kind.name)
        left = spread if age is None else left_of(spread, age)
        total = _both(total, left)
        if left.typical >= WORTH_SAYING_SECONDS:
            told.append(PathStep(title=kind.title, seconds=left.typical, samples=samples))
    return tuple(told), total


def _savings(
    graph: Sequence[Node], outlook: Outlook, tail: Spread, now: tuple[Spread, Spread]
) -> tuple[Saving, ...]:
    """What each kind that blocks costs by itself: the critical paths without all that is of this kind."""
    titles = {node.kind: node.title for node in graph if node.blocking and "create" in node.actions}
    savings = []
    for kind, title in titles.items():
        usable = _both(outlook.ends(outlook.needed, without=kind), tail)
        done = _later(outlook.ends(outlook.all, without=kind), usable)
        savings.append(
            Saving(
                kind=kind,
                title=title,
                usable_seconds=now[0].typical - usable.typical,
                done_seconds=now[1].typical - done.typical,
            )
        )
    return tuple(sorted(savings, key=lambda saving: (-saving.usable_seconds, -saving.done_seconds)))


def _both(one: Spread, then: Spread) -> Spread:
    return spread_of(getattr(one, part) + getattr(then, part) for part in Spread.__struct_fields__)


def _later(one: Spread, other: Spread) -> Spread:
    return spread_of(max(getattr(one, part), getattr(other, part)) for part in Spread.__struct_fields__)
