"""Changed lines, told apart into code, quoted text and comments."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from eod.tiers.file import ChangedFile
from eod.tiers.lines import Line
from eod.tiers.sensitive.hunks import Hunk, hunks_of
from eod.tiers.sensitive.languages import Language, language_of

_WHOLE_TEXT: Final = 400_000
"""Characters of a side up to which comments over several lines are known."""
_LINES: Final = 2_000
_LINE_LENGTH: Final = 20_000
_CHARACTERS: Final = 200_000
"""Changed characters of a side that are read."""
_SQL: Final = re.compile(
    r"(?i)\b(?:select\b.{1,400}\bfrom|insert\s+into|update\b.{1,400}\bset|delete\s+from|create\s+table|alter\s+table|where|join)\b"
)
_COMPARES: Final = re.compile(r"[=<>]|(?i:\blike\b|\bis null\b)")
"""Fragments of SQL compare; prose does not."""
_QUOTES: Final = ('"', "'", "`")
_DOCUMENTATION: Final = ('"""', "'''")
_PROSE: Final = re.compile(r"[^\W\d_]\s+[^\W\d_]")
_LOGS: Final = re.compile(
    r"\bconsole\.log\s*\(|\b(?:logs?|logger|logging|slog|console|tracing|zap)\.(?:log_?)?"
    r"(?:trace|debug|info|warn|warning|error|fatal|exception)\w{0,12}!?\s*\(",
    re.IGNORECASE,
)
"""A call of a logger; not of what keeps an audit."""
_ACTS: Final = re.compile(
    r"(?:[=!]=|[\w\])]\[|\b(?:case|when|in|system|spawn|popen|shell|exec\w*)\b\s*\(?)\s*\Z"
    r"|\b(?:starts_?with|ends_?with|includes?|equals\w*|contains|match\w*|search|test|compile|has)\b\??\s*\(\s*\Z"
    r"|(?:\b|_)(?:scope|role|permission|cookie|origin|polic(?:y|ie)|allow|deny|grant)\w*\W*[=:]",
    re.IGNORECASE,
)
"""What stands before a text that the program goes by: it is compared, a key, a command, a scope, a role's name."""

_NEAR: Final = 60
"""Characters before a text in which that is looked for."""

_CALLS: Final = re.compile(r"[(;]")
_INTERPOLATED: Final = re.compile(r"[$#]\{|\{\s*[^\W\d]")


class ReadLine(Struct, frozen=True):
    """One changed line. `code` stands outside quotes and comments, `names` are the quoted texts that are no prose.

    `whole` is the line without comments and prose, `skeleton` the same without spaces, but for those that Python
    reads.
    """

    number: int
    added: bool
    code: str
    names: tuple[str, ...]
    whole: str
    skeleton: str
    hunk: Hunk


class Reading(Struct, frozen=True):
    """The changed lines, removed ones first; `whole` is false where there were too many, or too long ones."""

    lines: tuple[ReadLine, ...]
    whole: bool


def read_changes(file: ChangedFile) -> Reading:
    """The changed lines, as far as it is sensible to read them."""
    language = language_of(file.name)
    removed, added = file.lines.removed, file.lines.added
    of_removed, of_added = hunks_of(file.lines)
    left, right = _sensible(removed), _sensible(added)
    return Reading(
        (
            *_side(left, file.old_text, language, of_removed, added=False),
            *_side(right, file.new_text, language, of_added, added=True),
        ),
        len(left) == len(removed)
        and len(right) == len(added)
        and all(len(line.text) <= _LINE_LENGTH for line in (*left, *right)),
    )


def _sensible(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    budget, count = _CHARACTERS, 0
    for line in lines[:_LINES]:
        budget -= min(len(line.text), _LINE_LENGTH)
        if budget < 0:
            break
        count += 1
    return lines[:count]


def _side(
    lines: tuple[Line, ...], text: str, language: Language, hunks: list[Hunk], *, added: bool
) -> Iterator[ReadLine]:
    if not lines:
        return
    indented = language.ecosystem == "python"
    if len(text) > _WHOLE_TEXT:
        for line, hunk in zip(lines, hunks, strict=False):
            cut = line.text[:_LINE_LENGTH]
            yield _read(line.number, cut, 0, _Spans(cut, language), hunk, added=added, indented=indented)
        return
    spans, starts = _Spans(text, language), _starts(text)
    for line, hunk in zip(lines, hunks, strict=False):
        start, cut = starts[line.number - 1], line.text[:_LINE_LENGTH]
        yield _read(line.number, cut, start, spans, hunk, added=added, indented=indented)


class _Spans:
    """Where comments and quoted texts stand in a text."""

    def __init__(self, text: str, language: Language) -> None:
        found = [
            (match.start(), match.end(), text[match.start()] not in _QUOTES)
            for match in language.spans.finditer(text)
        ]
        self._ends = [end for _, end, _ in found]
        self._found = found

    def between(self, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        at = bisect_right(self._ends, start)
        while at < len(self._found) and self._found[at][0] < end:
            first, last, comment = self._found[at]
            yield max(first, start), min(last, end), comment
            at += 1


def _read(
    number: int, text: str, offset: int, spans: _Spans, hunk: Hunk, *, added: bool, indented: bool
) -> ReadLine:
    code: list[str] = []
    skeleton: list[str] = []
    whole: list[str] = []
    names: list[str] = []
    logs = _LOGS.search(text)
    at = 0
    for first, last, comment in spans.between(offset, offset + len(text)):
        plain = text[at : first - offset]
        inner = text[first - offset : last - offset]
        for part in (code, skeleton, whole):
            part.append(plain)
        code.append(" ")
        if not comment:
            if _is_prose(inner) and not _ACTS.search(text[max(0, first - offset - _NEAR) : first - offset]):
                skeleton.append('""')
                whole.append('""')
            else:
                names.append(inner)
                message = logs and not _CALLS.search(text, logs.end(), first - offset)
                skeleton.append('""' if message and not _INTERPOLATED.search(inner) else inner)
                whole.append(inner)
        at = last - offset
    rest = text[at:]
    bare = "".join(("".join(skeleton) + rest).split())
    indentation = text[: len(text) - len(text.lstrip())] if indented and bare else ""
    return ReadLine(
        number,
        added,
        "".join(code) + rest,
        tuple(names),
        ("".join(whole) + rest).strip(),
        indentation + bare,
        hunk,
    )


def _is_prose(text: str) -> bool:
    """Whether people read it: words with spaces between, that are no SQL; and lines of documentation in quotes."""
    within = not text.startswith(_QUOTES) or text.startswith(_DOCUMENTATION)
    return (within or bool(_PROSE.search(text))) and not _SQL.search(text) and not _COMPARES.search(text)


def _starts(text: str) -> list[int]:
    starts, at = [], 0
    for line in text.splitlines(keepends=True):
        starts.append(at)
        at += len(line)
    return starts
