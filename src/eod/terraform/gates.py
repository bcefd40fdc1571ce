"""Which resources the application waits for: Argo CD's sync starts when the last of them is complete."""

from collections.abc import Iterable, Iterator, Mapping

from eod.data.kinds import kind_of
from eod.data.wildcards import matches
from eod.terraform.plan_json import Module, PlanDocument, PlannedChange
from eod.terraform.references import INDEX, Edge, dependents, node_of
from eod.terraform.waits import kind_here


def gates_of(plan: PlanDocument, edges: Iterable[Edge], overrides: Mapping[str, bool]) -> frozenset[str]:
    """The addresses that must be complete before the application can start.

    By kind: databases, queues, secrets, storage and whatever the table does not know are needed. A CDN is not,
    and neither is what only exists for it (its DNS alias, the bucket policy that admits it): a reviewer can use
    the load balancer while it deploys. What the application may need to start, a secret with the CDN's name in it,
    is waited for all the same. `overrides` maps address patterns (`*` wildcards) to whether a resource is needed;
    the first that matches counts. `edges` say what depends on what.
    """
    made = [change for change in plan.resource_changes if is_made(change)]
    behind_cdn = _behind_cdn(edges, made)
    return frozenset(change.address for change in made if _needed(change, overrides, behind_cdn))


def held_up(plan: PlanDocument, edges: Iterable[Edge], gates: frozenset[str]) -> tuple[str, ...]:
    """The gates that wait for a CDN which takes long: through them it delays the application after all."""
    slow = {node_of(c.address) for c in plan.resource_changes if is_made(c) and _is_slow_distribution(c)}
    behind = dependents(edges, slow) if slow else frozenset()
    return tuple(address for address in sorted(gates) if node_of(address) in behind)


def unmatched(plan: PlanDocument, patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns that match nothing, neither in the plan nor in the configuration: likely misspelled.

    One for a resource that this tier leaves out (`count = 0`) finds it in the configuration, which has no indexes.
    """
    known = {change.address for change in plan.resource_changes}
    known.update(_configured(plan.configuration.root_module, ""))
    return tuple(
        pattern
        for pattern in patterns
        if not any(matches(pattern, one) or matches(INDEX.sub("", pattern), one) for one in known)
    )


def _configured(module: Module, prefix: str) -> Iterator[str]:
    for resource in module.resources:
        yield f"{prefix}{resource.address}"
    for name, call in module.module_calls.items():
        yield from _configured(call.module, f"{prefix}module.{name}.")


def is_made(change: PlannedChange) -> bool:
    """Whether the plan creates, updates or replaces it."""
    return change.mode == "managed" and bool({"create", "update"} & set(change.change.actions))


def _needed(change: PlannedChange, overrides: Mapping[str, bool], behind_cdn: frozenset[str]) -> bool:
    for pattern, needed in overrides.items():
        if matches(pattern, change.address):
            return needed
    return kind_of(change.type).needed_by_application and change.address not in behind_cdn


def _behind_cdn(edges: Iterable[Edge], made: Iterable[PlannedChange]) -> frozenset[str]:
    made = tuple(made)
    distributions = [c for c in made if _is_distribution(c)]
    if not distributions:
        return frozenset()
    behind = dependents(edges, {node_of(c.address) for c in distributions})
    return frozenset(c.address for c in made if kind_of(c.type).waived_behind_cdn and node_of(c.address) in behind)


def _is_distribution(change: PlannedChange) -> bool:
    kind = kind_of(change.type)
    return kind.name == "cdn" and kind.blocking


def _is_slow_distribution(change: PlannedChange) -> bool:
    return _is_distribution(change) and kind_here(change).blocking
