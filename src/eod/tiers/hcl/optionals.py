"""Defaults within a variable's type: `object({ engine = optional(string, "15") })`.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints#optional-object-type-attributes
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

_CALL: Final = "optional("
_OPEN, _CLOSE = "([{", ")]}"
_CALLS: Final = 200
_LONGEST: Final = 4_000
"""How many calls are read, and how many characters of each."""


def another_default(old: object, new: object) -> bool:
    """Whether an attribute that may be left out gets another default; not where attributes only come or go."""
    before, after = Counter(_defaults(old)), Counter(_defaults(new))
    return bool(before - after) and bool(after - before)


def _defaults(value: object) -> list[str]:
    """What follows the first comma of each call of `optional`."""
    text = value if isinstance(value, str) else ""
    calls = (_arguments(part) for part in _behind_calls(text))
    return [arguments[1].strip() for arguments in calls if len(arguments) > 1]


def _behind_calls(text: str) -> Iterator[str]:
    at = 0
    for _ in range(_CALLS):
        at = text.find(_CALL, at) + len(_CALL)
        if at < len(_CALL):
            return
        yield text[at : at + _LONGEST]


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
