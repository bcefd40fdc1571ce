"""Splits a text by the lexical grammar of its language: comments, strings with code inside, words, white space.

One pass, linear in the text: what does not end where the grammar says that it must ends the reading.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from eod.tiers.meaning.languages import Language, Quote
from eod.tiers.meaning.reading import Kind, Piece, UntrustedError

_REGEX: Final = re.compile(r"/(?![*/])(?:\\[^\n]|\[(?:\\[^\n]|[^\]\\\n])*\]|[^/\\\n\[])+/[A-Za-z]*")
_BEFORE_REGEX: Final = frozenset("([{,;=:?!&|+-*%^~<>")
_WORDS_BEFORE_REGEX: Final = frozenset(
    {"return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "new", "yield", "await"}
)
_CLOSERS: Final = {"{": "}", "(": ")"}
_DEEPEST: Final = 200
_LONGEST_OPENING: Final = 200


def scan(text: str, language: Language) -> Iterator[Piece]:
    """The pieces of `text`.

    Raises:
        UntrustedError: Something does not end, or could be read in two ways.
    """
    return _Scanner(text, language).pieces()


class _Inside:
    """Code within a string: which string it returns to, and how many brackets are open."""

    def __init__(self, quote: Quote, mark: str, opener: str) -> None:
        self.quote, self.mark, self.opener, self.closer, self.depth = quote, mark, opener, _CLOSERS[opener], 1


class _Scanner:
    def __init__(self, text: str, language: Language) -> None:
        self._text = text
        self._language = language
        self._grammar = _grammar(language)
        self._stack: list[_Inside] = []
        self._before = ""
        """The last piece of code."""

    def pieces(self) -> Iterator[Piece]:
        """All of them."""
        at = 0
        while at < len(self._text):
            kind, end = self._piece(at)
            piece = self._text[at:end]
            yield Piece(kind, piece)
            if kind is Kind.CODE or kind is Kind.LITERAL:
                self._before = (self._before[-1:] + piece) if len(piece) == 1 else piece
            at = end
        if self._stack:
            raise UntrustedError

    def _piece(self, at: int) -> tuple[Kind, int]:
        """What begins at `at`, and where it ends."""
        match = self._grammar.pattern.match(self._text, at)
        if match is None:
            raise UntrustedError
        group = str(match.lastgroup)
        if group == "space":
            return Kind.SPACE, match.end()
        if group == "word":
            return Kind.CODE, match.end()
        if group == "line":
            return Kind.COMMENT, self._line_end(match.end())
        if group[0] == "b":
            return Kind.COMMENT, self._block_end(match, self._grammar.blocks[int(group[1:])])
        if group[0] == "q":
            quote = self._grammar.quotes[int(group[1:])]
            return Kind.LITERAL, self._string_end(match.end(), quote, _mark(quote, self._text, at))
        return self._other(match.group(), at)

    def _other(self, character: str, at: int) -> tuple[Kind, int]:
        inside = self._stack[-1] if self._stack else None
        if inside is not None and character == inside.opener:
            inside.depth += 1
        elif inside is not None and character == inside.closer:
            inside.depth -= 1
            if not inside.depth:
                self._stack.pop()
                return Kind.LITERAL, self._string_end(at + 1, inside.quote, inside.mark)
        elif character == "/" and self._language.regexes and self._begins_regex(at):
            regex = _REGEX.match(self._text, at)
            if regex is None:
                raise UntrustedError
            return Kind.LITERAL, regex.end()
        return Kind.CODE, at + 1

    def _line_end(self, start: int) -> int:
        end = self._text.find("\n", start)
        end = len(self._text) if end < 0 else end
        if self._language.continued and self._text[start:end].rstrip("\r").endswith("\\"):
            raise UntrustedError
        return end

    def _block_end(self, match: re.Match[str], pair: tuple[str, str]) -> int:
        pattern = _block_pattern(*pair, _first_group(pair[0], match.group()))
        depth, at = 1, match.end()
        while depth:
            found = pattern.search(self._text, at)
            if found is None:
                raise UntrustedError
            if found.lastgroup == "close":
                depth -= 1
            elif self._language.nested:
                depth += 1
            at = found.end()
        return at

    def _string_end(self, at: int, quote: Quote, mark: str) -> int:
        """Where the string that goes on at `at` ends, or where code in it begins."""
        pattern = _string_pattern(quote, mark)
        while True:
            found = pattern.search(self._text, at)
            if found is None or found.lastgroup == "newline":
                raise UntrustedError
            if found.lastgroup == "close":
                return found.end()
            if found.lastgroup == "inside":
                if len(self._stack) == _DEEPEST:
                    raise UntrustedError
                self._stack.append(_Inside(quote, mark, found.group()[-1]))
                return found.end()
            at = found.end()

    def _begins_regex(self, at: int) -> bool:
        before = self._before
        if before.endswith("<") or self._text[at + 1 : at + 2] == ">":
            return False  # The end of a tag.
        if before.endswith((")", "}", "++", "--")):
            end = self._text.find("\n", at)
            if "/" in self._text[at + 1 : end if end >= 0 else len(self._text)]:
                raise UntrustedError
            return False
        return not before or before[-1] in _BEFORE_REGEX or before in _WORDS_BEFORE_REGEX


def _mark(quote: Quote, text: str, at: int) -> str:
    return _first_group(quote.open, text[at : at + _LONGEST_OPENING]) if "{1}" in quote.close else ""


def _first_group(opening: str, text: str) -> str:
    match = re.match(opening, text, re.MULTILINE)
    return match.group(1) if match is not None and match.re.groups else ""


@lru_cache(256)
def _string_pattern(quote: Quote, mark: str) -> re.Pattern[str]:
    close = quote.close.replace("{1}", re.escape(mark))
    parts = [rf"(?P<escape>{quote.escape})"] if quote.escape else []
    parts += [rf"(?P<inside>{quote.inside})"] if quote.inside else []
    parts += [rf"(?P<close>{close})"]
    parts += [] if quote.lines else [r"(?P<newline>\n)"]
    return re.compile("|".join(parts), re.MULTILINE | re.DOTALL)


@lru_cache(256)
def _block_pattern(opening: str, closing: str, mark: str) -> re.Pattern[str]:
    return re.compile(f"(?P<close>{closing.replace('{1}', re.escape(mark))})|(?P<open>{opening})", re.MULTILINE)


class _Grammar(NamedTuple):
    pattern: re.Pattern[str]
    blocks: tuple[tuple[str, str], ...]
    quotes: tuple[Quote, ...]


@lru_cache(128)
def _grammar(language: Language) -> _Grammar:
    parts = [rf"(?P<b{number}>{opening})" for number, (opening, _) in enumerate(language.block)]
    parts += [rf"(?P<line>{'|'.join(language.line)})"] if language.line else []
    parts += [rf"(?P<q{number}>{quote.open})" for number, quote in enumerate(language.quotes)]
    parts += [r"(?P<space>\n|[^\S\n]+)", f"(?P<word>{language.words})", r"(?P<other>.)"]
    return _Grammar(re.compile("|".join(parts), re.MULTILINE | re.DOTALL), language.block, language.quotes)
