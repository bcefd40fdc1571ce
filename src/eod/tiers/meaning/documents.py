"""Reads JSON, TOML and YAML with their parsers: what such a file means is its values, in their order."""

import json
import re
import tomllib
from collections.abc import Hashable
from typing import Final

from eod.tiers.meaning.reading import Reading

_PLAIN_STRING: Final = re.compile(r"[A-Za-z_/][\w./@ -]*(?::[\w./@-]+)*")
_OTHER_TYPES: Final = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"])
_YAML_ACTING: Final = re.compile(r"\A#(?:!|cloud-|include|part-handler).*")
_BRACKETS: Final = re.compile(r"[\[\]{}]")
_DEEPEST: Final = 100
"""Brackets within brackets; libyaml takes time by the square of their number."""
_FAILURES: Final = (ValueError, RecursionError, MemoryError)


def read_json(text: str) -> Reading | None:
    """The values of a JSON text, numbers as they are written; `None` where it is no JSON.

    The order of members counts: not every reader of JSON ignores it.
    """
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_int=_number, parse_float=_number)
        return Reading((repr(value),))
    except _FAILURES:
        return None


def read_toml(text: str) -> Reading | None:
    """The values of a TOML text in their order; `None` where it is no TOML."""
    try:
        value = tomllib.loads(text)
        return Reading((repr(value),) if value else ())
    except _FAILURES:
        return None


def read_yaml(text: str) -> Reading | None:
    """The events of a YAML text; `None` where it is no YAML. Aliases are not followed.

    How a scalar is quoted counts only where some schema could take it for something else than a string.
    """
    import yaml

    if _is_deep(text):
        return None
    try:
        events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        code = tuple(item for event in events if (item := _event(event)) is not None)
    except (yaml.YAMLError, *_FAILURES):
        return None
    acting = tuple(match.group() for match in _YAML_ACTING.finditer(text))
    empty = not any(item[0] in {"ScalarEvent", "SequenceStartEvent", "MappingStartEvent"} for item in code)
    return Reading(acting if empty else acting + code)


def _is_deep(text: str) -> bool:
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth = depth + 1 if match.group() in "[{" else max(0, depth - 1)
        if depth > _DEEPEST:
            return True
    return False


def _event(event: object) -> tuple[Hashable, ...] | None:
    name = type(event).__name__
    if name in {"StreamStartEvent", "StreamEndEvent"}:
        return None
    anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
    if name == "ScalarEvent":
        value, plain = str(getattr(event, "value", "")), getattr(event, "implicit", (False, False))[0]
        same = bool(_PLAIN_STRING.fullmatch(value)) and value.lower() not in _OTHER_TYPES
        return name, anchor, tag, value, plain and not same
    if name == "DocumentStartEvent":
        return name, repr(getattr(event, "version", None)), repr(getattr(event, "tags", None))
    return name, anchor, tag


def _pairs(pairs: list[tuple[str, object]]) -> list[tuple[str, object]]:
    return [("{}", len(pairs)), *pairs]


def _number(text: str) -> tuple[str]:
    return (text,)
