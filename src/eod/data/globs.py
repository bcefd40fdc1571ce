"""Patterns of `.gitignore`, many of them asked for one path.

pathspec makes a regular expression of each pattern, and compiling a thousand of them takes longer than all else
that `eod classify` does (docs/decisions/0003-globs.md). The plain shapes, which are nearly all, are looked up
instead; of the rest only those are compiled whose longest literal part stands in the path. What matches is as
pathspec has it.
"""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
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


class _Parts(NamedTuple):
    """A path taken apart: `directories` are all its names but the last, `endings` of all begin with a dot."""

    path: str
    names: frozenset[str]
    directories: frozenset[str]
    endings: frozenset[str]


class Globs:
    """Some patterns, of which any may match.

    Args:
        patterns: As `.gitignore` has them. With a `!` among them the last one that matches counts, as there.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._ordered = any(pattern.startswith("!") for pattern in self._patterns)
        self._specs: dict[str, GitIgnoreSpec] = {}

    def match(self, path: str) -> bool:
        """Whether they match the file at `path`, or a directory above it."""
        parts = _parts(path)
        if self._ordered:
            return self._spec("", self._patterns).match_file(parts.path)
        shapes = self._shapes
        if (
            not shapes.names.isdisjoint(parts.names)
            or not shapes.directories.isdisjoint(parts.directories)
            or not shapes.endings.isdisjoint(parts.endings)
        ):
            return True
        for literal, pattern in shapes.others:
            if literal in parts.path and self._spec(pattern, (pattern,)).match_file(parts.path):
                return True
        return False

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


@lru_cache(maxsize=16)
def _parts(path: str) -> _Parts:
    # The patterns become regular expressions in which a line break would be special.
    path = path.translate(_LINE_BREAKS)
    names = path.split("/")
    endings = (part[at:] for part in names for at in range(len(part)) if part[at] == ".")
    return _Parts(path, frozenset(names), frozenset(names[:-1]), frozenset(endings))


def _literal(pattern: str) -> str:
    """The longest part of `pattern` that must stand in a path just so; empty where that is not plain to see."""
    if not _HARD.isdisjoint(pattern) or pattern.startswith("#"):
        return ""
    return max(_BETWEEN_LITERALS.split(pattern), key=len)
