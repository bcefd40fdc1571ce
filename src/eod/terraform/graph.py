"""A plan's dependency graph, with what each resource is and how long it typically takes. Pure."""

from collections.abc import Iterable, Iterator

from eod.model.forecast import Node as Resource
from eod.terraform.plan_json import PlanDocument, PlannedChange
from eod.terraform.references import Edge, Node, node_of
from eod.terraform.waits import kind_here

_CHANGING = frozenset({"create", "update", "delete"})


def graph_of(plan: PlanDocument, edges: Iterable[Edge], gates: frozenset[str]) -> tuple[Resource, ...]:
    """The graph of everything that the plan makes, changes or deletes, each node after all that it waits for.

    Nodes are resources as configured: Terraform waits for all instances of a resource that something refers to.
    What leads to no resource is left out. Terraform's own graph has no cycles; where our less exact one has,
    the edge that closes it is dropped.
    """
    changes: dict[Node, list[PlannedChange]] = {}
    for change in plan.resource_changes:
        if change.mode == "managed" and _CHANGING & set(change.change.actions) and not change.deposed:
            changes.setdefault(node_of(change.address), []).append(change)
    used_by: dict[Node, list[Node]] = {}
    for user, used in edges:
        used_by.setdefault(user, []).append(used)
    graph: list[Resource] = []
    positions: dict[Node, int] = {}
    for node in _in_order(changes, used_by):
        after = {positions[used] for used in used_by.get(node, ()) if used in positions}
        made = changes.get(node, ())
        if made or len(after) > 1:
            positions[node] = len(graph)
            graph.append(_resource(node, made, tuple(sorted(after)), gates))
        elif after:
            positions[node] = after.pop()  # who waits for this waits for the one thing that it waits for
    return tuple(graph)


def _in_order(roots: Iterable[Node], used_by: dict[Node, list[Node]]) -> Iterator[Node]:
    """Every node that `roots` lead to, after all that it uses; a node of a cycle comes before one that it uses."""
    begun: set[Node] = set()
    for root in roots:
        if root in begun:
            continue
        begun.add(root)
        trail = [(root, iter(used_by.get(root, ())))]
        while trail:
            node, rest = trail[-1]
            following = next((used for used in rest if used not in begun), None)
            if following is None:
                trail.pop()
                yield node
            else:
                begun.add(following)
                trail.append((following, iter(used_by.get(following, ()))))


def _resource(
    node: Node, changes: Iterable[PlannedChange], after: tuple[int, ...], gates: frozenset[str]
) -> Resource:
    name = ".".join([*(f"module.{part}" for part in node.path), node.name])
    changes = tuple(changes)
    if not changes:
        return Resource(name=name, after=after)
    kinds = [kind_here(change) for change in changes]
    slowest = max(kinds, key=lambda kind: kind.minutes[1])
    return Resource(
        name=name,
        addresses=tuple(change.address for change in changes),
        type=changes[0].type,
        kind=slowest.name,
        title=slowest.title,
        actions=tuple(sorted({action for change in changes for action in change.change.actions} & _CHANGING)),
        needed=any(change.address in gates for change in changes),
        blocking=any(kind.blocking for kind in kinds),
        minutes=slowest.minutes,
        after=after,
    )
