"""What a plan would set, as keyed digests: two plans can be compared, and no value can be read from either.

The key is made anew by each run, so that a digest says nothing to anybody else, not even of a short password.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from eod.model.plan import Fingerprint
from eod.terraform.plan_json import Change, PlanDocument, PlannedChange, changed_outputs, mapping_of
from eod.terraform.summary import address_of

UNKNOWN: Final[Fingerprint] = None
"""What is known only after the apply: whoever approved that, approved whatever it turns out to be."""

_DIGEST_BYTES: Final = 12
_IMPORTED: Final = "imported id"
_MOVED: Final = "moved from"
_SETTING: Final = frozenset({"create", "update"})


def fingerprints_of(plan: PlanDocument, key: bytes) -> dict[str, dict[str, Fingerprint]]:
    """Address → attribute → digests, of all that the plan would set or change; an output has one, its value.

    What is imported or moved has one of where that comes from, under a name that no attribute can have.

    Args:
        plan: The plan.
        key: This run's secret, at most 64 bytes.
    """
    resources = {
        address_of(change): prints for change in plan.resource_changes if (prints := _prints(change, key))
    }
    outputs = {f"output.{name}": _output(change, key) for name, change in changed_outputs(plan).items()}
    return {**resources, **outputs}


def beyond_approved(
    approved: Mapping[str, Mapping[str, Fingerprint]], planned: Mapping[str, Mapping[str, Fingerprint]]
) -> dict[str, tuple[str, ...]]:
    """Address → the attributes that `planned` would set otherwise than `approved`; only addresses with any."""
    more = {
        address: tuple(
            sorted(name for name, value in attributes.items() if not _allows(approved, address, name, value))
        )
        for address, attributes in planned.items()
    }
    return {address: names for address, names in more.items() if names}


def covers(approved: Fingerprint, planned: Fingerprint) -> bool:
    """Whether `planned` is what was approved, or was not known then.

    A list of which a part was not known has no order yet (a set's order depends on its elements): each element has
    then to be covered by one that was approved, and by a different one each.
    """
    if approved is UNKNOWN:
        return True
    if isinstance(approved, dict) and isinstance(planned, dict):
        names = approved.keys() | planned.keys()
        return all(name in approved and covers(approved[name], planned.get(name, "")) for name in names)
    if isinstance(approved, list) and isinstance(planned, list) and len(approved) == len(planned):
        if _known(approved):
            return all(covers(one, other) for one, other in zip(approved, planned, strict=True))
        return _matched(approved, planned)
    return approved == planned


def _matched(approved: list[Fingerprint], planned: list[Fingerprint]) -> bool:
    """Whether each planned element can have an approved one to itself; both lists are of the same length."""
    left = list(planned)
    for one in filter(_known, approved):
        if one not in left:
            return False
        left.remove(one)
    places = [one for one in approved if not _known(one)]
    holders: dict[int, int] = {}

    def seated(element: int, asked: set[int]) -> bool:
        """Kuhn's way: take a free place, or one whose holder can move to another."""
        fitting = [at for at, one in enumerate(places) if at not in asked and covers(one, left[element])]
        for at in sorted(fitting, key=holders.__contains__):
            if at in asked:
                continue
            asked.add(at)
            if at not in holders or seated(holders[at], asked):
                holders[at] = element
                return True
        return False

    return all(seated(element, set()) for element in range(len(left)))


def _allows(
    approved: Mapping[str, Mapping[str, Fingerprint]], address: str, name: str, value: Fingerprint
) -> bool:
    attributes = approved.get(address, {})
    return name in attributes and covers(attributes[name], value)


def _prints(change: PlannedChange, key: bytes) -> dict[str, Fingerprint]:
    if change.mode != "managed":
        return {}
    sets = _changed(change.change, key) if _SETTING & set(change.change.actions) else {}
    return {**sets, **_taken_from(change, key)}


def _taken_from(change: PlannedChange, key: bytes) -> dict[str, Fingerprint]:
    found: dict[str, Fingerprint] = {}
    imported = change.change.importing
    if imported is not None:
        named = [imported.id, msgspec.json.decode(imported.identity)]
        found[_IMPORTED] = UNKNOWN if imported.unknown else _digest(named, key)
    if change.previous_address:
        found[_MOVED] = _digest(change.previous_address, key)
    return found


def _changed(change: Change, key: bytes) -> dict[str, Fingerprint]:
    """Every attribute that differs; all of them where the resource is made."""
    after = mapping_of(change.after)
    unknown = mapping_of(change.after_unknown)
    before = {} if "create" in change.actions else mapping_of(change.before)
    return {
        name: _print(after.get(name), unknown.get(name, False), key)
        for name in sorted(after.keys() | unknown.keys() | before.keys())
        if unknown.get(name) or name not in before or before[name] != after.get(name)
    }


def _output(change: Change, key: bytes) -> dict[str, Fingerprint]:
    value, unknown = msgspec.json.decode(change.after), msgspec.json.decode(change.after_unknown)
    return {"value": _print(value, unknown, key)}


def _print(value: Any, unknown: Any, key: bytes) -> Fingerprint:
    """`unknown` has the shape of the value, `true` where it is not known; empty where all is."""
    if unknown is True:
        return UNKNOWN
    if isinstance(value, dict) or (value is None and isinstance(unknown, dict) and unknown):
        inner = unknown if isinstance(unknown, dict) else {}
        known = value or {}
        return {
            name: _print(known.get(name), inner.get(name), key) for name in sorted(known.keys() | inner.keys())
        }
    if isinstance(value, list):
        beside = unknown if isinstance(unknown, list) else []
        return [_print(one, beside[i] if i < len(beside) else None, key) for i, one in enumerate(value)]
    return _digest(value, key)


def _digest(value: Any, key: bytes) -> str:
    encoded = msgspec.json.encode(value, order="deterministic")
    return hashlib.blake2b(encoded, key=key, digest_size=_DIGEST_BYTES).hexdigest()


def _known(value: Fingerprint) -> bool:
    if isinstance(value, dict):
        return all(_known(one) for one in value.values())
    if isinstance(value, list):
        return all(_known(one) for one in value)
    return value is not UNKNOWN
