"""What a plan destroys or replaces, and why: what people have to see first."""

from typing import Any, Final

import msgspec

from eod.data.kinds import kind_of
from eod.model.plan import Loss
from eod.terraform.plan_json import PlannedChange

_KEEPS_DATA: Final = frozenset({"database", "storage", "queue", "search"})
_ATTRIBUTES: Final = 4
"""So many names tell why; more tell nothing."""

_REASONS: Final = {
    "replace_because_tainted": "its creation failed half-way",
    "replace_by_request": "asked for by `-replace`",
    "replace_by_triggers": "by `replace_triggered_by`",
    "delete_because_no_resource_config": "no longer in the configuration",
    "delete_because_no_module": "its module is no longer in the configuration",
    "delete_because_no_move_target": "what it was to be moved to is not in the configuration",
    "delete_because_wrong_repetition": "its `count` or `for_each` changed",
    "delete_because_count_index": "its `count` is smaller now",
    "delete_because_each_key": "its key is no longer in `for_each`",
}
"""Source: https://developer.hashicorp.com/terraform/internals/json-format, `action_reason`."""


def loss_of(change: PlannedChange, address: str) -> Loss | None:
    """What is lost by a change; `None` where nothing is. `address` is the one that people read."""
    if "delete" not in change.change.actions:
        return None
    kind = kind_of(change.type)
    return Loss(
        address=address,
        title=kind.title if kind.name else "",
        replaced="create" in change.change.actions,
        data=kind.name in _KEEPS_DATA and not kind.part,
        why=_REASONS.get(change.action_reason, "") or _unchangeable(change.change.replace_paths),
    )


def _unchangeable(paths: msgspec.Raw) -> str:
    """Which attributes cannot be changed in place: names, never values."""
    try:
        found = msgspec.json.decode(paths, type=list[list[Any]] | None) or []
    except msgspec.MsgspecError:
        return ""
    names = list(dict.fromkeys(str(path[0]) for path in found if path))
    if not names:
        return ""
    shown = ", ".join(f"`{name}`" for name in names[:_ATTRIBUTES])
    more = f" and {len(names) - _ATTRIBUTES} more" if len(names) > _ATTRIBUTES else ""
    return f"{shown}{more} cannot be changed in place"
