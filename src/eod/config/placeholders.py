"""`{number}`, `{environment}` and the like in the configuration's texts.

A placeholder is one word in braces. Doubled braces stand for themselves: `{{number}}` is the text `{number}`.
Braces round anything but a single word are left alone, so JSON and Helm templates pass through untouched.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final, TypeVar, cast

from eod.config.nearest import nearest
from eod.errors import ConfigError

T = TypeVar("T")

KNOWN: Final[Mapping[str, str]] = {
    "number": "the pull request's number",
    "environment": "the environment's name, `pr-123`",
    "name": "the same as `{environment}`",
    "namespace": "the environment's namespace",
    "hostname": "the environment's host, `pr-123.preview.example.com`",
    "domain": "the configured domain",
    "repository": "`owner/name` of the repository",
    "owner": "who opened the pull request",
    "tier": "the environment's tier",
    "head_sha": "the commit that is deployed",
    "head_ref": "the pull request's branch",
}

APART: Final = frozenset({"number", "environment", "name", "namespace", "hostname"})
"""Placeholders of which each tells one environment of a repository from the others."""

_FROM_OUTSIDE: Final = frozenset({"owner", "head_ref"})
_LONGEST: Final = 120
_WORD: Final = re.compile(r"(\{+)([A-Za-z_][A-Za-z0-9_]*)(\}+)")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._/@+-]+")


def fill(value: T, values: Mapping[str, str]) -> T:
    """`value` with every placeholder in every text of it filled in, however deeply lists and mappings nest.

    Args:
        value: A text, list, tuple or mapping; anything else is returned as it is. Keys are left alone.
        values: What the placeholders stand for. Values that a stranger may choose are sanitised first.

    Raises:
        ConfigError: A text holds a placeholder that `values` does not know.
    """
    safe = {name: sanitise(text) if name in _FROM_OUTSIDE else text for name, text in values.items()}
    return cast("T", _fill(value, safe))


def placeholders_in(text: str) -> tuple[str, ...]:
    """The names of the placeholders in `text`, in order; doubled braces are none."""
    return tuple(match[2] for match in _WORD.finditer(text) if min(len(match[1]), len(match[3])) % 2)


def unknown_in(text: str, allowed: Collection[str] = KNOWN) -> str:
    """What is wrong with the placeholders of `text`, as a sentence; empty when all of them are `allowed`."""
    for name in placeholders_in(text):
        if name not in allowed:
            near = nearest(name, allowed)
            advice = f"Did you mean `{{{near}}}`?" if near else f"Known here: {_listed(allowed)}."
            return f"Unknown placeholder `{{{name}}}`. {advice} Write `{{{{{name}}}}}` for the text itself."
    return ""


def sanitise(text: str) -> str:
    """`text` from outside, reduced to what is harmless in keys, tags, paths and arguments.

    Letters, digits and `. _ / @ + -` stay; anything else becomes a dash; no leading dash or slash, no `..`.
    """
    plain = _UNSAFE.sub("-", text)
    while ".." in plain:
        plain = plain.replace("..", ".")
    return plain[:_LONGEST].strip("-/")


def _fill(value: object, values: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _WORD.sub(lambda match: _replacement(match, values), value)
    if isinstance(value, Mapping):
        return {key: _fill(item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_fill(item, values) for item in value)
    return value


def _replacement(match: re.Match[str], values: Mapping[str, str]) -> str:
    opening, name, closing = match.groups()
    depth = min(len(opening), len(closing))
    before, after = opening[depth:], closing[depth:]
    literal = depth // 2
    inner = name if depth % 2 == 0 else _value(name, values)
    return f"{before}{'{' * literal}{inner}{'}' * literal}{after}"


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise ConfigError(
            f"The placeholder `{{{name}}}` cannot be filled in here.",
            fix=f"Write `{{{{{name}}}}}` for the text itself, or one of {_listed(values)}.",
        )
    return values[name]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{{{name}}}`" for name in names)
