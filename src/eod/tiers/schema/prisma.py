"""Prisma's schema: its models are the database's, its generators are not."""

import re
from typing import Final

from eod.model.tier import Tier
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion
from eod.tiers.schema.text import lines_of, shortened

_COMMENT: Final = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*')
_BLOCK: Final = re.compile(r"^[ \t]*(\w+)[ \t]+(\w+)\s*\{([^{}]*)\}", re.MULTILINE)


def read_prisma(file: ChangedFile) -> Opinion | None:
    """What a change of `*.prisma` asks for; `None` for any other file."""
    if not any(path.endswith(".prisma") for path in file.paths):
        return None
    if not file.readable:
        return Opinion(Tier.DATABASE, "schema", "Prisma's schema.")
    old, new = _lines("" if file.added else file.old_text), _lines(file.new_text)
    changed = sorted(old ^ new)
    schema = next((each for each in changed if each[0] != "generator"), None)
    if schema is not None:
        kind, name, line = schema
        where = f"{kind} {name}: {line}" if name else line
        return Opinion(Tier.DATABASE, "schema", f"Prisma's schema changes: `{shortened(where)}`.")
    if changed:
        return Opinion(Tier.LIGHTWEIGHT, "schema", "Only what Prisma generates changes, not the schema.")
    if file.same_content:
        return Opinion(Tier.DATABASE, "schema", "Prisma's schema was moved.")
    return Opinion(Tier.LIGHTWEIGHT, "schema", "Prisma's schema is ordered otherwise, and holds the same.")


def _lines(text: str) -> frozenset[tuple[str, str, str]]:
    """Each line that counts, with the block that it stands in; lines outside blocks have an empty one."""
    plain = _COMMENT.sub(lambda hit: hit[1] or "", lines_of(text))
    inside = [(kind, name, body) for kind, name, body in _BLOCK.findall(plain)]
    lines = [(kind, name, line) for kind, name, body in inside for line in ("", *body.splitlines())]
    rest = [("", "", line) for line in _BLOCK.sub("", plain).splitlines() if line.strip()]
    return frozenset((kind, name, " ".join(line.split())) for kind, name, line in (*lines, *rest))
