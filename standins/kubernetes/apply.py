"""Server-side apply, and the bookkeeping of field managers that every write needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from standins.kubernetes.errors import apply_conflict
from standins.kubernetes.objects import Object
from standins.kubernetes.ownership import (
    FieldSet,
    flatten,
    from_fields_v1,
    item_step,
    path_text,
    to_fields_v1,
    without,
)
from standins.kubernetes.schema import Schema


@dataclass(frozen=True, kw_only=True)
class Manager:
    """Who owns fields: one entry of `metadata.managedFields`."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""

    def describe(self) -> str:
        """The manager as conflict messages name it."""
        if self.operation == "Update":
            return f'conflict with "{self.name}" using {self.api_version}'
        return f'conflict with "{self.name}"'


Ownership = dict[Manager, FieldSet]


def read_ownership(value: Object | None) -> Ownership:
    """The owners recorded in an object."""
    entries = (value or {}).get("metadata", {}).get("managedFields") or []
    return {
        Manager(
            name=entry.get("manager", ""),
            operation=entry["operation"],
            api_version=entry["apiVersion"],
            subresource=entry.get("subresource", ""),
        ): from_fields_v1(entry.get("fieldsV1") or {})
        for entry in entries
        if entry.get("operation")
    }


def write_ownership(ownership: Ownership, old: Object | None, now: str) -> list[Object]:
    """`managedFields` for an object; entries that did not change keep their time."""
    times = {
        (entry.get("manager"), entry["operation"], entry["apiVersion"], entry.get("subresource", "")): entry
        for entry in (old or {}).get("metadata", {}).get("managedFields") or []
        if entry.get("operation")
    }
    entries = []
    for manager, fields in ownership.items():
        if not fields:
            continue
        entry: Object = {
            "manager": manager.name,
            "operation": manager.operation,
            "apiVersion": manager.api_version,
            "time": now,
            "fieldsType": "FieldsV1",
            "fieldsV1": to_fields_v1(fields),
        }
        if manager.subresource:
            entry["subresource"] = manager.subresource
        before = times.get((manager.name, manager.operation, manager.api_version, manager.subresource))
        if before and before["fieldsV1"] == entry["fieldsV1"]:
            entry["time"] = before["time"]
        entries.append(entry)
    return sorted(entries, key=lambda entry: (entry["operation"], entry["time"], entry["manager"]))


def record_update(before: Object | None, after: Object, manager: Manager, schema: Schema) -> Ownership:
    """Who owns what after `manager` changed an object by other means than apply."""
    ownership = read_ownership(before)
    old, new = flatten(before or {}, schema), flatten(after, schema)
    changed = frozenset(path for path, value in new.items() if path not in old or old[path] != value)
    removed = frozenset(path for path in old if path not in new)
    if not changed and not removed:
        return ownership
    mine = ownership.get(manager, frozenset())
    ownership = {other: fields - changed - removed for other, fields in ownership.items()}
    ownership[manager] = (mine | changed) - removed
    return ownership


def apply(
    live: Object | None, configuration: Object, manager: Manager, schema: Schema, *, force: bool
) -> tuple[Object, Ownership]:
    """The object after a server-side apply, and who owns what then.

    Raises:
        StatusError: 409 when a field would change that another manager owns, and force is not set.
    """
    ownership = read_ownership(live)
    wanted = frozenset(flatten(configuration, schema))
    others = {other: fields for other, fields in ownership.items() if other != manager}
    merged = merge(live or {}, configuration, schema)
    dropped = ownership.get(manager, frozenset()) - wanted
    merged = without(merged, schema, _unowned(dropped, others.values()))
    old, new = flatten(live or {}, schema), flatten(merged, schema)
    changed = frozenset(path for path, value in new.items() if path not in old or old[path] != value)
    conflicts = {other: fields & changed for other, fields in others.items() if fields & changed}
    if conflicts and not force:
        causes = [
            {"reason": "FieldManagerConflict", "message": other.describe(), "field": path_text(path)}
            for other, fields in conflicts.items()
            for path in sorted(fields)
        ]
        raise apply_conflict(causes)
    gone = frozenset(path for path in old if path not in new)
    ownership = {other: fields - changed - gone for other, fields in others.items()}
    ownership[manager] = wanted
    return merged, ownership


def _unowned(dropped: FieldSet, others: Iterable[FieldSet]) -> FieldSet:
    kept = {path[: length + 1] for fields in others for path in fields for length in range(len(path))}
    return frozenset(path for path in dropped if path not in kept)


def merge(live: Any, applied: Any, schema: Schema) -> Any:
    """What applying a value over the live one gives, before fields are removed."""
    if isinstance(applied, dict) and isinstance(live, dict) and not schema.is_atomic:
        merged = dict(live)
        for name, value in applied.items():
            if value is not None:
                merged[name] = merge(live.get(name), value, schema.field(name))
        return merged
    if isinstance(applied, list) and isinstance(live, list) and schema.list_keys:
        positions = {item_step(item, schema): index for index, item in enumerate(live)}
        items = list(live)
        for item in applied:
            index = positions.get(item_step(item, schema))
            if index is None:
                items.append(item)
            else:
                items[index] = merge(items[index], item, schema.items)
        return items
    if isinstance(applied, list) and isinstance(live, list) and schema.is_set:
        return live + [item for item in applied if item not in live]
    return applied
