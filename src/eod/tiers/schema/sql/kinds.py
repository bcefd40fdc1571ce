"""What a statement does, by its words; a parser is asked where words do not tell."""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from eod.tiers.schema.knowledge import any_of, knowledge
from eod.tiers.schema.sql.kind import Kind
from eod.tiers.schema.sql.statements import Statement

_TEMPORARY: Final = frozenset({"temp", "temporary", "local", "volatile"})
_SUSPICIOUS: Final = re.compile(
    r"\b(create|alter|drop|truncate|insert|update|delete|merge|into|grant|revoke|call|exec(ute)?)\b", re.IGNORECASE
)
_ROWS_OR_DEFAULTS: Final = re.compile(r"\brow\s+level\s+security\b|\bdefault\s+privileges\b", re.IGNORECASE)
_BARE_CALL: Final = re.compile(r"^select\s+[\w.\"]+\s*\((?!.*\bfrom\b)", re.IGNORECASE | re.DOTALL)
_TEXT: Final = re.compile(r"'[^']*'")
_TRANSACTION: Final = 4
"""Words of `BEGIN ISOLATION LEVEL SERIALIZABLE`; what is longer is a block."""


def kind_of(statement: Statement, parse: Callable[[str], Kind | None], *, named: bool) -> Kind:
    """What `statement` does.

    Args:
        statement: The statement.
        parse: What a parser says that its text does; `None` if it does not know.
        named: Whether the file gives its statements names, for code that runs them.
    """
    kind = _by_first_word(statement, parse)
    if kind is Kind.DML and (named or _takes_values(statement.text)):
        return Kind.APPLICATION
    return Kind.QUERY if kind is Kind.CALL and named else kind


def _by_first_word(statement: Statement, parse: Callable[[str], Kind | None]) -> Kind:
    known, words = knowledge().sql, statement.words
    first = words[0] if words else ""
    if first in {"grant", "revoke"}:
        return Kind.GRANT
    if first in known.ddl:
        return _definition(words, statement.text)
    if first in known.dml:
        return Kind.DML
    if first in known.session:
        block = first in {"begin", "end", "start"} and len(words) > _TRANSACTION
        return Kind.UNKNOWN if block else Kind.SESSION
    return _query(statement.text, first, parse)


def _definition(words: tuple[str, ...], text: str) -> Kind:
    if words[0] == "create" and "table" in words[1:5] and _TEMPORARY & set(words[1:5]):
        return Kind.QUERY
    if words[0] in {"create", "alter", "drop"} and knowledge().sql.access & set(words[1:4]):
        return Kind.ACCESS
    if words[0] == "alter" and _ROWS_OR_DEFAULTS.search(text, 0, 400):
        return Kind.ACCESS
    return Kind.DDL


def _query(text: str, first: str, parse: Callable[[str], Kind | None]) -> Kind:
    if _acting().search(text):
        return Kind.DML
    if first in knowledge().sql.queries and not _SUSPICIOUS.search(text):
        return Kind.CALL if _BARE_CALL.search(text) else Kind.QUERY
    # Dialects disagree on whether a backslash escapes a quote: what is a string to one runs in another.
    return Kind.UNKNOWN if "\\'" in text else parse(text) or Kind.UNKNOWN


@cache
def _acting() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(knowledge().sql.acting)})\s*\(", re.IGNORECASE)


def _takes_values(text: str) -> bool:
    pattern = any_of(knowledge().sql.parameters)
    return pattern is not None and pattern.search(_TEXT.sub("''", text)) is not None
