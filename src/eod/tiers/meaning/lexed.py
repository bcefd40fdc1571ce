"""Splits a text by Pygments, for languages that no simple grammar describes. Its comments are checked."""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from eod.tiers.meaning.languages import Language
from eod.tiers.meaning.reading import Kind, Piece, UntrustedError

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

_PARTS: Final = re.compile(r"\s+|\w+|[^\w\s]")
_HEREDOC: Final = re.compile(r"(?<!<)<<(-?)[ \t]*(\\?)(['\"]?)([A-Za-z_]\w*)\3(?!<)")
_HEREDOC_LIKE: Final = re.compile(r"<<(?!<)")


def lex(text: str, language: Language) -> Iterator[Piece]:
    """The pieces of `text`.

    Raises:
        UntrustedError: The lexer lost its way, or may have.
    """
    for kind, part in _joined(_parts(text, language)):
        if kind is Kind.CODE:
            for piece in _PARTS.findall(part):
                yield Piece(Kind.SPACE if piece.isspace() else Kind.CODE, piece)
        elif kind is Kind.COMMENT:
            yield from _comments(part, language)
        else:
            yield Piece(kind, part)


def _parts(text: str, language: Language) -> Iterator[Piece]:
    if not language.heredocs:
        yield from _tokens(text, language)
        return
    for number, part in enumerate(_without_heredocs(text)):
        if number % 2:
            yield Piece(Kind.LITERAL, part)
        else:
            yield from _tokens(part, language)


def _tokens(text: str, language: Language) -> Iterator[Piece]:
    for _, token, value in _lexer(language.lexer).get_tokens_unprocessed(text):
        kind = _kind(token)
        if kind is None:
            raise UntrustedError
        if kind is Kind.LITERAL and value.startswith("#!"):
            # The lexers take the line break into the interpreter's line.
            yield Piece(kind, value.rstrip())
            yield Piece(Kind.SPACE, "\n")
        elif value:
            yield Piece(Kind.SPACE if kind is Kind.CODE and value.isspace() else kind, value)


@cache
def _kind(token: "_TokenType") -> Kind | None:
    """What pieces of this type are; `None` if the lexer does not know it itself."""
    from pygments.token import Comment, Error, Generic, Literal, Number, Other, String

    if token in Error:
        return None
    if token in {Comment, Comment.Single, Comment.Multiline, String.Doc}:
        return Kind.COMMENT
    if token not in Number and any(token in letter for letter in (Comment, Generic, Literal, Other)):
        return Kind.LITERAL
    return Kind.CODE


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one piece, but for code, where the border may mean something."""
    kind, parts = Kind.CODE, list[str]()
    for piece in pieces:
        if parts and (piece.kind is not kind or kind is Kind.CODE):
            yield Piece(kind, "".join(parts))
            parts.clear()
        kind = piece.kind
        parts.append(piece.text)
    if parts:
        yield Piece(kind, "".join(parts))


def _comments(text: str, language: Language) -> Iterator[Piece]:
    """Comments that follow one another, one by one; they may end with line breaks."""
    block = any(re.match(opening, text, re.MULTILINE) for opening, _ in language.block)
    for part in [text] if block else text.splitlines():
        comment = part.rstrip()
        if comment:
            yield Piece(Kind.COMMENT if _is_comment(comment, language) else Kind.LITERAL, comment)
        if not block or comment != part:
            yield Piece(Kind.SPACE, "\n" if not block or "\n" in part[len(comment) :] else " ")


def _is_comment(text: str, language: Language) -> bool:
    """Whether `text` is nothing but comments by the language's own marks."""
    rest = text.strip()
    while rest:
        pair = next((pair for pair in language.block if re.match(pair[0], rest, re.MULTILINE)), None)
        if pair is not None:
            return re.search(rf"(?:{pair[1]})\s*\Z", rest, re.MULTILINE) is not None
        if not any(re.match(mark, rest) for mark in language.line):
            return False
        rest = rest.partition("\n")[2].strip()
    return True


def _without_heredocs(text: str) -> list[str]:
    """The text between here-documents and these themselves, in turn."""
    parts, start, at = [], 0, 0
    while (found := _HEREDOC_LIKE.search(text, at)) is not None:
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        opening = _HEREDOC.match(text, found.start())
        end_of_line = text.find("\n", found.end())
        if opening is None or end_of_line < 0 or re.search(r"[#'\"(]", line):
            if "((" in line or line.lstrip().startswith("#"):
                at = found.end()  # A shift in arithmetic, or a comment.
                continue
            raise UntrustedError
        if _HEREDOC_LIKE.search(text, opening.end(), end_of_line):
            raise UntrustedError
        tabs = r"\t*" if opening[1] else ""
        close = re.compile(rf"^{tabs}{opening[4]}$", re.MULTILINE).search(text, end_of_line)
        if close is None:
            raise UntrustedError
        parts += [text[start : end_of_line + 1], text[end_of_line + 1 : close.end()]]
        start = at = close.end()
    return [*parts, text[start:]]


@cache
def _lexer(alias: str) -> "Lexer":
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(alias)
