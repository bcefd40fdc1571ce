"""Small things about texts: how they are made safe to search, and how reasons quote them."""

import re
from functools import lru_cache
from typing import Final

_LONGEST: Final = 70
_WIDEST: Final = 1_000
_LOOSE: Final = re.compile(r" (?=[.,;)])|(?<=[(.]) |(?<=@) ")


@lru_cache(maxsize=8)
def lines_of(text: str) -> str:
    """`text` without blank lines and without what no person writes: the rest of very long lines.

    Expressions that look for a line's beginning, or run to its end, are thereby bounded.
    """
    return "\n".join(line[:_WIDEST] for line in text.splitlines() if line and not line.isspace())


def shortened(text: str) -> str:
    """`text` on one line, cut where it gets long."""
    line = _LOOSE.sub("", " ".join(text[: 4 * _LONGEST].split())).replace("`", "'")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
