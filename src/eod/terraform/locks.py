"""Who holds a state's lock, from Terraform's words."""

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from eod.errors import StateLockedError

_FIELDS: Final = re.compile(
    r"^[│|\s]*(ID|Path|Operation|Who|Version|Created):[ \t]*(.*?)[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_DOING: Final = {
    "OperationTypePlan": "plan",
    "OperationTypeApply": "apply",
    "OperationTypeInvalid": "another command",
}


class LockInfo(Struct, frozen=True, kw_only=True):
    """The lock's own words: `who` is user@host, `created` a time as Go prints it."""

    id: str
    path: str = ""
    operation: str = ""
    who: str = ""
    version: str = ""
    created: str = ""


def read_lock(text: str) -> LockInfo | None:
    """The holder of the lock in an error message, or `None` if it does not tell."""
    _, found, info = text.partition("Lock Info:")
    fields = {name.lower(): value for name, value in _FIELDS.findall(info)}
    return LockInfo(**fields) if found and fields.get("id") else None


def first_lock(messages: Iterable[str]) -> LockInfo | None:
    """The first holder that is told in one of `messages`."""
    return next((lock for message in messages if (lock := read_lock(message))), None)


def locked_error(lock: LockInfo, *, waited_seconds: float) -> StateLockedError:
    """What to say: who, since when, doing what, and what to do about it."""
    doing = _DOING.get(lock.operation, lock.operation or "something")
    since = lock.created.partition(".")[0] or "an unknown time"
    return StateLockedError(
        f"The state is locked by {lock.who or 'somebody'} for {doing} since {since} "
        f"(waited {waited_seconds:.0f} s).",
        why="Another run works on this environment, or one was killed and left its lock behind.",
        fix="Wait for that run and re-run the job. Only if that run is certainly over: "
        f"`terraform force-unlock {lock.id}` in the root module.",
        where=lock.path,
        detail=f"Lock ID: {lock.id}",
    )
