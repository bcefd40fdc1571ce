"""Defaults within a variable's type: `object({ engine = optional(string, "15") })`.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints#optional-object-type-attributes
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Final

_CALL: Final = "optional("
_NAME: Final = re.compile(r"([\w-]+)\"?\s*[=:]\s*\Z")
_BEFORE: Final = 200
"""Characters before a call in which its attribute's name is looked for."""

_OPEN, _CLOSE = "([{", ")]}"
_CALLS: Final = 200
_LONGEST: Final = 4_000
"""How many calls are read, and how many characters of each."""


def another_default(old: object, new: object) -> bool:
    """Whether an attribute that may be left out gets another default, or none; not where attributes come or go."""
    before, after = _defaults(old), _defaults(new)
    if any(
        len(before[name]) == len(after[name]) and before[name] != after[name] for name in before.keys() & after
    ):
        return True
    there, here = (Counter(filter(None, chain(*side.values()))) for side in (before, after))
    return bool(there - here) and bool(here - there)


def _defaults(value: object) -> dict[str, list[str]]:
    """What follows the first comma of each call of `optional`, by the attribute; empty where nothing does."""
    found: dict[str, list[str]] = {}
    for name, part in _calls(value if isinstance(value, str) else ""):
        arguments = _arguments(part)
        found.setdefault(name, []).append(arguments[1].strip() if len(arguments) > 1 else "")
    return found


def _calls(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for _ in range(_CALLS):
        begin = text.find(_CALL, at)
        if begin < 0:
            return
        at = begin + len(_CALL)
        named = _NAME.search(text[max(0, begin - _BEFORE) : begin])
        yield "" if named is None else named[1], text[at : at + _LONGEST]


def _arguments(text: str) -> list[str]:
    """The arguments of a call from behind its bracket on, cut at commas that nothing encloses."""
    depth, quoted, begin, at = 0, False, 0, 0
    arguments: list[str] = []
    while at < len(text):
        sign = text[at]
        if sign == "\\" and quoted:
            at += 1
        elif sign == '"':
            quoted = not quoted
        elif not quoted and sign in _OPEN:
            depth += 1
        elif not quoted and depth == 0 and (sign in _CLOSE or sign == ","):
            arguments.append(text[begin:at])
            begin = at + 1
            if sign != ",":
                break
        elif not quoted and sign in _CLOSE:
            depth -= 1
        at += 1
    return arguments
