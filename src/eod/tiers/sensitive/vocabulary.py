"""The words of `data/sensitive.toml`, with those that a configuration adds and without those that it removes."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from eod import data
from eod.config import Words
from eod.data.globs import Globs
from eod.tiers.sensitive.words import Level, Lexicon, Word, normal

_BUILT_IN: Final = Words()
OWN: Final = "what this repository calls sensitive"


class Subject(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One subject and its words."""

    name: str
    paths: tuple[str, ...]
    places: tuple[str, ...]
    files: tuple[str, ...]
    sure: tuple[str, ...]
    strong: tuple[str, ...]
    guards: tuple[str, ...]
    weak: tuple[str, ...]
    idioms: tuple[str, ...]
    guard_idioms: tuple[str, ...]
    source: str


class _Friends(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    words: tuple[str, ...]
    spans: tuple[str, ...]
    source: str


class _Table(Struct, frozen=True, kw_only=True):
    subjects: tuple[Subject, ...]
    friends: _Friends


class Idiom(Struct, frozen=True):
    """A way to write something, and what it means."""

    pattern: re.Pattern[str]
    word: Word


class Vocabulary(Struct, frozen=True):
    """Everything by which sensitive subjects are known: in paths, and in lines of code."""

    paths: Lexicon
    lines: Lexicon
    files: tuple[tuple[str, Globs], ...]
    idioms: tuple[Idiom, ...]
    friends: re.Pattern[str]

    def names(self, identifier: str) -> tuple[Word, ...]:
        """The words that an identifier in code says."""
        return self.lines.found(identifier)


@cache
def vocabulary(own: Words) -> Vocabulary:
    """The words as a configuration tunes them; made once for each configuration."""
    table = data.read("sensitive", _Table)
    removed = {_letters(normal(word)) for word in own.remove}
    added = [Word(normal(word), OWN, Level.SURE) for word in own.add]
    friends = [Word(word, "", Level.FRIEND) for word in table.friends.words]

    def kept(words: Iterator[Word]) -> list[Word]:
        return [word for word in words if _letters(word.text) not in removed]

    return Vocabulary(
        paths=Lexicon([*added, *friends, *kept(_in_paths(table.subjects))]),
        lines=Lexicon([*added, *friends, *kept(_in_lines(table.subjects))]),
        files=tuple((subject.name, Globs(subject.files)) for subject in table.subjects if subject.files),
        idioms=tuple(_idioms(table.subjects)),
        friends=re.compile("|".join(f"(?:{span})" for span in table.friends.spans)),
    )


def _letters(text: str) -> str:
    """A word as it is compared: `log-in` is also `login`."""
    return text.removesuffix("*").replace("-", "")


def _in_paths(subjects: tuple[Subject, ...]) -> Iterator[Word]:
    for level, words in ((Level.SURE, "paths"), (Level.WEAK, "places")):
        for subject in subjects:
            for text in getattr(subject, words):
                yield Word(text, subject.name, level)


def _in_lines(subjects: tuple[Subject, ...]) -> Iterator[Word]:
    levels = ((Level.SURE, "sure"), (Level.GUARD, "guards"), (Level.STRONG, "strong"), (Level.WEAK, "weak"))
    for level, words in levels:
        for subject in subjects:
            for text in getattr(subject, words):
                yield Word(text, subject.name, level)


def _idioms(subjects: tuple[Subject, ...]) -> Iterator[Idiom]:
    for subject in subjects:
        for level, patterns in ((Level.STRONG, subject.idioms), (Level.GUARD, subject.guard_idioms)):
            for pattern in patterns:
                yield Idiom(re.compile(pattern), Word(pattern, subject.name, level))


def subject_of_names(names: Iterable[str], own: Words = _BUILT_IN) -> str | None:
    """The subject that names of tables or columns say for sure (`payment_methods`, `password_digest`)."""
    known = vocabulary(own)
    for name in names:
        for word in (*known.paths.found(name), *known.lines.found(name)):
            if word.level is Level.SURE:
                return word.subject
    return None
