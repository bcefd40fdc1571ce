"""A state's lock, and what tells the machine of its holder."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

MOVING = "moving a damaged state aside"
"""The operation of a lock that eod itself takes."""

CUT_OFF: Final = timedelta(seconds=1)
"""A lock's time is cut off to whole seconds: it may be told as earlier than it was by so much."""


class StateLock(Struct, frozen=True, kw_only=True):
    """The lock's own words: `who` is user@host, `created` a time as Go prints it."""

    id: str
    path: str = ""
    operation: str = ""
    who: str = ""
    version: str = ""
    created: str = ""

    @property
    def machine(self) -> str:
        """The mark of the machine that took it; empty where it does not tell."""
        return machine_of(self.who.rpartition("@")[2]) if "@" in self.who else ""

    @property
    def holder(self) -> str:
        """The mark of the user and machine that took it; empty where it does not tell."""
        return machine_of(self.who) if "@" in self.who else ""

    @property
    def created_at(self) -> datetime | None:
        """When it was taken, aware, in UTC; `None` where that cannot be read."""
        try:
            return datetime.strptime(self.created[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            return None


def machine_of(hostname: str) -> str:
    """What tells one machine (or user on it) from another, and tells nobody its name; empty for none."""
    return hashlib.sha256(hostname.encode()).hexdigest()[:16] if hostname else ""
