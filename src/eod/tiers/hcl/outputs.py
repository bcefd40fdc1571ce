"""What changed outputs ask for: by what they reach in callers, else by what they are called."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from eod.model.tier import Tier
from eod.tiers.hcl.blocks import VALUE, Block, text_of
from eod.tiers.hcl.difference import Leaf
from eod.tiers.hcl.knowledge import subject_of
from eod.tiers.hcl.weight import Weight, judged, reach
from eod.tiers.opinion import Opinion

Reached = Callable[[Block], "Opinion | None"]
"""The strictest of what an output reaches in callers; `None` where no caller is found."""

_SILENT: Final = frozenset({"description", "sensitive", "ephemeral", "depends_on", "precondition"})
_MADE: Final = re.compile(r"(?<![\w.\"])(?:module|data|[a-z][a-z0-9]*_\w+)\.\w")
"""Refers to something that is made or read."""

_TOLD_BY_NAME: Final = frozenset({"network", "identity", "queue", "storage", "cache", "cluster"})
_HARMLESS: Final = Weight(Tier.LIGHTWEIGHT, "hcl-output", "outputs change no infrastructure")
_DATABASE: Final = Weight(Tier.DATABASE, "hcl-database", "by its name a setting of a database")


def output_touched(block: Block, leaves: Iterable[Leaf], reached: Reached) -> Opinion:
    """An output of which these attributes change."""
    return judged(block, [(leaf, _weight(block, leaf, reached)) for leaf in leaves])


def output_renamed(old: Block, new: Block, reached: Reached) -> Weight:
    """An output under another name: callers must follow."""
    ends = [end for end in (reached(old), reached(new)) if end is not None]
    if ends:
        return _beyond(max(ends, key=lambda end: end.tier.rank))
    about_database = "database" in {_subject(old), _subject(new)}
    return _DATABASE if about_database else _HARMLESS


def _weight(block: Block, leaf: Leaf, reached: Reached) -> Weight:
    if leaf.keys and leaf.keys[0] in _SILENT:
        return Weight(Tier.NONE, "hcl-labels", "tags and descriptions")
    end = reached(block)
    if end is not None:
        return _beyond(end)
    if _MADE.search(repr(block.body.get(VALUE))):
        return _HARMLESS  # what it refers to is judged for itself
    subject = _subject(block)
    if subject == "database":
        return _DATABASE
    if subject in _TOLD_BY_NAME:
        return Weight(Tier.FULL, f"hcl-{subject}", f"by its name a setting for {subject}")
    return _HARMLESS


def _beyond(end: Opinion) -> Weight:
    return reach(end) if end.tier.rank > Tier.LIGHTWEIGHT.rank else _HARMLESS


def _subject(block: Block) -> str:
    by_name = subject_of(block.labels[-1]) if block.labels else ""
    return by_name or subject_of(text_of(block.body.get("description", "")))
