"""Files in a folder that is named after migrations, and that no tool is known for."""

import re
from functools import cache

from eod.tiers.file import ChangedFile
from eod.tiers.schema.knowledge import found, knowledge


def migration_by_folder(file: ChangedFile) -> str | None:
    """Why `file` is taken for a migration, a sentence; `None` if it is none.

    A numbered file is one unless its content belongs to something that has migrations without a database (a code
    modification, a browser's store). Any other has to talk to a database: a library for migrations does not.
    """
    place = next((path for path in file.paths if in_migrations_folder(path)), None)
    if place is None:
        return None
    if not file.readable:
        return "Lies in a folder of migrations, and its content could not be read."
    known = knowledge().folder
    texts = [text for text in (file.new_text, file.old_text) if text]
    evidence = next((hit for text in texts if (hit := found(known.evidence, text))), None)
    if any(found(known.otherwise, text) for text in texts):
        return None
    if evidence is not None:
        return f"A migration: it holds `{' '.join(evidence.split())}`."
    if _numbered().match(place.rpartition("/")[2]):
        return "Numbered, in a folder of migrations."
    return None


def in_migrations_folder(path: str) -> bool:
    """Whether a folder of `path` is named after migrations, and the file may be one."""
    *folders, name = path.lower().split("/")
    known = knowledge().folder
    return name.rpartition(".")[2] in known.extensions and any(folder in known.names for folder in folders)


@cache
def _numbered() -> re.Pattern[str]:
    return re.compile(knowledge().folder.numbered, re.IGNORECASE)
