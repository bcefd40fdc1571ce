"""What Terraform finds in its way and bears the environment's tags is cleared away, in the order of its use."""

from collections.abc import Callable
from typing import Final, TypeVar

from eod.errors import CancelledError, EodError
from eod.lifecycle.place import Place
from eod.lifecycle.ports import Clear, Clearer
from eod.lifecycle.removing import is_claimed, removable_of, remove
from eod.lifecycle.rooms import Rooms
from eod.model.cloud import Cleared, Item
from eod.model.fault import Clearing

CLEAR_SECONDS: Final = 900.0
"""How long each kind of it may take; what is not done by then is left to another try, or to a person."""

NOT_CLEARED: Final = "What is in Terraform's way could not be cleared away"

T = TypeVar("T")
Unknown = Callable[[tuple[Item, ...]], tuple[Item, ...]]


def clearing_for(rooms: Rooms, place: Place, *, teardown: bool) -> Clear | None:
    """Clears away for one environment, or `None` where there is no cloud to do it in.

    Everything with the environment's tags is to go in a teardown. While it is being made nothing is touched but
    what a teardown has deleted already: a secret that keeps its name for days.
    """
    if rooms.clearer is None:
        return None
    clearer = rooms.clearer

    def clear(what: frozenset[Clearing], *, unknown: Unknown) -> tuple[str, ...]:
        if not teardown:
            return _told(rooms, lambda: clearer.forget(place.environment)) if Clearing.DELETED in what else ()
        return _for_teardown(rooms, clearer, place, what, unknown)

    return clear


def _for_teardown(
    rooms: Rooms, clearer: Clearer, place: Place, what: frozenset[Clearing], unknown: Unknown
) -> tuple[str, ...]:
    inventory = rooms.inventory
    if inventory is None:
        return ()
    found = _tried(rooms, lambda: inventory.find(place.environment, place.hostname))
    if not found:
        return ()
    told: list[str] = []
    if Clearing.STRAYS in what:
        told += _without_strays(rooms, _tried(rooms, lambda: unknown(found)))
        told += _told(rooms, lambda: clearer.detach(found))
    if Clearing.CONTENTS in what:
        told += _told(rooms, lambda: clearer.empty(found, CLEAR_SECONDS))
    if Clearing.STOPPED in what:
        told += _told(rooms, lambda: clearer.start(found, CLEAR_SECONDS))
    return tuple(told)


def _told(rooms: Rooms, work: Callable[[], Cleared]) -> tuple[str, ...]:
    """What was done. What was refused is said, and hides nothing of it."""
    try:
        cleared = work()
    except CancelledError:
        raise
    except EodError as error:
        cleared = Cleared(refused=(error.what,))
    for refusal in cleared.refused:
        rooms.reporter.say(f"{NOT_CLEARED}: {refusal}")
    return cleared.done


def _tried(rooms: Rooms, work: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
    """What `work` gave; nothing where it could not be asked, which is said."""
    try:
        return work()
    except CancelledError:
        raise
    except EodError as error:
        rooms.reporter.say(f"{NOT_CLEARED}: {error.what}")
        return ()


def _without_strays(rooms: Rooms, strays: tuple[Item, ...]) -> tuple[str, ...]:
    free = tuple(item for item in strays if not is_claimed(item))
    removed = remove(rooms, removable_of(rooms, free), CLEAR_SECONDS)
    for left in removed.left:
        rooms.reporter.say(f"{NOT_CLEARED}: {left.item.kind} {left.item.id}: {left.why}")
    return tuple(
        f"{removal.item.kind} {removal.item.id} was in no state and in the way: deleted by its tags."
        for removal in removed.removals
    )
