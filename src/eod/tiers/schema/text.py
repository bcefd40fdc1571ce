"""Small things about texts that reasons quote."""

from typing import Final

_LONGEST: Final = 70


def shortened(text: str) -> str:
    """`text` on one line, cut where it gets long."""
    line = " ".join(text[: 4 * _LONGEST].split()).replace("`", "'")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
