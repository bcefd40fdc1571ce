"""Reads formats in which a comment has lines of its own: Dockerfile, .env, INI, Makefile, HAML."""

import re
from typing import Final

from eod.tiers.meaning.languages import Language
from eod.tiers.meaning.reading import LETTER, Reading, UntrustedError

_EXECUTED: Final = re.compile(r"\{\{|\{%|<%|\$\[\[")
"""Template code runs in a comment too."""
_COMMENT_BEGIN: Final = re.compile(r"^[ \t]*\{\{-?[ \t]*/\*", re.MULTILINE)
_COMMENT_END: Final = re.compile(r"\*/[ \t]*\}\}[ \t]*(?:\n|\Z)")


def read_lines(text: str, language: Language) -> Reading:
    """`text` without its blank lines and its lines of comment.

    Raises:
        UntrustedError: A comment goes on in the next line.
    """
    code: list[str] = []
    comments: list[str] = []
    if language.templates:
        text, comments = _without_template_comments(text)
    lines = text.split("\n")
    verbatim = -1
    for at, line in enumerate(lines):
        stripped = line.strip()
        inside = verbatim >= 0 and (not stripped or _depth(line) > verbatim)
        verbatim = verbatim if inside else -1
        if not inside and stripped and language.text_follows.search(line):
            verbatim = _depth(line)
        goes_on = bool(code) and _continues(lines, at, language)
        if inside:
            code += [LETTER + line]
        elif not stripped:
            code += [""] * goes_on
        elif not goes_on and _is_comment(line, language) and not _nested(lines, at, language):
            if language.continued and language.goes_on.search(line):
                raise UntrustedError
            comments.append(stripped)
        else:
            code.append(_code(line, language))
    while code and code[-1].strip(LETTER + " \t\r") == "":
        code.pop()
    return Reading(tuple(code), tuple(comments))


def _code(line: str, language: Language) -> str:
    if language.gaps == "kept":
        return line.rstrip("\r")
    return line.rstrip() if language.indentation else line.strip()


def _is_comment(line: str, language: Language) -> bool:
    if not language.comment_line.match(line) or _EXECUTED.search(line):
        return False
    return not (language.acts and language.acts.search(line))


def _continues(lines: list[str], at: int, language: Language) -> bool:
    """Whether the line before ends in such a way that this one belongs to it."""
    return bool(language.continuation) and at > 0 and bool(language.goes_on.search(lines[at - 1]))


def _nested(lines: list[str], at: int, language: Language) -> bool:
    """Whether deeper lines follow which are part of the comment, where the language nests by indentation."""
    if not language.nested:
        return False
    following = next((line for line in lines[at + 1 :] if line.strip()), "")
    return _depth(following) > _depth(lines[at])


def _depth(line: str) -> int:
    line = line.expandtabs(8)
    return len(line) - len(line.lstrip())


def _without_template_comments(text: str) -> tuple[str, list[str]]:
    """Without `{{/* … */}}` on lines of its own (https://pkg.go.dev/text/template#hdr-Actions)."""
    kept, comments, at, start = [], [], 0, 0
    while (begin := _COMMENT_BEGIN.search(text, at)) is not None:
        at = text.find("*/", begin.end())
        if at < 0:
            break
        end = _COMMENT_END.match(text, at)
        if end is not None:
            kept.append(text[start : begin.start()])
            comments.append(text[begin.start() : end.end()].strip())
            start = at = end.end()
    return "".join(kept) + text[start:], comments
