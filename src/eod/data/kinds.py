"""What a resource type is: its kind, how long one takes, whether the application needs it (`resources.toml`)."""

from functools import cache

from msgspec import Struct

from eod.data import read
from eod.data.wildcards import matches


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of resource. `minutes` are the typical low and high to create one.

    `part` is what belongs to such a thing and is none by itself: a record in a zone, a policy of a queue.
    """

    name: str
    title: str
    minutes: tuple[float, float]
    needed_by_application: bool
    source: str
    blocking: bool = False
    waived_behind_cdn: bool = False
    part: bool = False
    hint: str = ""


class _Types(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: str
    match: tuple[str, ...]
    source: str
    minutes: tuple[float, float] | None = None
    blocking: bool | None = None
    part: bool = False
    hint: str | None = None


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kinds: tuple[Kind, ...]
    types: tuple[_Types, ...]


UNKNOWN = Kind(
    name="",
    title="Resource",
    minutes=(0.0, 0.0),
    needed_by_application=True,
    source="a type that the table does not know is waited for: starting too early breaks, waiting does not",
)


@cache
def kind_of(resource_type: str) -> Kind:
    """The kind of a resource type, with the type's own minutes and hint; `UNKNOWN` for a type not in the table."""
    entry = next((e for e in _table().types if any(matches(p, resource_type) for p in e.match)), None)
    if entry is None:
        return UNKNOWN
    kind = _kinds()[entry.kind]
    return Kind(
        name=kind.name,
        title=kind.title,
        minutes=kind.minutes if entry.minutes is None else entry.minutes,
        needed_by_application=kind.needed_by_application,
        source=entry.source,
        blocking=kind.blocking if entry.blocking is None else entry.blocking,
        waived_behind_cdn=kind.waived_behind_cdn,
        part=entry.part,
        hint=kind.hint if entry.hint is None else entry.hint,
    )


@cache
def _kinds() -> dict[str, Kind]:
    return {kind.name: kind for kind in _table().kinds}


@cache
def _table() -> _Table:
    return read("resources", _Table)
