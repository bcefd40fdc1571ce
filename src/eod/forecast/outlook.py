"""What is left of each resource of a graph, three times over: when all goes well, usually, and at worst."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from eod.forecast.critical_path import critical_path, finishes, leading_to
from eod.forecast.durations import left_of, resource_spread
from eod.model.forecast import Node, PathStep, Spread
from eod.model.learned import History

WORTH_SAYING_SECONDS: Final = 1.0
NOTHING: Final = Spread()


class Progress(Struct, frozen=True, kw_only=True):
    """What has happened: resources and steps that are over, and the age in seconds of those that go on.

    `follow` names the steps that come after the last needed resource, in their order.
    """

    over: frozenset[str] = frozenset()
    ages: Mapping[str, float] = {}
    follow: tuple[str, ...] = ()
    steps_over: frozenset[str] = frozenset()
    step_ages: Mapping[str, float] = {}


class Outlook:
    """One graph at one moment. Terraform works on `parallelism` resources at once."""

    def __init__(self, graph: Sequence[Node], history: History, progress: Progress, parallelism: int) -> None:
        self._graph = graph
        self._parallelism = parallelism
        alike: dict[object, tuple[Spread, int]] = {}
        spreads = []
        for node in graph:
            sort = (bool(node.addresses), node.type, node.minutes, node.actions)
            if sort not in alike:
                alike[sort] = resource_spread(node, history)
            spreads.append(alike[sort])
        self._samples = [samples for _, samples in spreads]
        self._lefts = [
            [_left(address, whole, progress) for address in node.addresses]
            for node, (whole, _) in zip(graph, spreads, strict=True)
        ]
        self._slowest = {
            part: [_slowest(lefts, part) for lefts in self._lefts] for part in Spread.__struct_fields__
        }
        self._finishes: dict[tuple[str, str | None], list[float]] = {}
        self.all = range(len(graph))
        self.needed = [position for position, node in enumerate(graph) if node.needed]

    def ends(self, targets: Iterable[int], without: str | None = None) -> Spread:
        """When the last of `targets` is complete. `without` leaves all resources of a kind away.

        The work of all that leads there, shared by so many as go on at once, is a bound beside the longest way.
        """
        targets = tuple(targets)
        involved = leading_to(self._graph, targets)
        return spread_of(self._end(part, targets, involved, without) for part in Spread.__struct_fields__)

    def path(self, targets: Iterable[int]) -> tuple[PathStep, ...]:
        """The critical path to the last of `targets`, as it usually is; what takes no time is not told."""
        seconds = self._slowest["typical"]
        way = critical_path(self._graph, self._ends("typical", None), targets)
        return tuple(self._step(at, seconds[at]) for at in way if seconds[at] >= WORTH_SAYING_SECONDS)

    def _end(self, part: str, targets: Sequence[int], involved: Iterable[int], without: str | None) -> float:
        ends = self._ends(part, without)
        work: float = sum(
            getattr(left, part)
            for at in involved
            if without is None or self._graph[at].kind != without
            for left in self._lefts[at]
        )
        return max(max((ends[at] for at in targets), default=0.0), work / self._parallelism)

    def _ends(self, part: str, without: str | None) -> list[float]:
        if (part, without) not in self._finishes:
            seconds = self._slowest[part]
            if without is not None:
                nodes = zip(self._graph, seconds, strict=True)
                seconds = [0.0 if node.kind == without else own for node, own in nodes]
            self._finishes[part, without] = finishes(self._graph, seconds)
        return self._finishes[part, without]

    def _step(self, at: int, seconds: float) -> PathStep:
        node, lefts = self._graph[at], self._lefts[at]
        slowest = max(range(len(lefts)), key=lambda instance: lefts[instance].typical)
        return PathStep(
            address=node.addresses[slowest], title=node.title, seconds=seconds, samples=self._samples[at]
        )


def spread_of(parts: Iterable[float]) -> Spread:
    """Low, typical and high, in this order."""
    low, typical, high = parts
    return Spread(low=low, typical=typical, high=high)


def _left(address: str, whole: Spread, progress: Progress) -> Spread:
    if address in progress.over:
        return NOTHING
    age = progress.ages.get(address)
    return whole if age is None else left_of(whole, age)


def _slowest(lefts: Iterable[Spread], part: str) -> float:
    return max([getattr(left, part) for left in lefts], default=0.0)
