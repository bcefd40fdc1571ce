"""What `data/models.toml` says about object-relational mappers, compiled once a process."""

import re
from functools import cache, cached_property

from msgspec import Struct

from eod import data
from eod.tiers.schema.knowledge import any_of, hinted


class FrameworkData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one framework declares columns."""

    name: str
    extensions: tuple[str, ...]
    imports: tuple[str, ...]
    source: str
    hints: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    mark: str = ""
    annotations: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    comments: bool = False


class PythonData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How models are told from other classes in Python."""

    hints: tuple[str, ...]
    markers: tuple[str, ...]
    column_calls: frozenset[str]
    roots: frozenset[str]
    not_models: str
    neutral: frozenset[str]
    meta: frozenset[str]
    source: str


class ModelData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    frameworks: tuple[FrameworkData, ...]
    python: PythonData


class Framework:
    """A framework with its expressions compiled."""

    def __init__(self, known: FrameworkData) -> None:
        self.data = known

    def speaks_of(self, path: str, text: str) -> bool:
        """Whether `text` at `path` uses it."""
        if path.rpartition(".")[2].lower() not in self.data.extensions or not hinted(self.data.hints, text):
            return False
        if self.data.folders and not any(folder in self.data.folders for folder in path.lower().split("/")[:-1]):
            return False
        return (
            _has(self.data.imports, text)
            and (not self.data.require or _has(self.data.require, text))
            and not _has(self.data.unless, text)
        )

    @cached_property
    def annotation(self) -> re.Pattern[str] | None:
        """Finds where an annotation begins."""
        if not self.data.annotations:
            return None
        return re.compile(rf"{re.escape(self.data.mark)}(?:{'|'.join(self.data.annotations)})\b")

    @property
    def lines(self) -> re.Pattern[str] | None:
        """Finds whole declarations."""
        return any_of(self.data.lines)

    @property
    def blocks(self) -> re.Pattern[str] | None:
        """Finds what opens a declaration, its last character is the bracket."""
        return any_of(self.data.blocks)

    @property
    def statements(self) -> re.Pattern[str] | None:
        """Finds what makes a whole statement a declaration."""
        return any_of(self.data.statements)

    @property
    def neutral(self) -> re.Pattern[str] | None:
        """Finds what does not matter to the database."""
        return any_of(self.data.neutral)


@cache
def known_models() -> ModelData:
    """The table."""
    return data.read("models", ModelData)


@cache
def frameworks() -> tuple[Framework, ...]:
    """All frameworks."""
    return tuple(Framework(each) for each in known_models().frameworks)


def _has(patterns: tuple[str, ...], text: str) -> bool:
    pattern = any_of(patterns)
    return pattern is not None and pattern.search(text) is not None
