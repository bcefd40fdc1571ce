"""The examiner of models: whether the changed code declares something that a migration has to follow."""

from collections.abc import Iterator
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion
from eod.tiers.schema.models.declarations import declarations
from eod.tiers.schema.models.frameworks import frameworks
from eod.tiers.schema.models.python import python_declarations
from eod.tiers.schema.text import shortened

RULE: Final = "models"
_LARGEST: Final = 1 << 20
"""Characters of a file that is read; what people write by hand is smaller."""


def models(file: ChangedFile, _case: Case) -> Opinion | None:
    """An opinion where a declaration of the database's shape changed; `None` for all other code."""
    old, new = "" if file.added else file.old_text, file.new_text
    if not file.readable or file.same_content or max(len(old), len(new)) > _LARGEST:
        return None
    if file.path.endswith((".py", ".pyi")):
        return _opinion("a model in Python", python_declarations(old), python_declarations(new))
    return next((opinion for opinion in _heard(file, old, new) if opinion is not None), None)


def _heard(file: ChangedFile, old: str, new: str) -> Iterator[Opinion | None]:
    before = file.change.old_path or file.path
    for framework in frameworks():
        was, now = declarations(framework, before, old), declarations(framework, file.path, new)
        yield _opinion(framework.data.name, was, now)


def _opinion(what: str, old: frozenset[str] | None, new: frozenset[str] | None) -> Opinion | None:
    if old is None or new is None:
        return Opinion(Tier.DATABASE, RULE, f"Looks like {what}, and could not be parsed.") if old != new else None
    changed = sorted(new - old) or sorted(old - new)
    if not changed:
        return None
    verb = "Declares" if new - old else "Declares no longer"
    return Opinion(
        Tier.DATABASE, RULE, f"{verb} `{shortened(changed[0])}` ({what}), which a migration has to follow."
    )
