"""Small helpers over API objects, which are plain JSON data."""

import copy
from typing import Any, cast

Object = dict[str, Any]
"""An API object as JSON data. What the store hands out is shared: copy before changing."""


def clone(value: Object) -> Object:
    """A deep copy that may be changed."""
    return copy.deepcopy(value)


def metadata(value: Object) -> Object:
    """The object's metadata."""
    return cast("Object", value["metadata"])


def name_of(value: Object) -> str:
    """The object's name."""
    return str(value["metadata"]["name"])


def namespace_of(value: Object) -> str | None:
    """The object's namespace, or None for a cluster-wide one."""
    return cast("str | None", value["metadata"].get("namespace"))


def labels_of(value: Object) -> dict[str, str]:
    """The object's labels."""
    return value.get("metadata", {}).get("labels") or {}


def annotations_of(value: Object) -> dict[str, str]:
    """The object's annotations."""
    return value.get("metadata", {}).get("annotations") or {}


def finalizers_of(value: Object) -> list[str]:
    """The object's finalizers."""
    return value["metadata"].get("finalizers") or []


def is_deleting(value: Object) -> bool:
    """Whether deletion has been asked for."""
    return "deletionTimestamp" in value["metadata"]


def owner_of(value: Object) -> Object | None:
    """The controlling owner's reference."""
    references = value["metadata"].get("ownerReferences") or []
    return next((reference for reference in references if reference.get("controller")), None)


def condition(value: Object, kind: str) -> Object | None:
    """A condition of the object's status."""
    conditions = value.get("status", {}).get("conditions") or []
    return next((item for item in conditions if item.get("type") == kind), None)


def set_condition(status: Object, new: Object, now: str) -> None:
    """Put a condition into a status.

    Its transition time moves only with its `status`; one that says the same as before is left as it is.
    """
    conditions = status.setdefault("conditions", [])
    times = ("lastTransitionTime", "lastUpdateTime", "lastProbeTime")
    says = {key: value for key, value in new.items() if key not in times}
    old = next((item for item in conditions if item["type"] == new["type"]), None)
    if old is None:
        conditions.append({**new, "lastTransitionTime": now})
    elif {key: value for key, value in old.items() if key not in times} != says:
        moved = now if old["status"] != new["status"] else old["lastTransitionTime"]
        conditions[conditions.index(old)] = {**new, "lastTransitionTime": moved}


def drop_condition(status: Object, kind: str) -> None:
    """Remove a condition from a status."""
    kept = [item for item in status.get("conditions") or [] if item["type"] != kind]
    if kept:
        status["conditions"] = kept
    else:
        status.pop("conditions", None)
