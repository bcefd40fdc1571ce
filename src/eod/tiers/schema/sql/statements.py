"""A text of SQL cut into statements."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from eod.tiers.schema.knowledge import knowledge
from eod.tiers.schema.sql.lexer import Lexeme, lexemes

_DELIMITER: Final = re.compile(r"^[ \t]*DELIMITER[ \t]+(\S+)[^\n]*$", re.IGNORECASE | re.MULTILINE)
_OPENING: Final = 12
"""Words in which a statement says what it makes."""
_NO_BLOCK: Final = frozenset({"if", "loop", "while", "repeat", "for"})


class Statement(Struct, frozen=True):
    """One statement; `text` has single spaces and no comments, so that equal ones compare equal."""

    text: str
    words: tuple[str, ...]
    """Its first words in lower case, templates and names left out."""


def statements(text: str) -> Iterator[Statement]:
    """The statements of `text`. What a routine's body holds belongs to the statement that makes the routine."""
    for part, whole in _parts(text):
        if whole:
            yield from _statement(list(lexemes(part)))
        else:
            yield from _cut(lexemes(part))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Stretches between MySQL's `DELIMITER` lines, with whether each is one statement by itself."""
    at, delimiter = 0, ";"
    for hit in (*_DELIMITER.finditer(text), None):
        stretch = text[at : hit.start() if hit else len(text)]
        if delimiter == ";":
            yield stretch, False
        else:
            yield from ((part, True) for part in stretch.split(delimiter))
        if hit:
            at, delimiter = hit.end(), hit[1]


def _cut(pieces: Iterable[Lexeme]) -> Iterator[Statement]:
    current: list[Lexeme] = []
    depth, routine, previous = 0, False, ""
    for piece in pieces:
        word = piece.word
        if piece.kind == "break" or (piece.kind == "end" and depth <= 0):
            yield from _statement(current)
            current, depth, routine, previous = [], 0, False, ""
            continue
        current.append(piece)
        routine = routine or (len(current) <= _OPENING and _makes_routine(current))
        if routine:
            depth += _depth(previous, word)
        previous = word or previous if piece.kind == "word" else ""
    yield from _statement(current)


def _makes_routine(pieces: list[Lexeme]) -> bool:
    known, last = knowledge().sql, pieces[-1].word
    return last in known.routines and pieces[0].word in {"create", "alter"}


def _depth(previous: str, word: str) -> int:
    if word in {"begin", "case"}:
        return 0 if previous == "end" else 1
    if word == "end":
        return -1
    return 1 if previous == "end" and word in _NO_BLOCK else 0


def _statement(pieces: list[Lexeme]) -> Iterator[Statement]:
    if not any(piece.kind in {"word", "name", "string", "template"} for piece in pieces):
        return
    words = (piece.word for piece in pieces[: 4 * _OPENING])
    yield Statement(" ".join(piece.text for piece in pieces), tuple(word for word in words if word)[:_OPENING])
