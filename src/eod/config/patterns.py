"""Regular expressions of which the cost is bounded: for messages and patterns that strangers write.

Python's `re` can take exponential time. A pattern here is a subset of its language for which the work is at most
the length of the text times a constant (`COST_LIMIT`): no group is repeated, nothing looks around or back, and
`.*` between two parts is a plain "later in the text". Case is ignored.
"""

import re
from functools import cached_property
from itertools import groupby
from typing import Final

PATTERN_LIMIT: Final = 1_000
"""Characters of one pattern."""
REACH: Final = 100
"""`+`, `*` and `{1,}` take at most so many characters."""
COST_LIMIT: Final = 20_000
"""Ways in which one part of a pattern may be tried at one place of the text."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9 _:;,'\"/%&=<>@!~`-]*")
_REPEAT: Final = re.compile(r"\?|\*|\+|\{(\d*)(,?)(\d*)\}")
_GAP: Final = re.compile(r"\.[*+]\??(?![?+*{])")
_CLASS_ESCAPES: Final = "dDwWsS"
_EDGES: Final = "bB"
_SET_OPERATORS: Final = "-&~|"


class PatternError(ValueError):
    """The pattern cannot be used; the text says why, for whoever wrote it."""


class Text:
    """A text to look in, with what looking needs prepared once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()


class Pattern:
    """A pattern that was found to be cheap.

    Raises:
        PatternError: It is not a regular expression, or one whose cost is not bounded.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        if len(source) > PATTERN_LIMIT:
            raise PatternError(f"it is longer than {PATTERN_LIMIT} characters")
        if _PLAIN.fullmatch(source):
            self._ways = [[_Part(source, source.lower())]]
        else:
            self._ways = _Reader(source).read()
        if any(not part.text for way in self._ways for part in way):
            raise PatternError("it, or one of its alternatives, is empty and would fit every message")
        self._needed = [tuple(part.literal for part in way) for way in self._ways]

    def found_in(self, text: Text) -> bool:
        """Whether it matches anywhere."""
        for way, needed in zip(self._ways, self._needed, strict=True):
            for literal in needed:
                if literal not in text.lower:
                    break
            else:
                if _found(way, text):
                    return True
        return False

    def check(self) -> None:
        """Compile all of it now.

        Raises:
            PatternError: `re` does not understand it.
        """
        for way in self._ways:
            for part in way:
                try:
                    matches_nothing = part.compiled.search("") is not None
                except (re.error, OverflowError) as error:
                    raise PatternError(f"{error}") from None
                if matches_nothing:
                    raise PatternError(f"`{part.text}` also fits an empty text, and so every message")


class _Part:
    """What must stand together. `literal` is in every text that it matches, in lower case."""

    def __init__(self, text: str, literal: str) -> None:
        self.text = text
        self.literal = literal

    @property
    def plain(self) -> bool:
        return self.literal == self.text.lower()

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.text, re.IGNORECASE | re.DOTALL)


def _found(way: list[_Part], text: Text) -> bool:
    if len(way) == 1 and way[0].plain:
        return True
    at = 0
    for part in way:
        match = part.compiled.search(text.text, at)
        if match is None:
            return False
        at = match.end()
    return True


class _Reader:
    """Reads a pattern once from left to right."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def read(self) -> list[list[_Part]]:
        ways: list[list[_Part]] = [[]]
        self._begin()
        while self._at < len(self._source):
            gap = _GAP.match(self._source, self._at)
            if self._peek() == "|":
                self._at += 1
                ways[-1].append(self._end())
                ways.append([])
            elif gap is not None:
                self._at = gap.end()
                if self._text or ways[-1]:
                    ways[-1].append(self._end())
                    self._gap = True
            elif self._peek() == ")":
                raise PatternError("a `)` closes nothing")
            else:
                self._item()
        if self._text or not self._gap:
            ways[-1].append(self._end())
        return ways

    def _begin(self) -> None:
        self._text = ""
        self._literals: list[str | None] = []
        self._cost = 1
        self._gap = False

    def _end(self) -> _Part:
        runs = ("".join(c for c in run if c) for known, run in groupby(self._literals, bool) if known)
        part = _Part(self._text, max(runs, key=len, default="").lower())
        self._begin()
        return part

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self, count: int = 1) -> str:
        taken = self._source[self._at : self._at + count]
        self._at += count
        return taken

    def _item(self) -> None:
        """One thing and how often it may stand."""
        start = self._at
        literal = self._group() if self._peek() == "(" else self._atom()
        thing = self._source[start : self._at]
        least, most, quantifier = self._quantifier(literal)
        if thing.startswith("(") and most > 1:
            raise PatternError(f"`{thing}` is repeated as a whole: only single characters and sets may be")
        self._pay(most - least + 1)
        self._text += thing + quantifier
        single = literal is not None and (least, most) == (1, 1)
        self._literals.append(literal if single else None)

    def _group(self) -> str | None:
        self._take()
        if self._peek() == "?" and self._take(2) != "?:":
            raise PatternError("of the groups that begin with `(?` only `(?:` is understood")
        ways = 1
        while self._peek() != ")":
            if not self._peek():
                raise PatternError("a `(` is not closed")
            if self._peek() == "|":
                self._take()
                ways += 1
                continue
            self._inner()
        self._take()
        self._pay(ways)
        return None

    def _inner(self) -> None:
        """An item within a group: its text is taken with the group's, its cost counts."""
        text, literals = self._text, self._literals
        self._literals = []
        self._item()
        self._text, self._literals = text, literals

    def _atom(self) -> str | None:
        char = self._take()
        if char == "\\":
            return self._escape()
        if char == "[":
            self._set()
            return None
        if char in "*+?{" and not (char == "{" and not _REPEAT.match(self._source, self._at - 1)):
            raise PatternError(f"`{char}` repeats nothing")
        return None if char in ".^$" else char

    def _escape(self) -> str | None:
        char = self._take()
        if not char:
            raise PatternError("it ends in a single backslash")
        if char in _CLASS_ESCAPES or char in _EDGES:
            return None
        if char.isalnum():
            raise PatternError(f"`\\{char}` is not understood here")
        return char

    def _set(self) -> None:
        if self._peek() == "^":
            self._take()
        first, before = True, ""
        while first or self._peek() != "]":
            char = self._take()
            if not char:
                raise PatternError("a `[` is not closed")
            if char == "[" or (char == before and char in _SET_OPERATORS):
                raise PatternError(f"a set holds `{char}`, which will mean something else some day: escape it")
            if char == "\\":
                self._take()
            first, before = False, char
        self._take()

    def _quantifier(self, literal: str | None) -> tuple[int, int, str]:
        found = _REPEAT.match(self._source, self._at)
        if found is None or found[0] == "{}":
            return 1, 1, ""
        self._at = found.end()
        least, most = _times(found)
        if self._peek() == "?":
            self._take()
        elif self._peek() in {"+", "*"} or _REPEAT.match(self._source, self._at):
            raise PatternError(f"`{literal or ''}{found[0]}{self._peek()}` repeats a repetition")
        return least, most, f"{{{least},{most}}}"

    def _pay(self, ways: int) -> None:
        self._cost *= max(1, ways)
        if self._cost > COST_LIMIT:
            raise PatternError(
                "it can be tried in too many ways; repeat less in one part, or put `.*` between parts"
            )


def _times(found: re.Match[str]) -> tuple[int, int]:
    if found[0] in {"?", "*", "+"}:
        return (0, 1) if found[0] == "?" else (int(found[0] == "+"), REACH)
    least = int(found[1] or 0)
    most = int(found[3]) if found[3] else (max(least, REACH) if found[2] else least)
    if not least <= most <= 10 * REACH:
        raise PatternError(f"`{found[0]}` is no count that can be used (at most {10 * REACH})")
    return least, most
