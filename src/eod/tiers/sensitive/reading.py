"""Changed lines, told apart into code, quoted text and comments."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from eod.tiers.file import ChangedFile
from eod.tiers.lines import Line, Lines
from eod.tiers.sensitive.languages import Language, language_of

_WHOLE_TEXT: Final = 400_000
"""Characters of a side up to which comments over several lines are known."""
_LINES: Final = 4_000
_LINE_LENGTH: Final = 2_000
_SQL: Final = re.compile(
    r"(?i)\b(?:select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|create\s+table|alter\s+table|where|join)\b"
)
_QUOTES: Final = ('"', "'", "`")
_DOCUMENTATION: Final = ('"""', "'''")
_PROSE: Final = re.compile(r"[^\W\d_]\s+[^\W\d_]")


class Hunk(Struct, frozen=True):
    """How many lines go and come in one place."""

    removed: int
    added: int


class ReadLine(Struct, frozen=True):
    """One changed line. `code` stands outside quotes and comments, `names` are the quoted texts that are no prose.

    `whole` is the line without comments and prose, `skeleton` the same without spaces.
    """

    number: int
    added: bool
    code: str
    names: tuple[str, ...]
    whole: str
    skeleton: str
    hunk: Hunk


def read_lines(file: ChangedFile) -> tuple[ReadLine, ...]:
    """The changed lines, removed ones first; not more than is sensible of a very large change."""
    language = language_of(file.name)
    lines = file.lines
    half = _LINES // 2
    hunks = _hunks(lines)
    return (
        *_side(lines.removed[:half], file.old_text, language, hunks[0], added=False),
        *_side(lines.added[:half], file.new_text, language, hunks[1], added=True),
    )


def _hunks(lines: Lines) -> tuple[list[Hunk], list[Hunk]]:
    """The hunk of each removed and of each added line."""
    old = [line.number for line in lines.removed]
    new = [line.number for line in lines.added]
    of_old: list[Hunk] = []
    of_new: list[Hunk] = []
    here, there = 1, 1
    while len(of_old) < len(old) or len(of_new) < len(new):
        gone, come = _run(old, len(of_old), here), _run(new, len(of_new), there)
        if gone or come:
            hunk = Hunk(gone, come)
            of_old += [hunk] * gone
            of_new += [hunk] * come
            here, there = here + gone, there + come
            continue
        ahead = [each for each in (_gap(old, len(of_old), here), _gap(new, len(of_new), there)) if each > 0]
        step = min(ahead, default=0)
        if not step:
            # Lines that were compared without their order have no hunks.
            of_old += [Hunk(1, 1)] * (len(old) - len(of_old))
            of_new += [Hunk(1, 1)] * (len(new) - len(of_new))
            break
        here, there = here + step, there + step
    return of_old, of_new


def _run(numbers: list[int], at: int, number: int) -> int:
    count = 0
    while at + count < len(numbers) and numbers[at + count] == number + count:
        count += 1
    return count


def _gap(numbers: list[int], at: int, number: int) -> int:
    return numbers[at] - number if at < len(numbers) else 0


def _side(
    lines: tuple[Line, ...], text: str, language: Language, hunks: list[Hunk], *, added: bool
) -> Iterator[ReadLine]:
    if not lines:
        return
    if len(text) > _WHOLE_TEXT:
        for line, hunk in zip(lines, hunks, strict=False):
            cut = line.text[:_LINE_LENGTH]
            yield _read(line.number, cut, 0, _Spans(cut, language), hunk, added=added)
        return
    spans, starts = _Spans(text, language), _starts(text)
    for line, hunk in zip(lines, hunks, strict=False):
        yield _read(line.number, line.text[:_LINE_LENGTH], starts[line.number - 1], spans, hunk, added=added)


class _Spans:
    """Where comments and quoted texts stand in a text."""

    def __init__(self, text: str, language: Language) -> None:
        found = [
            (match.start(), match.end(), match.lastgroup == "comment") for match in language.spans.finditer(text)
        ]
        self._ends = [end for _, end, _ in found]
        self._found = found

    def between(self, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        at = bisect_right(self._ends, start)
        while at < len(self._found) and self._found[at][0] < end:
            first, last, comment = self._found[at]
            yield max(first, start), min(last, end), comment
            at += 1


def _read(number: int, text: str, offset: int, spans: _Spans, hunk: Hunk, *, added: bool) -> ReadLine:
    code: list[str] = []
    skeleton: list[str] = []
    whole: list[str] = []
    names: list[str] = []
    at = 0
    for first, last, comment in spans.between(offset, offset + len(text)):
        plain = text[at : first - offset]
        inner = text[first - offset : last - offset]
        for part in (code, skeleton, whole):
            part.append(plain)
        code.append(" ")
        if not comment:
            if _is_prose(inner):
                skeleton.append('""')
                whole.append('""')
            else:
                names.append(inner)
                skeleton.append(inner)
                whole.append(inner)
        at = last - offset
    rest = text[at:]
    return ReadLine(
        number,
        added,
        "".join(code) + rest,
        tuple(names),
        ("".join(whole) + rest).strip(),
        "".join(("".join(skeleton) + rest).split()),
        hunk,
    )


def _is_prose(text: str) -> bool:
    """Whether people read it: words with spaces between, that are no SQL; and lines of documentation in quotes."""
    within = not text.startswith(_QUOTES) or text.startswith(_DOCUMENTATION)
    return (within or bool(_PROSE.search(text))) and not _SQL.search(text)


def _starts(text: str) -> list[int]:
    starts, at = [], 0
    for line in text.splitlines(keepends=True):
        starts.append(at)
        at += len(line)
    return starts
