"""Reads HTML, XML, their templates and single-file components.

Text and tags are kept, but for comments, and for white space around line breaks, which is one line break. What is
between `<script>` or `<style>` and its end is read as the language that it is.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from eod.tiers.meaning.languages import Language, language_named
from eod.tiers.meaning.reading import LETTER, Kind, Piece, Reading, UntrustedError

_WHITE: Final = re.compile(r"[ \t\f\r]*\n\s*")
_EXECUTED: Final = re.compile(
    r"\{\{|\{%|\{#|\{!!|<%|<\?|[$#*@]\{|\[if|\[endif|<!\[|#(?:include|exec|echo|set)\b|^<!--\s*(?:/?ko\b|esi\b|"
    r"(?:end)?(?:build|inject|endinject|bower|endbower)\b|vite|ssr|app-html|head-html|preload-links)|"
    r"^<!--\[",
    re.IGNORECASE,
)
"""In comments: template code, which runs there too; conditions; places where tools put something."""
_RAW_BEGIN: Final = r"<(script|style|pre|textarea|xmp)\b(?:[^>\"']|\"[^\"]{0,2000}\"|'[^']{0,2000}'){0,500}>"
_LANGUAGE: Final = re.compile(r"\b(?:lang|type)\s*=\s*[\"']([\w/+-]+)[\"']")
_INNER: Final = {
    "ts": "TypeScript", "tsx": "TSX", "jsx": "TSX", "js": "JavaScript", "javascript": "JavaScript",
    "typescript": "TypeScript", "module": "JavaScript", "text/javascript": "JavaScript", "scss": "SCSS",
    "less": "Less", "css": "CSS", "postcss": "CSS", "text/css": "CSS",
}  # fmt: skip
_TEMPLATE_CODE: Final = re.compile(r"\{\{|\{%|<%|<\?|\{!!|@\w+\s*\(")

Read = Callable[[str, Language], Reading | None]


def read_markup(text: str, language: Language, read: Read) -> Reading:
    """What of `text` means something.

    Args:
        text: All of it.
        language: Which comments there are.
        read: Reads scripts and styles.

    Raises:
        UntrustedError: Something does not end.
    """
    code: list[str] = []
    comments: list[str] = []
    run: list[str] = []
    for piece in _pieces(text, language):
        if piece.kind is Kind.COMMENT and not _acts(piece.text, language) and not _within_tag(run):
            comments.append(piece.text)
        elif piece.kind is Kind.LITERAL:
            code += [*_collapsed(run), *_raw(piece.text, language, read, comments)]
            run.clear()
        else:
            run.append(piece.text)
    code += _collapsed(run)
    return Reading(tuple(code), tuple(comments))


def _pieces(text: str, language: Language) -> Iterator[Piece]:
    opener = _openers(language)
    ends = dict(language.templates) | {"<!--": "-->"}
    at = 0
    while (found := opener.search(text, at)) is not None:
        if found.start() > at:
            yield Piece(Kind.CODE, text[at : found.start()])
        raw = found.lastgroup == "raw"
        if raw:
            end = _raw_end(text, found)
        else:
            close = "]]>" if found.lastgroup == "cdata" else ends[found.group()]
            end = text.find(close, found.end())
            if end < 0:
                raise UntrustedError
            end += len(close)
        kept = raw or found.lastgroup == "cdata"
        yield Piece(Kind.LITERAL if kept else Kind.COMMENT, text[found.start() : end])
        at = end
    if at < len(text):
        yield Piece(Kind.CODE, text[at:])


def _raw_end(text: str, found: re.Match[str]) -> int:
    name = re.match(r"<(\w+)", found.group())
    if found.group().endswith("/>") or name is None:
        return found.end()
    close = re.compile(rf"</{name[1]}\s*>", re.IGNORECASE).search(text, found.end())
    if close is None:
        raise UntrustedError
    return close.end()


def _raw(text: str, language: Language, read: Read, comments: list[str]) -> list[str]:
    """A script or style by its own grammar where that is known; else to the letter."""
    match = _raw_begin().match(text)
    if match is None:
        return [LETTER + text]
    end = text.rfind("</")
    name, begin = match[1].lower(), match.group()
    inner = _inner(name, begin)
    body = text[match.end() : end] if end >= match.end() else ""
    if inner is None or _TEMPLATE_CODE.search(begin):
        return [LETTER + text]
    if language.templates and _TEMPLATE_CODE.search(body):
        return [LETTER + text]
    reading = read(body, language_named(inner))
    if reading is None:
        return [LETTER + text]
    comments += reading.comments or ()
    return [LETTER + begin, *map(str, reading.code), f"</{name}>"]


def _inner(name: str, begin: str) -> str | None:
    found = _LANGUAGE.search(begin)
    if found is not None:
        return _INNER.get(found[1].lower())
    return {"script": "JavaScript", "style": "CSS"}.get(name)


def _acts(comment: str, language: Language) -> bool:
    if language.acts and language.acts.search(comment):
        return True
    return comment.startswith("<!--") and _EXECUTED.search(comment) is not None


def _within_tag(run: list[str]) -> bool:
    """Whether a tag is open, so that what follows may be an attribute's value."""
    text = run[-1] if run else ""
    return text.rfind("<") > text.rfind(">")


def _collapsed(run: list[str]) -> list[str]:
    text = _WHITE.sub("\n", "".join(run)).strip()
    return [text] if text else []


@lru_cache(1)
def _raw_begin() -> re.Pattern[str]:
    return re.compile(_RAW_BEGIN, re.IGNORECASE)


@lru_cache(64)
def _openers(language: Language) -> re.Pattern[str]:
    templates = sorted((re.escape(opening) for opening, _ in language.templates), key=len, reverse=True)
    parts = [rf"(?P<template>{'|'.join(templates)})"] if templates else []
    parts += [r"(?P<cdata><!\[CDATA\[)", "(?P<comment><!--)"]
    parts += [f"(?P<raw>{_RAW_BEGIN})"] if language.html else []
    return re.compile("|".join(parts), re.IGNORECASE)
