"""Cuts HCL into its top-level items, without reading what they say.

Both sides of a change share most of their items; only the others need to be parsed. Strings, templates, heredocs
and comments are told apart by HCL's lexical rules
(https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#lexical-elements).
"""

import itertools
import re
from typing import Final

from msgspec import Struct

_CODE: Final = re.compile(
    r"""
    (?P<comment> \#[^\n]* | //[^\n]* | /\*.*?(?:\*/|\Z) )
  | <<-?(?P<heredoc>[^\W\d][\w.-]*)[ \t]*\r?\n
  | (?P<quote>")
  | (?P<open>[\[{(])
  | (?P<close>[\]})])
  | (?P<line>\n)
    """,
    re.VERBOSE | re.DOTALL,
)
_STRING: Final = re.compile(r'\\.|\$\$\{|%%\{|(?P<template>[$%]\{)|(?P<quote>")', re.DOTALL)
_HEADER: Final = re.compile(r'\s*([^\W\d][\w-]*)((?:\s*"[^"\n]*"|[ \t]+[^\W\d][\w-]*)*)\s*(=|\{)')
_HEADER_LIMIT: Final = 2_000
_LEADING: Final = re.compile(r"\s*(?:\#[^\n]*|//[^\n]*|/\*.*?\*/)", re.DOTALL)
_LABEL: Final = re.compile(r'"([^"\n]*)"|([^\W\d][\w-]*)')


class Piece(Struct, frozen=True):
    """One top-level item, or a whole text that could not be cut."""

    text: str

    @property
    def name(self) -> tuple[str, ...]:
        """Its type and labels, or an attribute's name, as far as they can be told without parsing."""
        header = _HEADER.match(self.text[:_HEADER_LIMIT])
        return () if header is None else (header[1], *(a or b for a, b in _LABEL.findall(header[2])))


def pieces_of(text: str) -> tuple[Piece, ...]:
    """The items of `text` in order, comments between them left out; the whole text where it is not well formed."""
    ends = _ends(text)
    if ends is None:
        return (Piece(text),)
    items = (text[begin:end] for begin, end in itertools.pairwise([0, *ends, len(text)]))
    return tuple(Piece(item) for each in items if (item := _without_leading_comments(each).strip()))


def _ends(text: str) -> list[int] | None:
    """Where lines end that end no item's inside; `None` where something is never closed, or never opened."""
    ends: list[int] = []
    nesting: list[str] = []  # open brackets; `"` for a string
    at = 0
    while match := (_STRING if nesting[-1:] == ['"'] else _CODE).search(text, at):
        at = match.end()
        kind = match.lastgroup
        if kind == "heredoc":
            at = _end_of_heredoc(text, match["heredoc"], at)
        elif kind == "line" and not nesting:
            ends.append(at)
        elif kind in {"open", "template"} or (kind == "quote" and nesting[-1:] != ['"']):
            nesting.append(match[0][-1])
        elif kind in {"close", "quote"}:
            if not nesting:
                return None
            nesting.pop()
    return None if nesting else ends


def _end_of_heredoc(text: str, tag: str, at: int) -> int:
    """Where the line with the closing tag ends, its line break left for the caller."""
    end = re.compile(rf"^[ \t]*{re.escape(tag)}(?=[ \t]*\r?$)", re.MULTILINE).search(text, at)
    return len(text) if end is None else end.end()


def _without_leading_comments(text: str) -> str:
    at = 0
    while (match := _LEADING.match(text, at)) is not None:
        at = match.end()
    return text[at:]
