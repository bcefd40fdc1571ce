"""Files that hold more than can be read, so that nobody can say what they do."""

import re
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.manifests.yamldata import TooMuchError, documents
from eod.tiers.opinion import Opinion
from eod.tiers.schema import touches_database

RULE: Final = "oversized"
_ALIAS: Final = re.compile(r"[\s\[,]\*\w")
_ALIASES: Final = 20
_DEEP: Final = re.compile(r"(?:[\[{]\s{0,9}){50}")
_LARGEST: Final = 1 << 20
"""Characters of YAML of which it is looked whether they grow."""


def oversized(file: ChangedFile, case: Case) -> Opinion | None:
    """`full` for a file that is too large, or that grows as it is read; `None` where it belongs to a database."""
    sizes = [side.size for side in (file.old, file.new) if side is not None and side.too_large]
    said = f"It has {max(sizes) >> 20} MiB, which is too large to be read" if sizes else _growing(file)
    if said is None or touches_database(file, case):
        return None
    return Opinion(Tier.FULL, RULE, f"{said}: what it changes cannot be told.")


def _growing(file: ChangedFile) -> str | None:
    """Why YAML cannot be read though it is short: aliases of aliases, brackets within brackets."""
    text = file.new_text
    if not file.name.endswith((".yaml", ".yml")) or not text or len(text) > _LARGEST:
        return None
    if len(_ALIAS.findall(text)) < _ALIASES and not _DEEP.search(text):
        return None
    try:
        documents(text)
    except TooMuchError as error:
        return f"{str(error).capitalize()}"
    except ValueError:
        return None
    return None
