"""Field ownership: sets of field paths, as `metadata.managedFields` records them.

A path is a tuple of steps: `f:name` for a field, `k:{...}` for an item of a list that is a map, `v:...`
for a member of a set. A path to an item of a list belongs to the set beside the paths of the item's fields.
"""

import json
from typing import Any, Final

from standins.kubernetes.objects import Object
from standins.kubernetes.schema import Schema

Path = tuple[str, ...]
FieldSet = frozenset[Path]

_UNTRACKED: Final = frozenset(
    {
        ("f:apiVersion",), ("f:kind",), ("f:metadata",), ("f:metadata", "f:name"), ("f:metadata", "f:namespace"),
        ("f:metadata", "f:creationTimestamp"), ("f:metadata", "f:selfLink"), ("f:metadata", "f:uid"),
        ("f:metadata", "f:generation"), ("f:metadata", "f:managedFields"), ("f:metadata", "f:resourceVersion"),
        ("f:metadata", "f:deletionTimestamp"), ("f:metadata", "f:deletionGracePeriodSeconds"),
    }
)  # fmt: skip


def flatten(value: Any, schema: Schema) -> dict[Path, Any]:
    """Every owned path of an object with the value at it (None for an item of a list, which only exists)."""
    leaves: dict[Path, Any] = {}
    _flatten(value, schema, (), leaves)
    return {
        path: leaf
        for path, leaf in leaves.items()
        if path and path not in _UNTRACKED and path[:2] not in _UNTRACKED
    }


def _flatten(value: Any, schema: Schema, path: Path, leaves: dict[Path, Any]) -> None:
    if isinstance(value, dict) and value and not schema.is_atomic:
        for name, item in value.items():
            _flatten(item, schema.field(name), (*path, f"f:{name}"), leaves)
    elif isinstance(value, list) and value and schema.list_keys:
        for item in value:
            here = (*path, item_step(item, schema))
            leaves[here] = None
            for name, part in item.items():
                _flatten(part, schema.items.field(name), (*here, f"f:{name}"), leaves)
    elif isinstance(value, list) and value and schema.is_set:
        for item in value:
            leaves[*path, f"v:{json.dumps(item)}"] = None
    else:
        leaves[path] = value


def item_step(item: Object, schema: Schema) -> str:
    """The step that leads to an item of a list that is a map."""
    keys = {key: item.get(key, schema.items.field(key).default) for key in schema.list_keys}
    return "k:" + json.dumps(
        {key: value for key, value in keys.items() if value is not None}, separators=(",", ":")
    )


def field_set(value: Any, schema: Schema) -> FieldSet:
    """All paths that an applied configuration owns."""
    return frozenset(flatten(value, schema))


def to_fields_v1(fields: FieldSet) -> Object:
    """The set as `fieldsV1`."""
    root: Object = {}
    for path in sorted(fields):
        node = root
        for step in path:
            node = node.setdefault(step, {})
    for path in fields:
        node = root
        for step in path:
            node = node[step]
        if node and "." not in node:
            node["."] = {}
    return root


def from_fields_v1(tree: Object) -> FieldSet:
    """The set that a `fieldsV1` describes."""
    found: set[Path] = set()

    def walk(node: Object, path: Path) -> None:
        if path and (not node or "." in node):
            found.add(path)
        for step, child in node.items():
            if step != ".":
                walk(child, (*path, step))

    walk(tree, ())
    return frozenset(found)


def path_text(path: Path) -> str:
    """A path as the API prints it in conflicts: `.spec.template.spec.containers[name="app"].image`."""
    text = ""
    for step in path:
        kind, _, rest = step.partition(":")
        if kind == "f":
            text += f".{rest}"
        elif kind == "k":
            pairs = json.loads(rest)
            text += "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in pairs.items()) + "]"
        else:
            text += f"[={rest}]"
    return text


def without(value: Any, schema: Schema, paths: FieldSet, path: Path = ()) -> Any:
    """The value with the given paths removed; maps and lists that become empty by that go too."""
    if isinstance(value, dict) and not schema.is_atomic:
        kept: Object = {}
        for name, item in value.items():
            here = (*path, f"f:{name}")
            if here in paths:
                continue
            trimmed = without(item, schema.field(name), paths, here)
            if trimmed in ({}, []) and item not in ({}, []):
                continue
            kept[name] = trimmed
        return kept
    if isinstance(value, list) and schema.list_keys:
        items = []
        for item in value:
            here = (*path, item_step(item, schema))
            if here not in paths:
                items.append(without(item, schema.items, paths, here))
        return items
    if isinstance(value, list) and schema.is_set:
        return [item for item in value if (*path, f"v:{json.dumps(item)}") not in paths]
    return value
