"""Lexemes of SQL, whatever the dialect: enough to tell comments and strings from words, in linear time."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

_LEXEME: Final = re.compile(
    r"""
    (?P<break>^[ \t]*(?:GO|/)[ \t]*$)
    | (?P<comment>--[^\n]*|/\*(?!!).*?(?:\*/|\Z)
        |(?:^|(?<=\s))\#(?![{>\w-])[^\n]*|\{\#.*?(?:\#\}|\Z))
    | (?P<template>\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)|<%.*?(?:%>|\Z))
    | (?P<string>(?:\b[enxb])?'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|\Z)
        |\$(?P<tag>[A-Za-z_]\w*|)\$.*?(?:\$(?P=tag)\$|\Z))
    | (?P<name>"[^"]*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[^\]\[\n]*\])
    | (?P<word>\\?[^\W\d]\w*)
    | (?P<end>;)
    | (?P<other>::|%\(\w+\)s|[$#]?\{[^{}\n]*\}|[$:@%]\w+|<=|>=|<>|!=|\|\||->>?|\#>>?|@>|<@|:=|&&|=>|!?~\*?
        |\d[\w.]*|\S)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE | re.IGNORECASE,
)


class Lexeme(Struct, frozen=True):
    """One piece of a text; `kind` is `break`, `template`, `string`, `name`, `word`, `end` or `other`."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        """In lower case if it is a word, else empty."""
        return self.text.lower() if self.kind == "word" else ""


def lexemes(text: str) -> Iterator[Lexeme]:
    """The pieces of `text` without comments and white space. MySQL's `/*! … */` runs, and is none."""
    for hit in _LEXEME.finditer(text):
        kind = hit.lastgroup or "other"
        if kind == "tag":
            kind = "string"
        if kind != "comment":
            yield Lexeme(kind, hit[0].strip() if kind == "break" else hit[0])
