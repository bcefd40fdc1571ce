"""What no listing of tags shows for certain: found again by the names that this environment's plans gave it."""

from typing import Final

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


def find_all(inventory: Inventory, environment: str, hostname: str, record: Record | None) -> tuple[Item, ...]:
    """What exists for an environment now, by its tags and by its names."""
    found = inventory.find(environment, hostname)
    if record is None or record.terraform is None or not record.terraform.names:
        return found
    named = inventory.named(environment, record.terraform.names, record.created_at)
    known = {item.id for item in found}
    return (*found, *(item for item in named if item.id not in known))
