"""Patterns of `.gitignore`, asked for many paths: only those that may match a path's extension are tried."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_LINE_BREAKS: Final = str.maketrans({"\n": "\N{SYMBOL FOR NEWLINE}", "\r": "\N{SYMBOL FOR CARRIAGE RETURN}"})
_WILD: Final = frozenset("*?[]/")


class Globs:
    """Some patterns."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)

    def match(self, path: str) -> bool:
        """Whether any of them matches `path`."""
        ending = path.rpartition(".")[2]
        for spec in (self._by_ending.get(ending), self._by_ending.get("")):
            # The patterns become regular expressions in which a line break would be special.
            if spec is not None and spec.match_file(path.translate(_LINE_BREAKS)):
                return True
        return False

    @cached_property
    def _by_ending(self) -> "dict[str, GitIgnoreSpec]":
        from pathspec import GitIgnoreSpec

        sorted_out: dict[str, list[str]] = {}
        for pattern in self._patterns:
            ending = pattern.rpartition(".")[2] if "." in pattern else ""
            sorted_out.setdefault("" if _WILD & set(ending) else ending, []).append(pattern)
        return {ending: GitIgnoreSpec.from_lines(lines) for ending, lines in sorted_out.items()}
