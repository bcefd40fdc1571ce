"""Whose a resource is that would be changed or destroyed: one with another environment's tags is left alone."""

from collections.abc import Mapping
from typing import Final

import msgspec

from eod.errors import TerraformUsageError
from eod.terraform.plan_json import PlanDocument, PlannedChange
from eod.terraform.state_json import State
from eod.terraform.summary import address_of
from eod.terraform.tagged import Tagged, other_owner

LISTED: Final = 50
"""How many resources an error names."""

_NAME: Final = "name"
_REPOSITORY: Final = "repository"
_TOUCHING: Final = frozenset({"update", "delete"})


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


def refuse_to_destroy(state: State, tags: Mapping[str, str], environment: str) -> None:
    """Refuse to destroy a state that holds what is another environment's.

    Args:
        state: The state, as it is before anything is destroyed: what it says of tags is of its last refresh.
        tags: This environment's own tags, as for a plan.
        environment: Its name.

    Raises:
        TerraformUsageError: It does; names each resource and whose it is.
    """
    own = _identity(tags, environment)
    if not own:
        return
    others = [(address, whose) for address, tagged in state.tagged() if (whose := other_owner(tagged, own))]
    if others:
        count, where = len(others), others[0][0]
        raise TerraformUsageError(
            f"The state of {environment} holds {count} resource{'s' if count > 1 else ''} of another environment.",
            why="An import, a copy of another state, or a key that is another's brought that here. To destroy "
            f"{environment} would delete it, too; nothing was destroyed.",
            fix="Take out of this state what is not its own, which leaves it unharmed: "
            f"`terraform state rm '{where}'`, and so on. If all of it is another's, give the environment "
            "its own key again. Then re-run the job.",
            where=where,
            detail="\n".join(f"{address}: {whose}'s" for address, whose in others[:LISTED]),
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
        before = msgspec.json.decode(change.change.before, type=Tagged | None)
    except msgspec.MsgspecError:
        return ""
    return "" if before is None else other_owner(before, own)
