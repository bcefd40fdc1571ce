"""Which lines of a text changed."""

from collections import Counter
from difflib import SequenceMatcher
from typing import Final

from msgspec import Struct

_EXACT_LIMIT: Final = 3_000
"""Lines on either side, after the common beginning and end, up to which the difference is exact."""


class Line(Struct, frozen=True):
    """One line without its end; numbers count from 1 on its own side."""

    number: int
    text: str


class Lines(Struct, frozen=True):
    """Lines that only one side has."""

    removed: tuple[Line, ...] = ()
    added: tuple[Line, ...] = ()

    @property
    def both(self) -> tuple[Line, ...]:
        """All of them."""
        return self.removed + self.added


def changed_lines(old: str, new: str) -> Lines:
    """The lines that differ. Very different large texts are compared without regard to the lines' order."""
    before, after = old.splitlines(), new.splitlines()
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    left, right = before[start : len(before) - end], after[start : len(after) - end]
    if not left or not right:
        return Lines(_numbered(left, range(len(left)), start), _numbered(right, range(len(right)), start))
    if max(len(left), len(right)) > _EXACT_LIMIT:
        return _without_order(left, right, start)
    blocks = SequenceMatcher(None, left, right, autojunk=len(left) + len(right) > _EXACT_LIMIT).get_opcodes()
    removed = [at for tag, a, b, _, _ in blocks if tag != "equal" for at in range(a, b)]
    added = [at for tag, _, _, a, b in blocks if tag != "equal" for at in range(a, b)]
    return Lines(_numbered(left, removed, start), _numbered(right, added, start))


def _common(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _without_order(left: list[str], right: list[str], start: int) -> Lines:
    return Lines(
        _numbered(left, _surplus(left, Counter(right)), start),
        _numbered(right, _surplus(right, Counter(left)), start),
    )


def _surplus(lines: list[str], others: "Counter[str]") -> list[int]:
    found = []
    for at, line in enumerate(lines):
        if others[line] > 0:
            others[line] -= 1
        else:
            found.append(at)
    return found


def _numbered(lines: list[str], chosen: "range | list[int]", start: int) -> tuple[Line, ...]:
    return tuple(Line(start + at + 1, lines[at]) for at in chosen)
