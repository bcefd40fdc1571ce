"""Words that a path or an identifier may say, and which of them it says."""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from eod.tiers.rules import words_of

_LONGEST: Final = 5
"""Words of an identifier that are read together."""
_IDENTIFIER_LIMIT: Final = 200


class Level(IntEnum):
    """How much a word says; `data/sensitive.toml` explains each."""

    FRIEND = 0
    WEAK = 1
    GUARD = 2
    STRONG = 3
    SURE = 4


class Word(Struct, frozen=True):
    """One entry: what it means, and how much it says."""

    text: str
    subject: str
    level: Level


class _Start(Struct, frozen=True):
    letters: str
    parts: int
    word: Word


class Lexicon:
    """Finds the longest entries in identifiers. Of two equal entries the first counts."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._exact: dict[str, Word] = {}
        self._starts: dict[str, list[_Start]] = {}
        for word in words:
            parts = [part for part in word.text.removesuffix("*").split("-") if part]
            letters = "".join(parts)
            if not letters:
                continue
            if word.text.endswith("*"):
                self._starts.setdefault(letters[:2], []).append(_Start(letters, len(parts), word))
            else:
                self._exact.setdefault(letters, word)
        self.found = lru_cache(maxsize=20_000)(self._found)

    def _found(self, identifier: str) -> tuple[Word, ...]:
        """The entries that `identifier` says, in their order; friends keep their words from others."""
        parts = [part for part in words_of(identifier[:_IDENTIFIER_LIMIT]).replace("/", "-").split("-") if part]
        said: list[Word] = []
        at = 0
        while at < len(parts):
            word, length = self._longest(parts[at : at + _LONGEST])
            if word is not None and word.level is not Level.FRIEND:
                said.append(word)
            at += length
        return tuple(said)

    def _longest(self, parts: list[str]) -> tuple[Word | None, int]:
        for count in range(len(parts), 0, -1):
            joined = "".join(parts[:count])
            word = self._exact.get(joined) or self._start(joined, count, len(joined) - len(parts[count - 1]))
            if word is not None:
                return word, count
        return None, 1

    def _start(self, joined: str, count: int, before: int) -> Word | None:
        fitting = [
            start
            for start in self._starts.get(joined[:2], ())
            if count <= start.parts + 1 and before < len(start.letters) and joined.startswith(start.letters)
        ]
        return max(fitting, key=lambda start: len(start.letters)).word if fitting else None


def normal(word: str) -> str:
    """A word from the configuration as the lists write it: `chargeCard*` is `charge-card*`."""
    return words_of(word.removesuffix("*")).replace("/", "-").strip("-") + "*" * word.endswith("*")
