"""What in a plan makes object storage public (`public_storage.toml`): names of attributes, never their values."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final, Literal

from msgspec import Struct

from eod.data import read
from eod.model.policy import Exposure
from eod.terraform.access_policies import admits_everybody_at_google, admits_everybody_in_aws
from eod.terraform.gates import is_made
from eod.terraform.plan_json import Module, PlanDocument, PlannedChange, mapping_of
from eod.terraform.references import Node, node_of
from eod.terraform.summary import address_of

_UNKNOWN: Final = object()


class PublicAttribute(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of the table."""

    types: tuple[str, ...]
    attributes: tuple[str, ...]
    what: str
    way_out: str
    source: str
    equals: tuple[str | bool, ...] = ()
    policy: Literal["", "aws", "google"] = ""
    permits: bool = False


class _Narrowing(Struct, frozen=True, forbid_unknown_fields=True):
    keys: tuple[str, ...]
    operators: tuple[str, ...]
    source: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    public: tuple[PublicAttribute, ...]
    narrowing: _Narrowing


def exposures_of(plan: PlanDocument) -> tuple[Exposure, ...]:
    """Of what the plan creates or updates; what it leaves alone or destroys does not count.

    What is known only after the apply is said to be so, where the configuration sets it at all.
    """
    asked = [(change, entries) for change in plan.resource_changes if (entries := _entries(change))]
    if not asked:
        return ()
    configured = dict(_configured(plan.configuration.root_module, ()))
    return tuple(
        found for change, entries in asked for entry in entries for found in _found(change, entry, configured)
    )


def _entries(change: PlannedChange) -> tuple[PublicAttribute, ...]:
    return _by_type().get(change.type, ()) if is_made(change) else ()


def _found(
    change: PlannedChange, entry: PublicAttribute, configured: dict[Node, frozenset[str]]
) -> Iterator[Exposure]:
    after, unknown = mapping_of(change.change.after), mapping_of(change.change.after_unknown)
    sets = configured.get(node_of(change.address))
    public, untold = [], []
    for attribute in entry.attributes:
        path = attribute.split(".")
        values = list(_at(after, unknown, path))
        if any(value is not _UNKNOWN and _is_public(entry, value) for value in values):
            public.append(attribute)
        elif any(value is _UNKNOWN for value in values) and (sets is None or path[0] in sets):
            untold.append(attribute)
    address = address_of(change)
    if public:
        yield Exposure(
            address=address, what=f"{_named(public)} {entry.what}.", way_out=entry.way_out, permits=entry.permits
        )
    if untold and not entry.permits:
        yield Exposure(
            address=address,
            what=f"Whether {_named(untold)} makes it public cannot be told before the apply.",
            way_out=entry.way_out,
            certain=False,
        )


def _is_public(entry: PublicAttribute, value: Any) -> bool:
    if entry.policy == "aws":
        narrowing = _table().narrowing
        return admits_everybody_in_aws(value, keys=narrowing.keys, operators=narrowing.operators)
    if entry.policy == "google":
        return admits_everybody_at_google(value)
    return any(value == public and isinstance(value, type(public)) for public in entry.equals)


def _at(value: Any, unknown: Any, path: list[str]) -> Iterator[Any]:
    """The values at `path`, through every block and element; `_UNKNOWN` for each that is not known yet."""
    if unknown is True:
        yield _UNKNOWN
    elif isinstance(value, list) or isinstance(unknown, list):
        values, masks = value if isinstance(value, list) else [], unknown if isinstance(unknown, list) else []
        for index in range(max(len(values), len(masks))):
            yield from _at(_item(values, index), _item(masks, index), path)
    elif path:
        inner = value.get(path[0]) if isinstance(value, dict) else None
        mask = unknown.get(path[0]) if isinstance(unknown, dict) else None
        yield from _at(inner, mask, path[1:])
    elif value is not None:
        yield value


def _item(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else None


def _configured(module: Module, path: tuple[str, ...]) -> Iterator[tuple[Node, frozenset[str]]]:
    """What each resource's block sets, by what it is an instance of: the rest is the provider's to fill in."""
    for resource in module.resources:
        yield Node(path, resource.address), frozenset(mapping_of(resource.expressions))
    for name, call in module.module_calls.items():
        yield from _configured(call.module, (*path, name))


def _named(attributes: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in attributes)


def _table() -> _Table:
    return read("public_storage", _Table)


@cache
def _by_type() -> dict[str, tuple[PublicAttribute, ...]]:
    entries = _table().public
    return {name: tuple(one for one in entries if name in one.types) for entry in entries for name in entry.types}
