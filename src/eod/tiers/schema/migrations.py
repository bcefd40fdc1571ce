"""The examiner of what runs in a database: migrations, schemas, seeds, SQL, and the settings of engines."""

from eod.model.change import ChangeKind
from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion
from eod.tiers.schema.folder import migration_by_folder
from eod.tiers.schema.knowledge import ToolData, any_of, knowledge
from eod.tiers.schema.prisma import read_prisma
from eod.tiers.schema.settings import read_settings
from eod.tiers.schema.sql.kind import Kind
from eod.tiers.schema.sql.reading import changed_statements, is_sql, read_sql
from eod.tiers.schema.text import shortened
from eod.tiers.schema.tools import tool_of

_WHAT = {
    "migrations": "A migration",
    "schema": "A schema",
    "seeds": "Data that a database is filled with",
    "database-settings": "How a database or its migrations are run",
    "queries": "Queries that were checked beforehand",
    "migration-tooling": "A template for new migrations",
}


def migrations(file: ChangedFile, _case: Case) -> Opinion | None:
    """What `file` asks for if it changes a database; `None` if it has nothing to do with one."""
    if file.submodule:
        return None
    tool = tool_of(file)
    if tool is not None:
        return _of_tool(tool, file)
    if any(is_sql(path) for path in file.paths):
        return _in_folder(file, read_sql(file))
    return read_prisma(file) or _by_folder(file) or read_settings(file)


def _of_tool(tool: ToolData, file: ChangedFile) -> Opinion:
    what = f"{_WHAT.get(tool.rule, tool.rule)} ({tool.name})"
    if tool.tier is not Tier.DATABASE:
        return Opinion(tool.tier, tool.rule, f"{what}.")
    if file.kind is ChangeKind.RENAMED:
        why = ": tools know what they ran by its name and order" if tool.rule == "migrations" else ""
        return Opinion(tool.tier, tool.rule, f"{what} was renamed{why}.")
    change = changed_statements(file) if file.readable and is_sql(file.path) else None
    if change is not None and change.kind is Kind.ACCESS:
        reason = f"{what} that decides who may do what: `{shortened(change.statement)}`."
        return Opinion(Tier.FULL, tool.rule, reason)
    if file.deleted:
        return Opinion(tool.tier, tool.rule, f"{what} was deleted.")
    said = shortened(change.statement) if change is not None else _telling_line(file)
    return Opinion(tool.tier, tool.rule, f"{what}: `{said}`." if said else f"{what}.")


def _in_folder(file: ChangedFile, said: Opinion) -> Opinion:
    """SQL in a folder of migrations runs there whatever its statements do."""
    reason = migration_by_folder(file) if said.tier is not Tier.FULL else None
    if reason is None:
        return said
    return Opinion(Tier.DATABASE, "migrations", said.reason if said.tier is Tier.DATABASE else reason)


def _by_folder(file: ChangedFile) -> Opinion | None:
    reason = migration_by_folder(file)
    return None if reason is None else Opinion(Tier.DATABASE, "migrations", reason)


def _telling_line(file: ChangedFile) -> str:
    pattern = any_of(knowledge().folder.evidence)
    if not file.readable or pattern is None or len(file.new_text) > 1 << 20:
        return ""
    return next((shortened(line.text) for line in file.lines.both if pattern.search(line.text[:400])), "")
