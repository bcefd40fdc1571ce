"""The hidden first line by which a sticky comment is found again. Pure."""

import json
from typing import Final

_BEGIN: Final = "<!-- eod-action: "
_END: Final = " -->"


def marker(environment: str) -> str:
    """The line for an environment; for the empty name, that of a comment of which the name was not known."""
    text = json.dumps({"environment": environment}, separators=(",", ":"), ensure_ascii=False)
    harmless = text.replace(">", "\\u003e").replace("--", "-\\u002d")
    return f"{_BEGIN}{harmless}{_END}"


def is_marker(line: str) -> bool:
    """Whether the line is one of ours."""
    return line.startswith(_BEGIN) and line.endswith(_END)


def may_stand_for(one: str, other: str) -> bool:
    """Whether two markers may be of one comment: one was written before the environment's name was known."""
    unnamed = marker("")
    return is_marker(one) and is_marker(other) and unnamed in {one, other}


def named(one: str, other: str) -> str:
    """The marker, of two that may stand for one another, that says the name."""
    return other if one == marker("") else one
