"""The longest way through a graph: nothing is ready before it, however much is done at once."""

from collections.abc import Iterable, Sequence

from eod.model.forecast import Node


def finishes(graph: Sequence[Node], seconds: Sequence[float]) -> list[float]:
    """When each node is complete, if each takes its `seconds` and begins as soon as it may."""
    ends: list[float] = []
    for node, own in zip(graph, seconds, strict=True):
        ends.append(own + max([ends[before] for before in node.after], default=0.0))
    return ends


def critical_path(graph: Sequence[Node], ends: Sequence[float], targets: Iterable[int]) -> list[int]:
    """The positions that decide when the last of `targets` is complete, the first of them first."""
    position = max(targets, key=ends.__getitem__, default=None)
    path: list[int] = []
    while position is not None:
        path.append(position)
        position = max(graph[position].after, key=ends.__getitem__, default=None)
    return path[::-1]


def leading_to(graph: Sequence[Node], targets: Iterable[int]) -> set[int]:
    """The targets and everything that they wait for."""
    wanted = set(targets)
    for position in range(len(graph) - 1, -1, -1):
        if position in wanted:
            wanted.update(graph[position].after)
    return wanted
