"""Patterns with `*` only: Terraform's addresses are full of brackets, which `fnmatch` would take for sets."""

import re
from functools import cache


def matches(pattern: str, text: str) -> bool:
    """Whether `*` in `pattern`, standing for any characters, makes it `text`."""
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
