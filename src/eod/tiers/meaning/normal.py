"""Takes comments and the white space that means nothing out of a text's pieces."""

import re
from collections.abc import Iterator
from typing import Final

from eod.tiers.meaning.documentation import without_documentation
from eod.tiers.meaning.languages import Language
from eod.tiers.meaning.reading import ACTING, LETTER, Kind, Piece, Reading
from eod.tiers.meaning.tags import HELD, settle

_BREAK: Final = "\n"
_GAP: Final = " "
_OPEN: Final = frozenset("([{")
_CLOSE: Final = frozenset(")]}")
_PLAIN: Final = re.compile(r"\0(['\"])([^'\"\\$#{}%`\n]*)\1")
_BEFORE_COMMENT: Final = frozenset(" \t\r\n\f;{}(),[]")


def normalize(pieces: Iterator[Piece], language: Language) -> Reading:
    """What of `pieces` means something in `language`.

    Raises:
        UntrustedError: The pieces' source says so.
    """
    writer = _Writer(language)
    for piece in pieces:
        writer.add(piece)
    lexemes, comments = writer.out, writer.comments
    if language.tags:
        lexemes, comments = settle(lexemes, ACTING)
    lexemes = [_same_quotes(lexeme) for lexeme in lexemes] if language.same_quotes else lexemes
    lexemes = without_documentation(lexemes, comments, language.documentation)
    return Reading(_stripped(lexemes), tuple(comments))


def _stripped(lexemes: list[str]) -> tuple[str, ...]:
    start, end = 0, len(lexemes)
    while start < end and lexemes[start] in {_BREAK, _GAP}:
        start += 1
    while end > start and lexemes[end - 1] in {_BREAK, _GAP}:
        end -= 1
    return tuple(lexemes[start:end])


class _Writer:
    def __init__(self, language: Language) -> None:
        self._language = language
        self.out: list[str] = []
        self.comments: list[str] = []
        self._space = ""
        self._brackets: list[str] = []
        self._previous = ""

    def add(self, piece: Piece) -> None:
        kind, text = piece
        if kind is Kind.SPACE:
            self._space += text
        elif kind is Kind.COMMENT:
            self._comment(text)
        elif kind is Kind.LITERAL:
            self._literal(text)
        else:
            self._code(text)
        # A space at the end of what is kept to the letter, as an escaped one, is no space before a comment.
        self._previous = LETTER if kind is Kind.LITERAL and text[-1:] in {" ", "\t"} else text[-1:]

    def _comment(self, text: str) -> None:
        acts = self._language.acts
        if (self._previous and self._previous not in _BEFORE_COMMENT) or (acts and acts.search(text)):
            self._separate(ACTING)
            self.out.append(ACTING + text.rstrip())
        elif self._language.tags:
            self._separate(HELD)
            self.out.append(HELD + text)
        else:
            self.comments.append(text)
            self._space += "\n" if "\n" in text else " "

    def _literal(self, text: str) -> None:
        if self.out and self.out[-1].startswith(LETTER) and not self._space:
            self.out[-1] += text
            return
        self._separate(LETTER)
        self.out.append(LETTER + text)

    def _code(self, text: str) -> None:
        if text in _CLOSE:
            self._trailing_comma(text)
            if self._brackets:
                self._brackets.pop()
        self._separate(text)
        if text in _OPEN:
            self._brackets.append(text)
        self.out.append(text)

    def _trailing_comma(self, closer: str) -> None:
        if closer not in self._language.trailing_commas:
            return
        at = len(self.out) - 1
        while at > 0 and self.out[at] in {_BREAK, _GAP}:
            at -= 1
        if at > 0 and self.out[at] == "," and self.out[at - 1] not in {",", *_OPEN}:
            del self.out[at:]

    def _separate(self, following: str) -> None:
        """Write what the white space since the last piece means."""
        space, self._space = self._space, ""
        if not space:
            return
        indentation = _indentation(space) if self._language.indentation else ""
        if not self.out:
            self.out += [indentation] if indentation else []
            return
        last = self.out[-1]
        if "\n" in space and self._break_counts(last, following):
            self.out.append(_BREAK + indentation)
        elif self._gap_counts(last, following):
            self.out.append(_GAP)

    def _break_counts(self, last: str, following: str) -> bool:
        language = self._language
        if language.newlines == "kept":
            return True
        if language.newlines == "free":
            return False
        if language.brackets and self._brackets and self._brackets[-1] != "{":
            return False
        if following in language.before:
            return False
        doubled = last in {"+", "-"} and len(self.out) > 1 and self.out[-2] == last
        return doubled or last not in language.after

    def _gap_counts(self, last: str, following: str) -> bool:
        gaps = self._language.gaps
        if gaps == "kept":
            return True
        if gaps == "tight":
            return not (last in {",", ";", "(", "[", "{"} or following in {",", ";", ")", "]", "}"})
        if _bracket(last) or _bracket(following):
            return False
        if last[-1].isdigit() and following == ".":
            return True
        return _wordish(last) == _wordish(following)


def _indentation(space: str) -> str:
    return space.rpartition("\n")[2].expandtabs(8)


def _bracket(text: str) -> bool:
    return text in {"(", ")", "[", "]", "{", "}", ",", ";"}


def _wordish(text: str) -> bool:
    first = text[0]
    return first in "_$@#'`\\\0\1" or first.isalnum() or not first.isascii()


def _same_quotes(lexeme: str) -> str:
    plain = _PLAIN.fullmatch(lexeme)
    return f'{LETTER}"{plain[2]}"' if plain else lexeme
