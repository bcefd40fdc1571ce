"""What a statement of SQL does."""

from enum import StrEnum


class Kind(StrEnum):
    """From what only reads to what decides who may do what.

    `application` writes with values that code gives it at run time; `session` sets up the connection; `call` is a
    query that only calls a function, which may do anything.
    """

    QUERY = "query"
    APPLICATION = "application"
    SESSION = "session"
    CALL = "call"
    UNKNOWN = "unknown"
    DML = "dml"
    GRANT = "grant"
    DDL = "ddl"
    ACCESS = "access"

    @property
    def rank(self) -> int:
        """Position in that order."""
        return list(Kind).index(self)
