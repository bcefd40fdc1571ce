"""From a plan's JSON to what people and decisions need of it."""

from collections import Counter
from typing import Final

from eod.data.kinds import kind_of
from eod.data.prices import price_of
from eod.model.plan import BlockingResource, Loss, MadeKind, PlanSummary, ResourceChange, WaitHint
from eod.terraform.losses import loss_of
from eod.terraform.plan_json import PlanDocument, PlannedChange, changed_outputs
from eod.terraform.waits import kind_here, waits_of

HELD_UP: Final = (
    "It waits for the CDN, and the application for it. Where the application can start without it, set "
    "`terraform.gates` for its address to `false`; or set `wait_for_deployment = false` on the distribution."
)

_HOURS_A_DAY: Final = 24
_QUIET: Final = frozenset({"no-op", "read"})


def changes_of(plan: PlanDocument) -> tuple[ResourceChange, ...]:
    """Every resource that the plan touches; what it only reads or leaves alone is not among them."""
    return tuple(_change(change) for change in plan.resource_changes if _touches(change))


def summary_of(plan: PlanDocument, held_up: tuple[str, ...] = ()) -> PlanSummary:
    """Counts, and what people will wait for. A replacement counts once, as a replacement.

    What is forgotten leaves the state and stays as it is: a `removed` block with `destroy = false`.

    `held_up` are the resources for which the application waits although they wait for a CDN.
    """
    touched = [change for change in plan.resource_changes if _touches(change)]
    actions = Counter(frozenset(change.change.actions) for change in touched)
    kinds = Counter(kind_of(change.type).name for change in touched if _creates(change))
    return PlanSummary(
        adds=actions[frozenset({"create"})] + actions[frozenset({"create", "forget"})],
        changes=actions[frozenset({"update"})],
        destroys=actions[frozenset({"delete"})],
        replaces=actions[frozenset({"create", "delete"})],
        moves=sum(1 for change in touched if change.previous_address),
        forgets=sum(1 for change in touched if "forget" in change.change.actions),
        imports=sum(1 for change in touched if change.change.importing is not None),
        blocking=tuple(_blocking(change) for change in touched if _creates(change) and kind_here(change).blocking),
        hints=_hints([change for change in touched if _creates(change)], held_up),
        by_kind=tuple(sorted((name, count) for name, count in kinds.items() if name)),
        made=_made([change for change in touched if _creates(change)]),
        losses=_losses(touched),
        outputs=tuple(sorted(changed_outputs(plan))),
    )


def _touches(change: PlannedChange) -> bool:
    moved = bool(change.previous_address) or change.change.importing is not None
    return change.mode == "managed" and (moved or not set(change.change.actions) <= _QUIET)


def _creates(change: PlannedChange) -> bool:
    return "create" in change.change.actions


def address_of(change: PlannedChange) -> str:
    """The address that people read; what a failed replacement left behind has one of its own."""
    return f"{change.address} (deposed {change.deposed})" if change.deposed else change.address


def _change(change: PlannedChange) -> ResourceChange:
    return ResourceChange(
        address=address_of(change),
        type=change.type,
        actions=change.change.actions,
        kind=kind_of(change.type).name,
        reason=change.action_reason,
    )


def _made(created: list[PlannedChange]) -> tuple[MadeKind, ...]:
    """By kind, what takes longest first; what the table does not know is last, under one name."""
    by_kind: dict[str, list[PlannedChange]] = {}
    for change in created:
        by_kind.setdefault(kind_of(change.type).name, []).append(change)
    made = [_made_kind(name, changes) for name, changes in by_kind.items()]
    return tuple(sorted(made, key=lambda one: (not one.kind, -one.minutes_high, -one.minutes_low, one.title)))


def _made_kind(name: str, changes: list[PlannedChange]) -> MadeKind:
    kinds = [kind_here(change) for change in changes]
    low, high = max((kind.minutes for kind in kinds), key=lambda minutes: (minutes[1], minutes[0]))
    prices = [price for change in changes if (price := price_of(change.type)) is not None]
    return MadeKind(
        kind=name,
        title=kinds[0].title if name else "Other",
        count=len(changes),
        minutes_low=low,
        minutes_high=high,
        needed_by_application=any(kind.needed_by_application for kind in kinds),
        dollars_per_day=round(sum(prices) * _HOURS_A_DAY, 2) if prices else None,
    )


def _losses(touched: list[PlannedChange]) -> tuple[Loss, ...]:
    """What holds data first."""
    found = [loss for change in touched if (loss := loss_of(change, address_of(change))) is not None]
    return tuple(sorted(found, key=lambda loss: (not loss.data, loss.replaced, loss.address)))


def _blocking(change: PlannedChange) -> BlockingResource:
    kind = kind_here(change)
    low, high = kind.minutes
    return BlockingResource(
        address=change.address,
        kind=kind.name,
        title=kind.title,
        minutes_low=low,
        minutes_high=high,
        needed_by_application=kind.needed_by_application,
        hint=kind.hint,
    )


def _hints(created: list[PlannedChange], held_up: tuple[str, ...]) -> tuple[WaitHint, ...]:
    """What need not be waited for, each advice once."""
    addresses: dict[str, list[str]] = {}
    for change in created:
        for wait in waits_of(change):
            if wait.hint:
                addresses.setdefault(wait.hint, []).append(change.address)
    if held_up:
        addresses[HELD_UP] = list(held_up)
    return tuple(WaitHint(address=those[0], count=len(those), hint=hint) for hint, those in addresses.items())
