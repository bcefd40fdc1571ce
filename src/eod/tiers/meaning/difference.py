"""A first look at a change, before anything is read by its grammar: most changes plainly change code."""

import re
from functools import cached_property
from typing import Final

from eod.tiers.meaning.languages import Language

_LOOSE: Final = re.compile(r"[\s,;()'\"`]+")
_QUOTED: Final = re.compile(r"['\"`/<]")


class Difference:
    """The lines between the common beginning and the common end of two texts."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    @cached_property
    def middles(self) -> "tuple[Middle, Middle]":
        """Those of the old and of the new text."""
        before, after = self.old.split("\n"), self.new.split("\n")
        start, longest = 0, min(len(before), len(after))
        while start < longest and before[start] == after[start]:
            start += 1
        end = 0
        while end < longest - start and before[-1 - end] == after[-1 - end]:
            end += 1
        return Middle(before, start, len(before) - end), Middle(after, start, len(after) - end)


class Middle:
    """Lines of a text from `start` up to `end`."""

    def __init__(self, lines: list[str], start: int, end: int) -> None:
        self.lines = lines[start:end]
        self.offset = sum(map(len, lines[:start])) + start


def plainly_differs(difference: Difference, language: Language) -> bool:
    """Whether what stands in front of anything that could begin a comment is not the same on both sides.

    It is wrong at times, but only where a change of comments is taken for one of code: then nothing is said.
    """
    before, after = difference.middles
    left, right = _plain(difference.old, before, language), _plain(difference.new, after, language)
    return left is not None and right is not None and left != right


def _plain(text: str, middle: Middle, language: Language) -> str | None:
    """The code of the lines as far as it is plain; `None` where it is not."""
    openers = language.openers
    if openers is None:
        return None
    spans = _spans(text, language)
    parts: list[str] = []
    at = middle.offset
    for line in middle.lines:
        end = at + len(line)
        while spans and spans[-1][1] <= at:
            spans.pop()
        begin, close = spans[-1] if spans and spans[-1][0] < end else (end, end)
        if text[close:end].strip():
            return None
        head = line[: max(0, begin - at)]
        found = openers.search(head)
        head = head[: found.start()] if found is not None else head
        if (found is not None or begin < end) and _QUOTED.search(head):
            return None
        parts.append(head)
        at = end + 1
    return _LOOSE.sub("", "".join(parts))


def _spans(text: str, language: Language) -> list[tuple[int, int]]:
    """Where comments of several lines, and documentation, may be; the last comes first."""
    openers, closers = language.spans
    if openers is None or closers is None:
        return []
    found: list[tuple[int, int]] = []
    at = 0
    while (opening := openers.search(text, at)) is not None:
        closing = closers.search(text, opening.end())
        at = closing.end() if closing is not None else len(text)
        found.append((opening.start(), at))
    return found[::-1]
