"""The languages that are known, from `data/languages.toml`, and which of them a path is written in."""

import re
from functools import cache, cached_property
from typing import Final

from msgspec import Struct

from eod import data

_WHOLE_NAME: Final = "/"
_NOTHING: Final = "(?!)"
"""Matches nowhere."""


class Quote(Struct, frozen=True, forbid_unknown_fields=True):
    """How a string, or whatever else is kept to the letter, begins and ends.

    `open` and `close` are regular expressions; `{1}` in `close` stands for the first group of `open`. What
    `escape` matches is passed over; `lines` allows line breaks; `inside` opens code within the string.
    """

    open: str
    close: str
    escape: str = ""
    lines: bool = False
    inside: str = ""


class Language(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """How texts of one language are read.

    `reader` says by which module. `suffixes` and `prefixes` are ends and beginnings of file names, `names` whole
    ones. `line` opens comments up to the end of the line, `block` opens and closes them: regular expressions.
    `newlines`: `free` are like other white space, `ends` may end a statement but not after `after` nor before
    `before`, `kept` always count. `gaps` within a line: `loose` count only where two tokens would become one,
    `tight` everywhere but beside brackets and commas, `kept` always. `acting` finds comments that do something,
    `unless` texts about which nothing is said.
    """

    name: str
    reader: str
    source: str
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    lexer: str = ""
    largest: int = 1_000_000
    """Characters that are read, where the lexer takes too long on more."""
    line: tuple[str, ...] = ()
    block: tuple[tuple[str, str], ...] = ()
    nested: bool = False
    continued: bool = False
    """A backslash at the end of a comment's line takes the next line into it."""
    quotes: tuple[Quote, ...] = ()
    words: str = r"[\w$]+"
    regexes: bool = False
    newlines: str = "free"
    after: str = "([{,;"
    before: tuple[str, ...] = (")", "]", "}", ",", ";")
    gaps: str = "loose"
    indentation: bool = False
    brackets: bool = False
    """Line breaks within round and square brackets mean nothing."""
    trailing_commas: str = ""
    """Closing brackets before which a comma means nothing."""
    same_quotes: bool = False
    """`'a'` and `"a"` are the same."""
    heredocs: bool = False
    tags: bool = False
    """Tags may stand among the code, and text among the tags."""
    documentation: str = ""
    documents: tuple[tuple[str, str], ...] = ()
    """Where documentation may begin and end that stands in the code as a string."""
    carriage_returns: bool = False
    """A carriage return changes what the text means."""
    alone: bool = True
    """A file of comments only does nothing, so that it may come or go."""
    html: bool = False
    templates: tuple[tuple[str, str], ...] = ()
    verbatim: str = ""
    """Lines after which everything that is indented deeper is text."""
    continuation: str = ""
    """The end of a line that goes on in the next one, whatever that looks like."""
    acting: tuple[str, ...] = ()
    unless: str = ""

    @cached_property
    def acts(self) -> re.Pattern[str] | None:
        """Finds comments that do something."""
        return re.compile("|".join(self.acting), re.MULTILINE) if self.acting else None

    @cached_property
    def left_alone(self) -> re.Pattern[str] | None:
        """Finds texts about which nothing is said."""
        return re.compile(self.unless, re.MULTILINE) if self.unless else None

    @cached_property
    def comment_line(self) -> re.Pattern[str]:
        """Matches a line that is a comment."""
        return re.compile(rf"[ \t]*(?:{'|'.join(self.line) or _NOTHING})")

    @cached_property
    def text_follows(self) -> re.Pattern[str]:
        """Finds lines with `verbatim`."""
        return re.compile(self.verbatim or _NOTHING)

    @cached_property
    def goes_on(self) -> re.Pattern[str]:
        """Finds lines with `continuation`."""
        return re.compile(self.continuation or _NOTHING)

    @cached_property
    def openers(self) -> re.Pattern[str] | None:
        """Finds the place where a comment or documentation could begin."""
        scripts = ("//",) if self.html else ()
        return _any(*self.line, *scripts, *(opening for opening, _ in self._pairs))

    @cached_property
    def spans(self) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        """Find where comments of several lines, or documentation, could begin and end."""
        return _any(*(opening for opening, _ in self._pairs)), _any(*(closing for _, closing in self._pairs))

    @property
    def _pairs(self) -> tuple[tuple[str, str], ...]:
        templates = tuple((re.escape(opening), re.escape(closing)) for opening, closing in self.templates)
        closers = tuple((opening, closing.replace("{1}", "=*")) for opening, closing in self.block)
        markup = (("<!--", "-->"), (r"/\*", r"\*/")) if self.html else ()
        return (*closers, *self.documents, *templates, *markup)


def _any(*parts: str) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{part})" for part in parts), re.MULTILINE) if parts else None


class LanguageTable(Struct, frozen=True):
    """All of `data/languages.toml`."""

    languages: tuple[Language, ...]


def language_of(path: str) -> Language | None:
    """The language of the file at `path` by its name; `None` if it is not known."""
    table, name = _by_end(), path.rpartition("/")[2]
    if _WHOLE_NAME + name in table:
        return table[_WHOLE_NAME + name]
    end = name.lower()
    while "." in end:
        end = end.partition(".")[2]
        if "." + end in table:
            return table["." + end]
    return next((language for prefix, language in _by_beginning() if name.startswith(prefix)), None)


@cache
def language_named(name: str) -> Language:
    """The language `name`.

    Raises:
        KeyError: There is none.
    """
    return {language.name: language for language in _all()}[name]


@cache
def _all() -> tuple[Language, ...]:
    return data.read("languages", LanguageTable).languages


@cache
def _by_end() -> dict[str, Language]:
    ends = {suffix: language for language in _all() for suffix in language.suffixes}
    names = {_WHOLE_NAME + name: language for language in _all() for name in language.names}
    return ends | names


@cache
def _by_beginning() -> tuple[tuple[str, Language], ...]:
    return tuple((prefix, language) for language in _all() for prefix in language.prefixes)
