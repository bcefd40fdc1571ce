"""Whose a resource is that a plan changes: one that bears another environment's tags is left alone."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from eod.errors import TerraformUsageError
from eod.terraform.plan_json import PlanDocument, PlannedChange
from eod.terraform.summary import address_of

LISTED: Final = 50
"""How many resources an error names."""

_NAME: Final = "name"
_REPOSITORY: Final = "repository"
_TOUCHING: Final = frozenset({"update", "delete"})


class _Tagged(Struct, frozen=True):
    """Where providers keep tags: AWS in `tags` or `tag`, Google in labels, Kubernetes in its metadata."""

    tags: object = None
    tags_all: object = None
    tag: object = None
    labels: object = None
    effective_labels: object = None
    metadata: object = None


def refuse_others(plan: PlanDocument, tags: Mapping[str, str], environment: str) -> None:
    """Refuse a plan that updates, replaces, deletes or imports what is another environment's.

    Args:
        plan: The plan.
        tags: This environment's own tags; those that name the environment and its repository are looked for.
        environment: Its name.

    Raises:
        TerraformUsageError: The plan does; names each resource and whose it is.
    """
    own = _identity(tags, environment)
    if not own:
        return
    others = [
        f"{address_of(change)}: {'/'.join(change.change.actions)} of what is {whose}'s"
        for change in plan.resource_changes
        if _touches(change) and (whose := _other_owner(change, own))
    ]
    if others:
        raise TerraformUsageError(
            f"The plan changes {len(others)} resource{'s' if len(others) > 1 else ''} of another environment.",
            why=f"They bear another one's tags, and {environment} would change or delete them: their names are "
            "fixed in the module, they are imported, or this state holds what is not its own.",
            fix="Name and import them by the environment (`var.environment`). What came into this state by "
            "mistake leaves it unharmed with `terraform state rm`, or a `removed` block with `destroy = false`.",
            where=others[0].partition(": ")[0],
            detail="\n".join(others[:LISTED]),
        )


def _identity(tags: Mapping[str, str], environment: str) -> dict[str, str]:
    """The tags that say whose something is; empty where none names the environment."""
    named = [key for key, value in tags.items() if value == environment and key.endswith(_NAME)]
    if not named:
        return {}
    repository = named[0].removesuffix(_NAME) + _REPOSITORY
    return {key: tags[key] for key in (named[0], repository) if key in tags}


def _touches(change: PlannedChange) -> bool:
    imported = change.change.importing is not None
    return change.mode == "managed" and (imported or bool(_TOUCHING.intersection(change.change.actions)))


def _other_owner(change: PlannedChange, own: Mapping[str, str]) -> str:
    """What the tags name in our place; empty if it is ours, or nobody's."""
    try:
        before = msgspec.json.decode(change.change.before, type=_Tagged | None)
    except msgspec.MsgspecError:
        return ""
    for key, value in _tags_of(before) if before is not None else ():
        if key in own and value.casefold() != own[key].casefold():
            return value
    return ""


def _tags_of(before: _Tagged) -> Iterator[tuple[str, str]]:
    for found in (before.tags_all, before.tags, before.tag, before.labels, before.effective_labels):
        yield from _pairs(found)
    for metadata in before.metadata if isinstance(before.metadata, list) else [before.metadata]:
        if isinstance(metadata, dict):
            yield from _pairs(metadata.get("labels"))
            yield from _pairs(metadata.get("annotations"))


def _pairs(found: object) -> Iterator[tuple[str, str]]:
    """Tags as a map, or as a list of `{key, value}`."""
    if isinstance(found, dict):
        yield from ((key, value) for key, value in found.items() if isinstance(value, str))
    elif isinstance(found, list):
        for one in found:
            match one:
                case {"key": str(key), "value": str(value)}:
                    yield key, value
