"""The known word that was probably meant, and texts short enough to be quoted."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LONGEST: Final = 60
"""Characters of a quoted text."""

_JOINTS: Final = str.maketrans("", "", "-_ ")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; empty when none is near."""
    candidates = list(known)
    same = {_bare(candidate): candidate for candidate in candidates}.get(_bare(word))
    if same:
        return same
    return next(iter(get_close_matches(word, candidates, n=1, cutoff=0.6)), "")


def clip(text: str) -> str:
    """`text` on one line, short enough for a message."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _bare(word: str) -> str:
    return word.lower().translate(_JOINTS)
