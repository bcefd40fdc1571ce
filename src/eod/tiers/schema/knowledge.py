"""What `data/schema.toml` holds, compiled once a process."""

import re
from functools import cache
from typing import Final

from msgspec import Struct

from eod import data
from eod.model.tier import Tier
from eod.tiers.schema.text import lines_of

PROBE: Final = 256 << 10
"""Characters of a text in which markers are looked for."""


class ToolData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A migration tool, or a kind of file, and how it is recognised."""

    name: str
    rule: str
    tier: Tier
    source: str
    paths: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


class FolderData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a file in a folder that is named after migrations is told from one that only lies there."""

    names: tuple[str, ...]
    extensions: tuple[str, ...]
    numbered: str
    evidence: tuple[str, ...]
    otherwise: tuple[str, ...]
    source: str


class SqlData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of SQL by what they do, and what tells a query that an application runs."""

    extensions: tuple[str, ...]
    templates: tuple[str, ...]
    ddl: frozenset[str]
    dml: frozenset[str]
    queries: frozenset[str]
    session: frozenset[str]
    access: frozenset[str]
    routines: frozenset[str]
    acting: tuple[str, ...]
    named_queries: tuple[str, ...]
    parameters: tuple[str, ...]
    source: str


class SettingsData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Configuration files that name an engine."""

    paths: tuple[str, ...]
    engine: tuple[str, ...]
    source: str


class Knowledge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    tools: tuple[ToolData, ...]
    folder: FolderData
    sql: SqlData
    settings: SettingsData


@cache
def knowledge() -> Knowledge:
    """The table."""
    return data.read("schema", Knowledge)


@cache
def any_of(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """One expression that finds any of `patterns`; `None` for none."""
    flags = "(?im)" if any(each.startswith("(?i)") for each in patterns) else "(?m)"
    bare = [f"(?:{each.removeprefix('(?i)')})" for each in patterns]
    return re.compile(flags + "|".join(bare)) if bare else None


def hinted(hints: tuple[str, ...], text: str) -> bool:
    """Whether one of `hints` is in `text`, or there are none; much quicker than an expression."""
    return not hints or any(hint in text for hint in hints)


def found(patterns: tuple[str, ...], text: str) -> str | None:
    """The first thing in `text` that any of `patterns` finds."""
    pattern = any_of(patterns)
    hit = pattern.search(lines_of(text), 0, PROBE) if pattern else None
    return hit[0] if hit else None
