"""Patterns of `.gitignore`, many of them asked for one path.

pathspec makes a regular expression of each pattern, and compiling a thousand of them takes longer than all else
that `eod classify` does (docs/decisions/0003-globs.md). The plain shapes, which are nearly all, are looked up
instead; of the rest only those are compiled whose longest literal part stands in the path. What matches is as
pathspec has it.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_LINE_BREAKS: Final = str.maketrans({"\n": "\N{SYMBOL FOR NEWLINE}", "\r": "\N{SYMBOL FOR CARRIAGE RETURN}"})
_NAME: Final = re.compile(r"[\w.@+-]+", re.ASCII)
_BETWEEN_LITERALS: Final = re.compile(r"[*?/]+")
_HARD: Final = frozenset("\\[]! ")


class _Shapes(NamedTuple):
    names: frozenset[str]
    directories: frozenset[str]
    endings: frozenset[str]
    others: tuple[tuple[str, str], ...]


class Globs:
    """Some patterns, of which any may match.

    Args:
        patterns: As `.gitignore` has them. With a `!` among them the last one that matches counts, as there.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._specs: dict[str, GitIgnoreSpec] = {}

    def match(self, path: str) -> bool:
        """Whether they match the file at `path`, or a directory above it."""
        # The patterns become regular expressions in which a line break would be special.
        path = path.translate(_LINE_BREAKS)
        if any(pattern.startswith("!") for pattern in self._patterns):
            return self._spec("", self._patterns).match_file(path)
        parts = path.split("/")
        shapes = self._shapes
        return (
            not shapes.names.isdisjoint(parts)
            or not shapes.directories.isdisjoint(parts[:-1])
            or any(not shapes.endings.isdisjoint(_endings(part)) for part in parts)
            or any(
                self._spec(pattern, (pattern,)).match_file(path)
                for literal, pattern in shapes.others
                if literal in path
            )
        )

    @cached_property
    def _shapes(self) -> _Shapes:
        names, directories, endings, others = set(), set(), set(), []
        for pattern in self._patterns:
            if _NAME.fullmatch(pattern):
                names.add(pattern)
            elif pattern.endswith("/") and _NAME.fullmatch(pattern[:-1]):
                directories.add(pattern[:-1])
            elif pattern.startswith("*.") and _NAME.fullmatch(pattern[1:]):
                endings.add(pattern[1:])
            else:
                others.append((_literal(pattern), pattern))
        return _Shapes(frozenset(names), frozenset(directories), frozenset(endings), tuple(others))

    def _spec(self, name: str, patterns: tuple[str, ...]) -> "GitIgnoreSpec":
        if name not in self._specs:
            from pathspec import GitIgnoreSpec

            self._specs[name] = GitIgnoreSpec.from_lines(patterns)
        return self._specs[name]


def _endings(part: str) -> set[str]:
    """Every ending of a name that begins with a dot: `.tf.json` and `.json`."""
    found = set()
    at = part.find(".")
    while at >= 0:
        found.add(part[at:])
        at = part.find(".", at + 1)
    return found


def _literal(pattern: str) -> str:
    """The longest part of `pattern` that must stand in a path just so; empty where that is not plain to see."""
    if not _HARD.isdisjoint(pattern) or pattern.startswith("#"):
        return ""
    return max(_BETWEEN_LITERALS.split(pattern), key=len)
