"""How long things take: from the team's own history where there is enough of it, else typical times."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from eod.data import read
from eod.model.forecast import Node, Spread
from eod.model.learned import History

FEWEST_SAMPLES: Final = 3
"""Fewer earlier runs than these say less than the table does."""

LONGEST_SECONDS: Final = 86_400.0
"""No job runs for longer than a day."""

BRIEF: Final = Spread(low=0.0, typical=6.0, high=20.0)
"""What the table calls "under a minute", and what it does not know: a few API calls."""

_MINUTE: Final = 60.0
_CREATE: Final = "create"
_UPDATE: Final = "update"
_DELETE: Final = "delete"


class StepKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of `up` that follows the last resource; `minutes` are the typical low and high."""

    name: str
    title: str
    minutes: tuple[float, float]
    source: str


class _Steps(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    steps: tuple[StepKind, ...]


def step_kinds() -> tuple[StepKind, ...]:
    """The steps of the table, in their order."""
    return read("steps", _Steps).steps


def resource_spread(node: Node, history: History) -> tuple[Spread, int]:
    """How long one instance takes, and from how many samples. A replacement is a deletion and a creation."""
    if not node.addresses:
        return Spread(), 0
    learned = history.resources.get(node.type, {})
    parts = [_spread(learned.get(action, ()), _usual(node.minutes, action)) for action in node.actions]
    low, typical, high = (sum(getattr(spread, name) for spread, _ in parts) for name in Spread.__struct_fields__)
    return Spread(low=low, typical=typical, high=high), min((samples for _, samples in parts), default=0)


def step_spread(step: StepKind, history: History) -> tuple[Spread, int]:
    """How long a step of `up` takes, and from how many samples."""
    return _spread(history.steps.get(step.name, ()), _usual(step.minutes, _CREATE))


def left_of(spread: Spread, elapsed: float) -> Spread:
    """What is left of something that has gone on for `elapsed` seconds.

    While it is on time, what is usual less what has passed. The closer that comes to nothing, the more of the way
    to p90 is expected; of what is overdue beyond that, a tenth of its age, for nobody knows better.
    """
    usual, worst = spread.typical, spread.high
    if elapsed < usual:
        typical = max(usual - elapsed, (worst - usual) / 2 * elapsed / usual)
    else:
        typical = max((worst - elapsed) / 2, elapsed / 10)
    return Spread(
        low=min(max(spread.low - elapsed, 0.0), typical),
        typical=typical,
        high=max(worst - elapsed, elapsed / 4, typical),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of sorted values lie, between two neighbours in proportion."""
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def _spread(samples: Sequence[float], usual: Spread) -> tuple[Spread, int]:
    """By those samples that can be: a clock may have been set meanwhile, and a file edited by hand."""
    ordered = sorted(one for one in samples if 0 <= one <= LONGEST_SECONDS)
    if len(ordered) < FEWEST_SAMPLES:
        return usual, 0
    low, typical, high = (quantile(ordered, share) for share in (0.1, 0.5, 0.9))
    return Spread(low=low, typical=typical, high=high), len(ordered)


def _usual(minutes: tuple[float, float], action: str) -> Spread:
    """The table speaks of creating. Deleting takes about as long; an update may be a tag or a new size."""
    low, high = (one * _MINUTE for one in minutes)
    if high <= _MINUTE:
        return BRIEF
    if action == _UPDATE:
        return Spread(low=0.0, typical=low / 2, high=high)
    return Spread(low=low, typical=(low + high) / 2, high=high)
