"""What a browser loads: tweaks of styles and copy are light, components and bundling are not."""

import re
from functools import cache
from typing import Final

from msgspec import Struct

from eod import data
from eod.data.globs import Globs
from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.lines import Line
from eod.tiers.opinion import Opinion

RULE: Final = "frontend"
_LINE_LIMIT: Final = 2_000
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_BINDS: Final = re.compile(
    r"(?:\b(?:v-[a-z]|ng-|x-|th:|sec:)|[\s<](?:\*ng|[:@]|\[\(?|\())[\w.:-]*\)?\]?=[\"']|[=!]=\s*[\"'`]"
)
"""What is quoted is no text: Vue, Angular, Alpine or Thymeleaf bind it, or something is compared with it."""

_BETWEEN_TAGS: Final = re.compile(r">[^<>{}]*<")
_AFTER_TAG: Final = re.compile(r">[^<>{}]*$")
_BEFORE_TAG: Final = re.compile(r"^[^<>{}=;()]*<")
_WORDS_ONLY: Final = re.compile(r"^[^<>{}=;()\[\]|&+]*$")


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    style_lines: int
    copy_lines: int
    markup: tuple[str, ...]
    places: tuple[str, ...]
    backend: tuple[str, ...]
    bundling: tuple[str, ...]
    styles: tuple[str, ...]
    source: str


def styles(file: ChangedFile, _case: Case) -> Opinion | None:
    """Style sheets: a tweak, or a redesign."""
    if not _spec("styles").match(file.path):
        return None
    changed = max(len(file.lines.added), len(file.lines.removed))
    if changed > _table().style_lines:
        return Opinion(Tier.FRONTEND, "redesign", f"{changed} lines of styles change: that is more than a tweak.")
    return Opinion(Tier.LIGHTWEIGHT, "styles", "A tweak of styles needs no infrastructure of its own.")


def frontend(file: ChangedFile, _case: Case) -> Opinion | None:
    """Components, pages, what bundles them, and what stands in directories for the browser."""
    if _spec("bundling").match(file.path):
        return Opinion(Tier.FRONTEND, RULE, "Decides what a browser loads, which is judged at its own address.")
    markup = _spec("markup").match(file.path)
    if not markup and not _for_browsers(file.path):
        return None
    if _only_words(file):
        return Opinion(Tier.LIGHTWEIGHT, "copy", "Only the words that people read change.")
    return Opinion(Tier.FRONTEND, RULE, "What a browser loads is judged at its own address.")


def _for_browsers(path: str) -> bool:
    return _spec("places").match(path) and not _spec("backend").match(path)


def _only_words(file: ChangedFile) -> bool:
    """Whether the changed lines are the same but for quoted text and text between tags."""
    if file.added or file.deleted or not file.readable:
        return False
    removed, added = file.lines.removed, file.lines.added
    if not removed or len(removed) != len(added) or len(added) > _table().copy_lines:
        return False
    return all(_skeleton(old) == _skeleton(new) for old, new in zip(removed, added, strict=True))


def _skeleton(line: Line) -> str:
    text = line.text.strip()
    if len(text) > _LINE_LIMIT or _BINDS.search(text):
        return text
    if _WORDS_ONLY.match(text):
        return "words"
    for pattern, left in ((_QUOTED, '""'), (_BETWEEN_TAGS, "><"), (_AFTER_TAG, ">"), (_BEFORE_TAG, "<")):
        text = pattern.sub(left, text)
    return text


@cache
def _spec(name: str) -> Globs:
    return Globs(getattr(_table(), name))


@cache
def _table() -> _Table:
    return data.read("frontend", _Table)
