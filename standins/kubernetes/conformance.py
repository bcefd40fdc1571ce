"""Holds an object to its schema: unknown fields are dropped, wrong types and missing fields are refused."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from standins.kubernetes.errors import bad_request, invalid
from standins.kubernetes.objects import Object
from standins.kubernetes.resources import ResourceType
from standins.kubernetes.schema import Schema

# Required by the published description, but filled in or not looked at by the server itself.
_NOT_REALLY_REQUIRED: Final = frozenset({"serviceName", "status", "podSelector", "names.singular", "conditions"})

_EXPECTED: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "int-or-string": (int, str, float),
    "object": (dict,),
    "array": (list,),
}

_GO_NAMES: Final = {str: "string", bool: "bool", int: "number", float: "number", dict: "object", list: "array"}


@dataclass(kw_only=True)
class Findings:
    """What is wrong with an object."""

    keeps_empty: bool
    unknown: list[str] = field(default_factory=list)
    wrong_types: list[tuple[str, str, Any]] = field(default_factory=list)
    invalid: list[tuple[str, str, str]] = field(default_factory=list)


def conform(value: Object, resource: ResourceType, *, complete: bool = True) -> tuple[Object, Findings]:
    """The object with only what its schema knows, and what was found wrong with it.

    Args:
        value: The object.
        resource: Its type.
        complete: Whether required fields have to be there; an applied configuration may leave them to others.
    """
    findings = Findings(keeps_empty=resource.is_custom)
    clean = _walk(value, resource.schema, "", findings, required=complete)
    return clean, findings


def refuse(findings: Findings, resource: ResourceType, name: str, *, strict: bool) -> None:
    """Raise the refusal that the findings call for.

    Raises:
        StatusError: 400 for wrong types and, when strict, unknown fields; 422 for missing and invalid values.
    """
    prefix = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: '
    if strict and findings.unknown:
        unknown = ", ".join(f'unknown field "{path}"' for path in findings.unknown)
        raise bad_request(f"{prefix}strict decoding error: {unknown}")
    if findings.wrong_types and not resource.is_custom:
        path, expected, value = findings.wrong_types[0]
        found = _GO_NAMES.get(type(value), "value")
        raise bad_request(f"{prefix}json: cannot unmarshal {found} into Go struct field {path} of type {expected}")
    causes = findings.invalid + [
        ("FieldValueTypeInvalid", path, _wrong_type_message(path, expected, value))
        for path, expected, value in findings.wrong_types
    ]
    if causes:
        raise invalid(resource.kind, resource.group, name, causes)


def _wrong_type_message(path: str, expected: str, value: Any) -> str:
    found = {"number": "integer"}.get(kind := _GO_NAMES.get(type(value), "null"), kind)
    return f'Invalid value: "{found}": {path} in body must be of type {expected}: "{found}"'


def _walk(value: Any, schema: Schema, path: str, findings: Findings, *, required: bool) -> Any:
    expected = _EXPECTED.get(schema.type)
    if expected is None:
        return value
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        findings.wrong_types.append((path, schema.type, value))
        return value
    if isinstance(value, dict):
        return _walk_object(value, schema, path, findings, required=required)
    if isinstance(value, list):
        return [
            _walk(item, schema.items, f"{path}[{index}]", findings, required=required)
            for index, item in enumerate(value)
        ]
    _check_scalar(value, schema, path, findings)
    return value


def _walk_object(value: Object, schema: Schema, path: str, findings: Findings, *, required: bool) -> Object:
    clean: Object = {}
    for name, item in value.items():
        here = f"{path}.{name}" if path else name
        if item is None:
            continue
        if schema.knows(name):
            child = schema.field(name)
            if item in ({}, []) and not findings.keeps_empty and (child.is_open_map or child.type == "array"):
                continue
            needs = required and here != "status"
            clean[name] = _walk(item, child, here, findings, required=needs)
        else:
            findings.unknown.append(here)
    if required:
        for name in schema.required:
            here = f"{path}.{name}" if path else name
            if name not in clean and name not in _NOT_REALLY_REQUIRED and name not in {"metadata", "items"}:
                findings.invalid.append(("FieldValueRequired", here, "Required value"))
    return clean


def _check_scalar(value: Any, schema: Schema, path: str, findings: Findings) -> None:
    if schema.enum and value not in schema.enum:
        allowed = ", ".join(f'"{item}"' for item in schema.enum)
        message = f'Unsupported value: "{value}": supported values: {allowed}'
        findings.invalid.append(("FieldValueNotSupported", path, message))
    if schema.pattern and not re.search(schema.pattern, str(value)):
        message = f"Invalid value: {value!r}: {path} in body should match '{schema.pattern}'"
        findings.invalid.append(("FieldValueInvalid", path, message))
    if len(str(value)) < schema.min_length:
        message = f"Invalid value: {value!r}: {path} in body should be at least {schema.min_length} chars long"
        findings.invalid.append(("FieldValueInvalid", path, message))
