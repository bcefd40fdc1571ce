"""Which resources the application waits for: Argo CD's sync starts when the last of them is complete."""

from collections.abc import Iterable, Mapping

from eod.data.kinds import kind_of
from eod.data.wildcards import matches
from eod.terraform.plan_json import PlanDocument, PlannedChange
from eod.terraform.references import dependents, node_of


def gates_of(plan: PlanDocument, overrides: Mapping[str, bool]) -> frozenset[str]:
    """The addresses that must be complete before the application can start.

    By kind: databases, queues, secrets, storage and whatever the table does not know are needed. A CDN is not,
    and neither is what only exists for it (its DNS alias, the bucket policy that admits it): a reviewer can use
    the load balancer while it deploys. `overrides` maps address patterns (`*` wildcards) to whether a resource is
    needed; the first that matches counts.
    """
    made = [change for change in plan.resource_changes if is_made(change)]
    behind_cdn = _behind_cdn(plan, made)
    return frozenset(change.address for change in made if _needed(change, overrides, behind_cdn))


def is_made(change: PlannedChange) -> bool:
    """Whether the plan creates, updates or replaces it."""
    return change.mode == "managed" and bool({"create", "update"} & set(change.change.actions))


def _needed(change: PlannedChange, overrides: Mapping[str, bool], behind_cdn: frozenset[str]) -> bool:
    for pattern, needed in overrides.items():
        if matches(pattern, change.address):
            return needed
    return kind_of(change.type).needed_by_application and change.address not in behind_cdn


def _behind_cdn(plan: PlanDocument, made: Iterable[PlannedChange]) -> frozenset[str]:
    made = tuple(made)
    distributions = [c for c in made if _is_distribution(c)]
    if not distributions:
        return frozenset()
    behind = dependents(plan.configuration, {node_of(c.address) for c in distributions})
    return frozenset(c.address for c in made if kind_of(c.type).waived_behind_cdn and node_of(c.address) in behind)


def _is_distribution(change: PlannedChange) -> bool:
    kind = kind_of(change.type)
    return kind.name == "cdn" and kind.blocking
