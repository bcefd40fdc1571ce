"""How far versions moved between two texts, whatever package manager wrote them."""

import re
from collections import defaultdict
from enum import IntEnum
from typing import Final

from msgspec import Struct

from eod.tiers.lines import Line, Lines

_VERSION: Final = re.compile(
    r"(?<![\w.-])v?(\d{1,6})(?:\.(\d{1,8}))?(?:\.(\d{1,10}))?(?:[.+-][0-9A-Za-z.+-]{1,60})?"
)
_LIMIT: Final = 400
"""Characters of a line, and changed lines of a side, that are looked at."""


class Step(IntEnum):
    """How far a version moved, in the terms of semantic versioning (https://semver.org)."""

    OTHER = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


class Move(Struct, frozen=True):
    """One line on which only versions differ."""

    before: str
    after: str
    step: Step


def moves(lines: Lines) -> tuple[Move, ...]:
    """The changed lines that say the same before and after but for a version."""
    before: dict[str, list[str]] = defaultdict(list)
    for line in lines.removed[:_LIMIT]:
        before[_skeleton(line)].append(line.text[:_LIMIT])
    found = []
    for line in lines.added[:_LIMIT]:
        others = before.get(_skeleton(line))
        if others:
            found.append(_move(others.pop(0), line.text[:_LIMIT]))
    return tuple(found)


def _skeleton(line: Line) -> str:
    return _VERSION.sub("0", line.text[:_LIMIT]).strip().rstrip(",")


def _move(old: str, new: str) -> Move:
    for before, after in zip(_VERSION.finditer(old), _VERSION.finditer(new), strict=False):
        if before[0] != after[0]:
            return Move(before[0], after[0], _step(before, after))
    return Move("", "", Step.OTHER)


def _step(before: "re.Match[str]", after: "re.Match[str]") -> Step:
    for group, step in ((1, Step.MAJOR), (2, Step.MINOR), (3, Step.PATCH)):
        if (before[group] or "0") != (after[group] or "0"):
            # Below 1.0.0 the second number is the one that may break.
            early = step is Step.MINOR and before[1] == "0" == after[1]
            return Step.MAJOR if early else step
    return Step.OTHER
