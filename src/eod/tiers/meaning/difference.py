"""A first look at a change, before anything is read by its grammar: most changes plainly change code.

Of each changed line it is known how much of it is code at least (up to anything that could begin a comment or
stand in a string), and at most. Where the two sides cannot have the same code, they need not be read.
"""

import re
from collections import Counter
from functools import cached_property
from typing import Final

from eod.tiers.meaning.languages import Language

_LOOSE: Final = re.compile(r"[\s,;()'\"`]+")
"""What formatting may add or take away."""
_LOOSE_AMONG_TAGS: Final = re.compile(r"[\s,;()'\"`{}]+")
"""The same where comments stand in braces."""
_LOOSE_IN_YAML: Final = re.compile(r"[\s,;()'\"`{}\[\]-]+")
"""The same where brackets and dashes say the same thing."""
_QUOTED: Final = re.compile(r"['\"`/<]")
_GLANCE: Final = 20
"""Lines that are looked at first."""
_PHP: Final = "<?php"
_UNKNOWN: Final = "?"


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

    @property
    def beginnings(self) -> tuple[str, str]:
        """Both texts up to where only what they have in common follows."""
        before, after = self.middles
        return self.old[: before.end], self.new[: after.end]


def begins_with_comments(text: str, language: Language) -> bool:
    """Whether the first line that is not blank looks as if a comment began in it."""
    first = next((line.strip() for line in text.split("\n") if line.strip() not in {"", _PHP}), "")
    return language.openers is not None and language.openers.match(first) is not None


class Middle:
    """Lines of a text from `start` up to `end`."""

    def __init__(self, lines: list[str], start: int, end: int) -> None:
        self.lines = lines[start:end]
        self.offset = sum(map(len, lines[:start])) + start

    @property
    def end(self) -> int:
        """Where the line after the last one begins."""
        return self.offset + sum(map(len, self.lines)) + len(self.lines)


class _Code:
    """What is known of the code of some lines."""

    def __init__(self, loose: re.Pattern[str]) -> None:
        self._loose = loose
        self._sure: list[str] = []
        self._perhaps: list[str] = []
        self._head = -1
        """How many parts of what is sure come before the first doubt."""

    def add(self, sure: str, perhaps: str) -> None:
        """Of a line: what is code, and what may be."""
        self._sure.append(sure)
        if perhaps.strip():
            self._perhaps.append(perhaps)
            self._head = len(self._sure) if self._head < 0 else self._head

    @cached_property
    def head(self) -> str:
        """The code up to the first doubt."""
        return self._squeezed(self._sure if self._head < 0 else self._sure[: self._head])

    @property
    def complete(self) -> bool:
        """Whether there is no doubt."""
        return self._head < 0

    @cached_property
    def least(self) -> "Counter[str]":
        """How often each character is in the code at least."""
        return Counter(self._squeezed(self._sure))

    @cached_property
    def most(self) -> "Counter[str]":
        """How often each character is in the code at most."""
        return self.least + Counter(self._squeezed(self._perhaps))

    def _squeezed(self, parts: list[str]) -> str:
        return self._loose.sub("", "".join(parts))


def plainly_differs(difference: Difference, language: Language) -> bool:
    """Whether the two sides cannot have the same code.

    It is wrong at times, but only where a change of comments is taken for one of code: then nothing is said.
    """
    if language.openers is None:
        return False
    before, after = difference.middles
    for lines in (_GLANCE, max(len(before.lines), len(after.lines))):
        one, other = _code(difference.old, before, language, lines), _code(difference.new, after, language, lines)
        shorter, longer = sorted((one, other), key=lambda code: len(code.head))
        if not longer.head.startswith(shorter.head) or (shorter.complete and len(shorter.head) < len(longer.head)):
            return True
    return not (one.least <= other.most and other.least <= one.most)


def _code(text: str, middle: Middle, language: Language, limit: int) -> _Code:
    """What is known of the code of the first `limit` lines."""
    openers = language.openers
    lines = middle.lines[:limit]
    spans = _spans(text, language, middle.offset + sum(map(len, lines)) + len(lines))
    code = _Code(_loose(language))
    at = middle.offset
    for line in lines:
        end = at + len(line)
        while spans and spans[-1][1] <= at:
            spans.pop()
        begin, close = spans[-1] if spans and spans[-1][0] < end else (end, end)
        head = line[: max(0, begin - at)]
        found = openers.search(head) if openers else None
        sure = head if found is None else head[: found.start()]
        if (found is not None or begin < end) and _QUOTED.search(sure):
            code.add(sure, line[len(sure) :])
        else:
            code.add(sure, line[close - at :] if begin < end else "")
        at = end + 1
    if limit < len(middle.lines):
        code.add("", _UNKNOWN)
    return code


def _loose(language: Language) -> re.Pattern[str]:
    if language.reader == "yaml":
        return _LOOSE_IN_YAML
    return _LOOSE_AMONG_TAGS if language.tags else _LOOSE


def _spans(text: str, language: Language, limit: int) -> list[tuple[int, int]]:
    """Where comments of several lines, and documentation, may be up to `limit`; the last comes first."""
    openers, closers = language.spans
    if openers is None or closers is None:
        return []
    found: list[tuple[int, int]] = []
    at = 0
    while (opening := openers.search(text, at, limit)) is not None:
        closing = closers.search(text, opening.end())
        at = closing.end() if closing is not None else len(text)
        found.append((opening.start(), at))
    return found[::-1]
