"""Who holds a state's lock, from Terraform's words."""

import re
from collections.abc import Iterable
from typing import Final

from eod.errors import StateLockedError
from eod.model.lock import StateLock

_FIELDS: Final = re.compile(
    r"^[│|\s]*(ID|Path|Operation|Who|Version|Created):[ \t]*(.*?)[ \t]*$", re.MULTILINE | re.IGNORECASE
)
ACQUIRING: Final = "acquiring the state lock"
RELEASING: Final = "Error releasing the state lock"
"""What Terraform cannot do. https://github.com/hashicorp/terraform/blob/main/internal/command/clistate/state.go"""

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,127}")
_HTTP_HOLDER: Final = re.compile(r"HTTP\s+remote\s+state\s+already\s+locked:[\s│|]*ID=([\w-]+)")
"""Some versions name it here alone, and print as the lock's what they asked with themselves.

https://github.com/hashicorp/terraform/blob/v1.11.4/internal/backend/remote-state/http/client.go
"""
_DOING: Final = {
    "OperationTypePlan": "plan",
    "OperationTypeApply": "apply",
    "OperationTypeInvalid": "another command",
}


def read_lock(text: str) -> StateLock | None:
    """The holder of the lock in an error message, or `None` if it does not tell."""
    _, found, info = text.partition("Lock Info:")
    fields = {name.lower(): value for name, value in _FIELDS.findall(info)}
    holder = _HTTP_HOLDER.search(text)
    if holder is not None and holder[1] != fields.get("id"):
        return StateLock(id=holder[1])
    return StateLock(**fields) if found and fields.get("id") else None


def first_lock(messages: Iterable[str]) -> StateLock | None:
    """The first holder that is told in one of `messages`."""
    return next((lock for message in messages if (lock := read_lock(message))), None)


def lock_met(printed: str) -> StateLock | None:
    """The holder, in what a command printed for people that could not take the lock.

    Of its own lock, where it could not release that, a command may tell the same.
    """
    _, _, told = printed.partition(ACQUIRING)
    return read_lock(told)


def is_identifier(lock: StateLock) -> bool:
    """Whether the lock's ID can be handed to a command: what is none could be an option."""
    return _ID.fullmatch(lock.id) is not None


def locked_error(lock: StateLock, *, waited_seconds: float, program: str = "terraform") -> StateLockedError:
    """What to say: who, since when, doing what, and what to do about it, with the `program` that is used."""
    doing = _DOING.get(lock.operation, lock.operation or "something")
    since = f"{lock.created_at:%Y-%m-%d %H:%M:%S} UTC" if lock.created_at else lock.created or "an unknown time"
    return StateLockedError(
        f"The state is locked by {lock.who or 'somebody'} for {doing} since {since} "
        f"(waited {waited_seconds:.0f} s).",
        why="Another run works on this environment, or one was killed and left its lock behind.",
        fix="Wait for that run and re-run the job. Only if that run is certainly over: "
        f"`{program} force-unlock {lock.id}` in the root module.",
        where=lock.path,
        detail=f"Lock ID: {lock.id}",
    )
