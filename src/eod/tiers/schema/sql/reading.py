"""What is said of a file of SQL."""

from typing import Final

from eod.model.tier import Tier
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion
from eod.tiers.schema.knowledge import found, knowledge
from eod.tiers.schema.sql.difference import LARGEST, Change, difference
from eod.tiers.schema.sql.kind import Kind
from eod.tiers.schema.text import shortened

RULE: Final = "sql"
_REASONS: Final = {
    Kind.ACCESS: (Tier.FULL, "Decides who may do what in the database"),
    Kind.DDL: (Tier.DATABASE, "Changes what the database holds"),
    Kind.GRANT: (Tier.DATABASE, "Changes permissions in the database"),
    Kind.DML: (Tier.DATABASE, "Changes data"),
    Kind.UNKNOWN: (Tier.DATABASE, "SQL that could not be understood"),
    Kind.CALL: (Tier.DATABASE, "Calls a function of the database"),
    Kind.SESSION: (Tier.DATABASE, "Changes how scripts run in the database"),
    Kind.APPLICATION: (Tier.LIGHTWEIGHT, "A statement that the application runs with values of its own"),
    Kind.QUERY: (Tier.LIGHTWEIGHT, "A query, which changes nothing in the database"),
}


def is_sql(path: str) -> bool:
    """Whether `path` is named like SQL, or like a template of it."""
    ending = path.rpartition(".")[2].lower()
    return ("." in path and ending in knowledge().sql.extensions) or _is_template(path)


def _is_template(path: str) -> bool:
    return path.lower().endswith(tuple(f".{each}" for each in knowledge().sql.templates))


def read_sql(file: ChangedFile) -> Opinion:
    """What the changed statements of `file` ask for."""
    if not file.readable:
        return Opinion(Tier.DATABASE, RULE, "SQL that could not be read.")
    if any(_is_template(path) for path in file.paths):
        return _template(file)
    change = changed_statements(file)
    if change is None:
        return _without_statements(file)
    tier, reason = _REASONS[change.kind]
    if change.kinds == {Kind.GRANT}:
        tier, reason = Tier.FULL, "Changes nothing but permissions in the database"
    return Opinion(tier, RULE, f"{reason}: `{shortened(change.statement)}`.")


def changed_statements(file: ChangedFile) -> Change | None:
    """The weightiest statement that changed; `None` where none did, or the file is too large."""
    return difference("" if file.added else file.old_text, file.new_text)


def _without_statements(file: ChangedFile) -> Opinion:
    if max(len(file.old_text), len(file.new_text)) > LARGEST:
        return Opinion(Tier.DATABASE, RULE, "SQL that is too large to be read statement by statement.")
    if file.same_content:
        # Only its name changed: what the whole file does is what may now run elsewhere, or in another order.
        whole = difference("", file.new_text)
        tier, _ = _REASONS[whole.kind] if whole else (Tier.LIGHTWEIGHT, "")
        return Opinion(tier, RULE, "SQL that was moved.")
    return Opinion(Tier.LIGHTWEIGHT, RULE, "No statement of this SQL changed, only what stands around them.")


def _template(file: ChangedFile) -> Opinion:
    """A template is filled in when the application runs it; it is no SQL yet that could be parsed."""
    changed = "\n".join(line.text for line in file.lines.both)
    made = found(knowledge().folder.evidence[:1], changed)
    if made is not None or file.same_content:
        said = f" that holds `{shortened(made)}`" if made else " that was moved"
        return Opinion(Tier.DATABASE, RULE, f"A template of SQL{said}.")
    return Opinion(Tier.LIGHTWEIGHT, RULE, "A template of statements that the application fills in and runs.")
