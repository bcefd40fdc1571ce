"""The examiner of models: whether the changed code declares something that a migration has to follow."""

from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion
from eod.tiers.schema.knowledge import found
from eod.tiers.schema.models.declarations import declarations
from eod.tiers.schema.models.frameworks import Framework, frameworks, known_models
from eod.tiers.schema.models.python import python_declarations
from eod.tiers.schema.text import lines_of, shortened

RULE: Final = "models"
_LARGEST: Final = 512 << 10
"""Characters of a file that is read; what people write by hand is smaller."""


def models(file: ChangedFile, _case: Case) -> Opinion | None:
    """An opinion where a declaration of the database's shape changed; `None` for all other code."""
    old, new = "" if file.added else file.old_text, file.new_text
    if not file.readable or file.same_content or max(len(old), len(new)) > _LARGEST:
        return None
    if file.path.endswith((".py", ".pyi")):
        return _of_python(file, old, new)
    was, now = lines_of(old), lines_of(new)
    return next((said for each in frameworks() if (said := _of_framework(each, file, was, now))), None)


def _of_python(file: ChangedFile, old: str, new: str) -> Opinion | None:
    was, now = python_declarations(old), python_declarations(new)
    if was is not None and now is not None:
        return _opinion("a model in Python", was, now)
    changed = "\n".join(line.text for line in file.lines.both)
    if found(known_models().python.markers, changed) is None:
        return None
    return Opinion(Tier.DATABASE, RULE, "Touches what looks like a model, in Python that could not be parsed.")


def _of_framework(framework: Framework, file: ChangedFile, old: str, new: str) -> Opinion | None:
    before = file.change.old_path or file.path
    was, now = declarations(framework, before, old), declarations(framework, file.path, new)
    return _opinion(framework.data.name, was, now)


def _opinion(what: str, old: frozenset[str], new: frozenset[str]) -> Opinion | None:
    changed = sorted(new - old) or sorted(old - new)
    if not changed:
        return None
    verb = "Declares" if new - old else "Declares no longer"
    return Opinion(
        Tier.DATABASE, RULE, f"{verb} `{shortened(changed[0])}` ({what}), which a migration has to follow."
    )
