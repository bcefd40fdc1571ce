"""Configuration files in which the database's engine, or who changes its schema, is said."""

from functools import cache

from eod.data.globs import Globs
from eod.model.tier import Tier
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion
from eod.tiers.schema.knowledge import PROBE, any_of, knowledge
from eod.tiers.schema.text import lines_of, shortened


def read_settings(file: ChangedFile) -> Opinion | None:
    """An opinion where the engine changes; pools, hosts and names are left to others."""
    if not file.readable or not any(_files().match(path) for path in file.paths):
        return None
    old, new = _engines("" if file.added else file.old_text), _engines(file.new_text)
    if file.added or file.deleted or old == new:
        return None
    what = shortened(", ".join(sorted(new ^ old)))
    return Opinion(
        Tier.DATABASE, "database-settings", f"Changes the database's engine or who migrates it: `{what}`."
    )


def _engines(text: str) -> frozenset[str]:
    pattern = any_of(knowledge().settings.engine)
    if pattern is None:
        return frozenset()
    return frozenset(
        next((group for group in hit.groups() if group), "") for hit in pattern.finditer(lines_of(text), 0, PROBE)
    )


@cache
def _files() -> Globs:
    return Globs(knowledge().settings.paths)
