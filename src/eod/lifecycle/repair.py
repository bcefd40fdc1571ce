"""Before a plan is shown: what an earlier run made and no state knows is adopted, or goes."""

from collections.abc import Callable, Mapping
from typing import Final

from eod.errors import CancelledError, EodError
from eod.lifecycle.background import Background
from eod.lifecycle.case import Case
from eod.lifecycle.ports import Inventory, Workspace
from eod.lifecycle.removing import removable_of, remove
from eod.lifecycle.unended import unended_of
from eod.lifecycle.untagged import find_all
from eod.model.cloud import Item
from eod.model.plan import Plan

REMOVE_SECONDS: Final = 900.0
"""How long deletions by tag may take before the plan is made all the same."""

DNS_RECORD: Final = "dns record"
_DNS_TYPES: Final = frozenset({"aws_route53_record"})


def plan_after_repair(
    case: Case, workspace: Workspace, backend: Mapping[str, str], tell: Callable[[str], None]
) -> Plan:
    """The plan, made once nothing is left of runs that ended before their time.

    `backend` is where the workspace's state lies: what was made with a state elsewhere is not unknown for that.

    Where every earlier run ended as it should there is nothing to look for. What the inventory finds and the state
    does not know is imported where the plan says what it is, and else deleted by its own service. What cannot be
    looked for or deleted is said, and keeps nobody from planning.
    """
    looking = _begin_to_look(case, backend)
    plan = workspace.plan()
    for repair in workspace.repairs:
        tell(repair)
    strays = () if looking is None else _of_nobody(case, _of_terraform(plan, _strays(case, workspace, looking)))
    if not strays:
        return plan
    told = len(workspace.repairs)
    adopted = workspace.adopt(plan, strays)
    for repair in workspace.repairs[told:]:
        tell(repair)
    _remove(case, tuple(item for item in strays if item not in adopted), tell)
    return workspace.plan() if adopted else plan


def _begin_to_look(case: Case, backend: Mapping[str, str]) -> Background[tuple[Item, ...]] | None:
    inventory, existing = case.rooms.inventory, case.existing
    if inventory is None or (existing is not None and not unended_of(existing)):
        return None
    if existing is not None and existing.terraform is not None and existing.terraform.backend != backend:
        case.rooms.reporter.say(
            "The state lies elsewhere than before: what an earlier run left is not looked for."
        )
        return None
    return Background(lambda: _found(case, inventory), "inventory")


def _found(case: Case, inventory: Inventory) -> tuple[Item, ...]:
    place, every = case.place, case.rooms.records.all
    return find_all(inventory, place.environment, place.hostname, case.existing, every)


def _strays(case: Case, workspace: Workspace, looking: Background[tuple[Item, ...]]) -> tuple[Item, ...]:
    try:
        found = looking.result()
    except CancelledError:
        raise
    except EodError as error:
        case.rooms.reporter.say(f"Whether an earlier run left something behind cannot be told: {error.what}")
        return ()
    return workspace.unknown(found) if found else ()


def _of_terraform(plan: Plan, strays: tuple[Item, ...]) -> tuple[Item, ...]:
    """Without DNS records where the plan makes none: those are made in the cluster, whoever made them.

    They are found by the environment's host name and bear no tags; it is reached by them until its teardown.
    """
    makes_dns = any(change.type in _DNS_TYPES and "create" in change.actions for change in plan.changes)
    return strays if makes_dns else tuple(item for item in strays if item.kind != DNS_RECORD)


def _of_nobody(case: Case, strays: tuple[Item, ...]) -> tuple[Item, ...]:
    """Without what a controller in the cluster made: that is the living environment's, until its teardown."""
    for item in strays:
        if item.controller:
            case.rooms.reporter.say(
                f"{item.kind} {item.id} is in no state, for {item.controller} made it in the cluster: left alone."
            )
    return tuple(item for item in strays if not item.controller)


def _remove(case: Case, items: tuple[Item, ...], tell: Callable[[str], None]) -> None:
    """The plan makes anew what it wants of these, and is not changed by their going."""
    doomed = removable_of(case.rooms, items)
    for item in items:
        if item not in doomed:
            tell(
                f"{item.kind} {item.id} carries this environment's tags and is in no state: left to its teardown."
            )
    removed = remove(case.rooms, doomed, REMOVE_SECONDS)
    for removal in removed.removals:
        what = f"{removal.item.kind} {removal.item.id}"
        tell(f"{what} was in no state and is not in the plan: deleted by its own service.")
    for left in removed.left:
        tell(f"{left.item.kind} {left.item.id} is in no state and could not be deleted: {left.why}")
