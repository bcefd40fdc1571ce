"""What a planned resource's own attributes say of how long it takes (`waits.toml`).

Only attributes that the table names are looked at, never printed, and none that the plan marks as sensitive.
"""

from functools import cache
from typing import Final

import msgspec
from msgspec import Struct, structs

from eod.data import read
from eod.data.kinds import Kind, kind_of
from eod.terraform.plan_json import PlannedChange

BRIEF_MINUTES: Final = 2.0
"""What takes less blocks nobody."""


class Wait(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of the table. `minutes` overrule the kind's; `hint` says how not to wait."""

    types: tuple[str, ...]
    attribute: str
    source: str
    equals: bool | str | None = None
    set: bool = False
    begins_not: str = ""
    minutes: tuple[float, float] | None = None
    hint: str = ""


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    waits: tuple[Wait, ...]


def kind_here(change: PlannedChange) -> Kind:
    """The kind of this very resource: the type's, with the times that its attributes tell."""
    kind = kind_of(change.type)
    minutes = next((wait.minutes for wait in waits_of(change) if wait.minutes is not None), None)
    if minutes is None:
        return kind
    return structs.replace(kind, minutes=minutes, blocking=kind.blocking and minutes[1] >= BRIEF_MINUTES)


def waits_of(change: PlannedChange) -> tuple[Wait, ...]:
    """The entries that this resource meets."""
    asked = _by_type().get(change.type, ())
    if not asked:
        return ()
    after = msgspec.json.decode(change.change.after)
    mask = msgspec.json.decode(change.change.after_sensitive)
    return tuple(wait for wait in asked if _meets(wait, _value(after, mask, wait.attribute.split("."))))


def _meets(wait: Wait, value: object) -> bool:
    if value is None:
        return False
    if wait.equals is not None:
        return value == wait.equals and isinstance(value, type(wait.equals))
    if wait.begins_not:
        return isinstance(value, str) and not value.startswith(wait.begins_not)
    return wait.set and value not in ("", False)


def _value(after: object, mask: object, path: list[str]) -> object:
    """The value at `path`; `None` if there is none, or if it or anything around it is sensitive."""
    for name in ["", *path]:
        if name:
            after = after.get(name) if isinstance(after, dict) else None
            mask = mask.get(name) if isinstance(mask, dict) else mask
        if isinstance(after, list):
            after = after[0] if after else None
            mask = mask[0] if isinstance(mask, list) and mask else mask
        if mask is True:
            return None
    return after


@cache
def _by_type() -> dict[str, tuple[Wait, ...]]:
    waits = read("waits", _Table).waits
    return {name: tuple(w for w in waits if name in w.types) for wait in waits for name in wait.types}
