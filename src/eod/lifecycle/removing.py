"""Things that no state knows, deleted each by its own service."""

from typing import Final

from eod.lifecycle.rooms import Rooms
from eod.model.cloud import Item, Removed

_CLAIMED: Final = frozenset({"ebs volume", "efs access point"})


def is_claimed(item: Item) -> bool:
    """Whether pods of the cluster hold it by a claim: it can go, and mostly does, once their namespace is gone."""
    return bool(item.controller) and item.kind in _CLAIMED


def removable_of(rooms: Rooms, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Those of `items` that there is a way to delete."""
    remover = rooms.remover
    return () if remover is None else tuple(item for item in items if remover.removable(item))


def remove(rooms: Rooms, items: tuple[Item, ...], timeout_seconds: float) -> Removed:
    """Delete them; what went, and what is left and why. Nothing is asked where there is nothing to delete."""
    return Removed() if rooms.remover is None or not items else rooms.remover.remove(items, timeout_seconds)
