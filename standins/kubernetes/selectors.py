"""Label and field selectors."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from standins.kubernetes.errors import bad_request
from standins.kubernetes.objects import Object

Predicate = Callable[[Object], bool]

_SET = re.compile(r"^\s*(?P<key>\S+)\s+(?P<op>in|notin)\s*\((?P<values>[^)]*)\)\s*$")
_EQUAL = re.compile(r"^\s*(?P<key>[^=!\s]+)\s*(?P<op>!=|==?)\s*(?P<value>\S*)\s*$")
_EXISTS = re.compile(r"^\s*(?P<not>!?)\s*(?P<key>[A-Za-z0-9][\w./-]*)\s*$")
_COMMA = re.compile(r",(?![^(]*\))")


def label_predicate(selector: str | None) -> Predicate:
    """What a `labelSelector` parameter asks for."""
    tests = [_label_test(part) for part in _COMMA.split(selector)] if selector else []
    return lambda value: all(test(value.get("metadata", {}).get("labels") or {}) for test in tests)


def _label_test(text: str) -> Callable[[Mapping[str, str]], bool]:
    if found := _SET.match(text):
        key, values = found["key"], {value.strip() for value in found["values"].split(",")}
        if found["op"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found := _EQUAL.match(text):
        key, value = found["key"], found["value"]
        if found["op"] == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if found := _EXISTS.match(text):
        key, negated = found["key"], bool(found["not"])
        return lambda labels: (key in labels) != negated
    raise bad_request(f"unable to parse requirement: {text}")


FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "pods": frozenset({"spec.nodeName", "spec.restartPolicy", "status.phase", "spec.serviceAccountName"}),
    "events": frozenset(
        {
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "reason",
            "type", "reportingComponent",
        }
    ),
    "secrets": frozenset({"type"}),
    "namespaces": frozenset({"status.phase"}),
    "nodes": frozenset({"spec.unschedulable"}),
    "jobs": frozenset({"status.successful"}),
    "services": frozenset({"spec.clusterIP", "spec.type"}),
    "replicasets": frozenset({"status.replicas"}),
}  # fmt: skip


def field_predicate(selector: str | None, plural: str) -> Predicate:
    """What a `fieldSelector` parameter asks for; unknown fields are refused, as the real API does."""
    tests = [_field_test(part, plural) for part in selector.split(",")] if selector else []
    return lambda value: all(test(value) for test in tests)


def _field_test(text: str, plural: str) -> Predicate:
    found = _EQUAL.match(text)
    if not found:
        raise bad_request(f"invalid field selector: {text}")
    path, expected, negated = found["key"], found["value"], found["op"] == "!="
    if path not in {"metadata.name", "metadata.namespace"} | FIELDS.get(plural, frozenset()):
        raise bad_request(f"field label not supported: {path}")
    return lambda value: (_lookup(value, path) == expected) != negated


def _lookup(value: Any, path: str) -> str:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return "" if value is None else str(value)


def selects(selector: Object | None, labels: Mapping[str, str]) -> bool:
    """Whether a `LabelSelector` object (`matchLabels`, `matchExpressions`) matches labels; none "
    "matches nothing."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression_holds(item, labels) for item in selector.get("matchExpressions") or [])


def _expression_holds(expression: Object, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or []
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None
