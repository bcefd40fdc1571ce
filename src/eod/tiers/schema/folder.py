"""Files in a folder that is named after migrations, and that no tool is known for."""

import re
from functools import cache

from eod.tiers.file import ChangedFile
from eod.tiers.schema.knowledge import found, knowledge
from eod.tiers.schema.models.brackets import without_comments
from eod.tiers.schema.text import lines_of


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
    if any(found(known.otherwise, text) for text in (file.new_text, file.old_text) if text):
        return None
    numbered = _numbered().match(place.rpartition("/")[2]) is not None
    evidence = found(known.evidence, _without_comments(file, whole=numbered))
    if evidence is not None:
        return f"A migration: it holds `{' '.join(evidence.split())}`."
    return "Numbered, in a folder of migrations." if numbered else None


def _without_comments(file: ChangedFile, *, whole: bool) -> str:
    """All of `file`, or the lines that changed; a comment about tables changes none."""
    if whole or file.same_content:
        return without_comments(lines_of(file.new_text or file.old_text), file.name.rpartition(".")[2])
    changed = "\n".join(line.text for line in file.lines.both)
    return without_comments(lines_of(changed), file.name.rpartition(".")[2])


def in_migrations_folder(path: str) -> bool:
    """Whether a folder of `path` is named after migrations, and the file may be one."""
    *folders, name = path.lower().split("/")
    known = knowledge().folder
    return name.rpartition(".")[2] in known.extensions and any(folder in known.names for folder in folders)


@cache
def _numbered() -> re.Pattern[str]:
    return re.compile(knowledge().folder.numbered, re.IGNORECASE)
