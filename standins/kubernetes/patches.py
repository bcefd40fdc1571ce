"""JSON merge patch, strategic merge patch and JSON patch."""

import copy
from typing import Any

import jsonpatch

from standins.kubernetes.errors import StatusError, bad_request
from standins.kubernetes.schema import Schema

_MISSING = object()


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7386: objects merge, null removes, everything else replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def json_patch(target: Any, operations: Any) -> Any:
    """RFC 6902.

    Raises:
        StatusError: 400 for a patch that is malformed, 422 for one that does not fit the object.
    """
    if not isinstance(operations, list):
        raise bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    try:
        return jsonpatch.JsonPatch(operations).apply(target)
    except (jsonpatch.InvalidJsonPatch, TypeError, KeyError) as error:
        raise bad_request(f"error decoding patch: {error}") from error
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        text = f"the server rejected our request due to an error in our request: {error}"
        raise StatusError(422, "Invalid", text, {}) from error


def strategic_merge_patch(target: Any, patch: Any, schema: Schema, *, prepend: bool = False) -> Any:
    """Kubernetes' own merge: lists whose items have a merge key are merged item by item.

    Knows `$patch: replace|delete|merge`, `$retainKeys`, `$deleteFromPrimitiveList` and `$setElementOrder`.
    New items of lists go to the end; with `prepend` all patched ones go to the front, as Kustomize puts them.
    """
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    if patch.get("$patch") == "replace":
        return {key: copy.deepcopy(value) for key, value in patch.items() if key != "$patch"}
    if patch.get("$patch") == "delete":
        return {}
    merged = dict(target) if isinstance(target, dict) else {}
    if (kept := patch.get("$retainKeys")) is not None:
        merged = {key: value for key, value in merged.items() if key in kept}
    orders: dict[str, list[Any]] = {}
    for key, value in patch.items():
        if key.startswith("$setElementOrder/"):
            orders[key.partition("/")[2]] = value
        elif key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            merged[name] = [item for item in merged.get(name) or [] if item not in value]
        elif key in {"$patch", "$retainKeys"}:
            continue
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge_field(merged.get(key), value, schema.field(key), prepend=prepend)
    for name, order in orders.items():
        if isinstance(merged.get(name), list):
            merged[name] = _reorder(merged[name], order, schema.field(name).merge_key)
    return merged


def _merge_field(target: Any, value: Any, schema: Schema, *, prepend: bool) -> Any:
    if isinstance(value, list):
        if "merge" not in schema.merge_strategies:
            return copy.deepcopy(value)
        current = target if isinstance(target, list) else []
        if schema.merge_key is None:
            if prepend:
                return value + [item for item in current if item not in value]
            return current + [item for item in value if item not in current]
        return _merge_items(current, value, schema.merge_key, schema, prepend=prepend)
    if isinstance(value, dict) and "replace" in schema.merge_strategies:
        return copy.deepcopy(value)
    return strategic_merge_patch(target, value, schema, prepend=prepend)


def _merge_items(current: list[Any], patches: list[Any], key: str, schema: Schema, *, prepend: bool) -> list[Any]:
    if any(item.get("$patch") == "replace" for item in patches):
        return [copy.deepcopy(item) for item in patches if "$patch" not in item]
    merged = list(current)
    front: list[Any] = []
    for patch in patches:
        if key not in patch:
            raise bad_request(f"map: {patch} does not contain declared merge key: {key}")
        index = next((i for i, item in enumerate(merged) if item.get(key) == patch[key]), None)
        if patch.get("$patch") == "delete":
            merged = [item for item in merged if item.get(key) != patch[key]]
            continue
        old = {} if index is None else merged[index]
        item = strategic_merge_patch(old, patch, schema.items, prepend=prepend)
        if prepend:
            front.append(item)
            merged = [other for other in merged if other.get(key) != patch[key]]
        elif index is None:
            merged.append(item)
        else:
            merged[index] = item
    return front + merged


def _reorder(items: list[Any], order: list[Any], key: str | None) -> list[Any]:
    wanted = [entry.get(key) if isinstance(entry, dict) else entry for entry in order]

    def place(indexed: tuple[int, Any]) -> tuple[int, int]:
        index, item = indexed
        identity = item.get(key) if isinstance(item, dict) else item
        return (wanted.index(identity), index) if identity in wanted else (len(wanted), index)

    return [item for _, item in sorted(enumerate(items), key=place)]


def three_way_merge(original: Any, modified: Any, current: Any, schema: Schema, *, strategic: bool) -> Any:
    """Client-side apply: `current` with all of `modified`, and without what was dropped since `original`.

    Merges by schema when strategic, else as a JSON merge patch would (lists replaced).
    """
    if isinstance(modified, dict) and isinstance(current, dict):
        before = original if isinstance(original, dict) else {}
        merged = {key: value for key, value in current.items() if key in modified or key not in before}
        for key, value in modified.items():
            merged[key] = three_way_merge(
                before.get(key), value, current.get(key, _MISSING), schema.field(key), strategic=strategic
            )
        return merged
    if (
        strategic
        and isinstance(modified, list)
        and isinstance(current, list)
        and "merge" in schema.merge_strategies
        and schema.merge_key
    ):
        return _three_way_items(original if isinstance(original, list) else [], modified, current, schema)
    return copy.deepcopy(modified)


def _three_way_items(original: list[Any], modified: list[Any], current: list[Any], schema: Schema) -> list[Any]:
    key = str(schema.merge_key)
    before, after = {item.get(key): item for item in original}, {item.get(key): item for item in modified}
    merged = []
    for item in current:
        identity = item.get(key)
        if identity in after:
            merged.append(
                three_way_merge(before.get(identity), after[identity], item, schema.items, strategic=True)
            )
        elif identity not in before:
            merged.append(item)
    present = {item.get(key) for item in current}
    merged += [copy.deepcopy(item) for item in modified if item.get(key) not in present]
    return merged
