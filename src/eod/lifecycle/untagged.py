"""What no listing of tags shows for certain: found again by the names that this environment's plans gave it."""

from collections.abc import Callable
from typing import Final

from eod.errors import GitError, RecordError
from eod.lifecycle.ports import Inventory
from eod.model.cloud import Item
from eod.model.plan import Plan
from eod.model.record import Record

KEPT: Final = 500
"""So many names are remembered, the newest ones."""


def names_of(plan: Plan, before: tuple[str, ...]) -> tuple[str, ...]:
    """The names that a record has to keep once this plan is applied. Pure."""
    planned = (f"{creation.type} {creation.name}" for creation in plan.creations if creation.by_name)
    return tuple(dict.fromkeys((*before, *planned)))[-KEPT:]


def find_all(
    inventory: Inventory,
    environment: str,
    hostname: str,
    record: Record | None,
    every: Callable[[], tuple[Record, ...]],
) -> tuple[Item, ...]:
    """What exists for an environment now, by its tags and by its names.

    A module that fixes a name gives it to each environment: without tags nobody knows whose such a thing is.
    `every` reads all records, and is asked only where something was found by its name alone.
    """
    found = inventory.find(environment, hostname)
    if record is None or record.terraform is None or not record.terraform.names:
        return found
    names, known = record.terraform.names, {item.id for item in found}
    named = inventory.named(environment, names, record.created_at)
    if any(item.id not in known for item in named):
        disputed = _disputed(environment, names, every)
        named = inventory.named(environment, names, record.created_at, disputed=disputed) if disputed else named
    return (*found, *(item for item in named if item.id not in known))


def _disputed(environment: str, names: tuple[str, ...], every: Callable[[], tuple[Record, ...]]) -> frozenset[str]:
    """Those of `names` that another environment's plan gave too; all of them, where that cannot be read."""
    try:
        others = [record.terraform for record in every() if record.environment != environment]
    except (RecordError, GitError):
        return frozenset(names)
    return frozenset(names) & {name for one in others if one is not None for name in one.names}
