"""What a statement that begins like a query really does, read with sqlglot."""

import logging
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from eod.tiers.schema.sql.kind import Kind

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_LONGEST: Final = 20_000
"""Characters of a statement that is parsed."""
_BUDGET: Final = 100_000
"""Characters that are parsed for one file, in all dialects together: a second at most."""
_LEAST: Final = 200
"""What the shortest statement counts for in that budget."""
_DIALECTS: Final = ("postgres", "mysql", "bigquery", "tsql", "clickhouse", "oracle")
_TEMPLATE: Final = re.compile(
    r"\{%.*?(?:%\}|\Z)|<%.*?(?:%>|\Z)|\{\{.*?(?:\}\}|\Z)|(?<!:):\w+|@\w+|\?|%\(\w+\)s|%s|[$#]?\{\w*\}", re.DOTALL
)


class Parser:
    """Says what statements do until it has read too much; then it knows nothing any more."""

    def __init__(self) -> None:
        self._left = _BUDGET

    def __call__(self, text: str) -> Kind | None:
        """What the statement `text` does; `None` where no dialect understands it."""
        if len(text) > _LONGEST:
            return None
        plain = _TEMPLATE.sub(lambda hit: " " if hit[0].startswith(("{%", "<%")) else " t_ ", text)
        for dialect in _DIALECTS:
            self._left -= max(len(plain), _LEAST)
            if self._left < 0:
                return None
            expression = _parse(plain, dialect)
            if expression is not None:
                return _kind(expression)
        return None


def _parse(text: str, dialect: str) -> "Expr | None":
    import sqlglot
    from sqlglot.errors import SqlglotError

    _quiet()
    try:
        found = sqlglot.parse(text, read=dialect)
    except RecursionError:
        return None
    # Beside its own errors, single expressions raise these for what is no SQL.
    except (SqlglotError, ValueError, TypeError, AttributeError, LookupError, AssertionError):
        return None
    return found[0] if len(found) == 1 else None


def _kind(expression: "Expr") -> Kind | None:
    from sqlglot import exp

    try:
        if expression.find(exp.Command) is not None:
            return None
        if expression.find(exp.Create, exp.Drop, exp.Alter, exp.Into) is not None:
            return Kind.DDL
        if expression.find(exp.Insert, exp.Update, exp.Delete, exp.Merge) is not None:
            return Kind.DML
    except RecursionError:
        return None
    return Kind.QUERY if isinstance(expression, exp.Query | exp.Describe | exp.Show) else None


@cache
def _quiet() -> None:
    """What sqlglot does not know it says in the log, which would end up among the user's messages."""
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
