"""What a plan is bound to, and whether a later plan stays within it."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from eod.model.plan import ResourceChange

_WITHIN: Final[dict[frozenset[str], tuple[frozenset[str], ...]]] = {
    frozenset({"create"}): (frozenset({"create"}), frozenset({"update"})),
    frozenset({"update"}): (frozenset({"update"}),),
    frozenset({"delete"}): (frozenset({"delete"}),),
    frozenset({"create", "delete"}): (
        frozenset({"create", "delete"}),
        frozenset({"create"}),
        frozenset({"update"}),
    ),
    frozenset({"forget"}): (frozenset({"forget"}),),
    frozenset({"create", "forget"}): (
        frozenset({"create", "forget"}),
        frozenset({"create"}),
        frozenset({"update"}),
    ),
}
"""What may be left to do of an approved action after a part of it was done."""

_TAINTED: Final = "replace_because_tainted"


def digest_of(
    *,
    environment: str,
    commit: str,
    variables: Mapping[str, object],
    tags: Mapping[str, str],
    changes: Iterable[ResourceChange],
) -> str:
    """SHA-256 (hex) over environment, commit, variables (the tier is one), tags and what is to be changed."""
    bound = {
        "environment": environment,
        "commit": commit,
        "variables": variables,
        "tags": tags,
        "changes": sorted((change.address, change.actions) for change in changes),
    }
    return hashlib.sha256(msgspec.json.encode(bound, order="deterministic")).hexdigest()


def beyond(approved: Iterable[ResourceChange], planned: Iterable[ResourceChange]) -> tuple[str, ...]:
    """What `planned` does that `approved` does not allow, one line each; empty when it is a subset.

    A resource whose creation failed half-way is tainted, and the next plan replaces it: that is still the approved
    creation. What a replacement left behind (a deposed object) may be deleted if the replacement was approved.
    """
    allowed = {change.address: frozenset(change.actions) for change in approved}
    return tuple(
        f"{change.address}: {'/'.join(change.actions) if _does(change) else 'moved or imported'}"
        for change in planned
        if not _within(change, allowed.get(change.address.partition(" (deposed ")[0]))
    )


def _does(change: ResourceChange) -> bool:
    """Whether anything is done to it; what a plan tells all the same is moved or imported."""
    return bool(set(change.actions) - {"no-op", "read"})


def _within(change: ResourceChange, approved: frozenset[str] | None) -> bool:
    actions = frozenset(change.actions)
    if approved is None:
        return False
    if not _does(change):
        return True
    if actions in _WITHIN.get(approved, ()):
        return True
    remade = actions == frozenset({"create", "delete"}) and change.reason == _TAINTED
    leftover = actions == frozenset({"delete"}) and " (deposed " in change.address
    return (remade or leftover) and "create" in approved
