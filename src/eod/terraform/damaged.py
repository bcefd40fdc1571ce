"""A state that nobody can read, moved aside, so that its environment can be made again. Nothing of it is lost."""

import fcntl
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from eod.errors import TerraformError
from eod.model.lock import StateLock
from eod.model.state import StatePlace, is_damaged
from eod.terraform.backends import KEY, own_word, recorded_backend
from eod.terraform.locks import locked_error

_MEANS_OF_ITS_OWN: Final = (
    "access_key",
    "assume_role",
    "assume_role_with_web_identity",
    "endpoint",
    "endpoints",
    "profile",
    "role_arn",
    "shared_config_files",
    "shared_credentials_file",
    "shared_credentials_files",
    "sse_customer_key",
)
"""Of the S3 backend: https://developer.hashicorp.com/terraform/language/backend/s3"""


class MoveState(Protocol):
    """Moves a damaged state in a remote backend, its lock held; where it lies then, or who holds the lock.

    Empty where the state was gone and only what else the backend keeps of it had to go.

    Raises `EodError` where it may not, or where what lies there is a state after all.
    """

    def __call__(self, place: StatePlace, suffix: str) -> str | StateLock:
        """`suffix` is what the new name ends with."""


def place_of(record: bytes) -> StatePlace | None:
    """Where the state lies, from what Terraform recorded of the backend in its data directory; `None`: nowhere."""
    backend = recorded_backend(record)
    if backend is None:
        return None
    config = backend.config

    def text(name: str) -> str:
        value = config.get(name)
        return value if isinstance(value, str) else ""

    return StatePlace(
        backend=backend.type,
        at=text(own_word(backend.type)) or text(KEY),
        bucket=text("bucket"),
        region=text("region"),
        lock_file=config.get("use_lockfile") is True,
        lock_table=text("dynamodb_table"),
        plain=not any(config.get(name) for name in _MEANS_OF_ITS_OWN),
        encrypt=config.get("encrypt") is True,
        kms_key=text("kms_key_id"),
    )


def set_aside(
    place: StatePlace,
    at: datetime,
    *,
    move: MoveState | None,
    take_away: Callable[[StateLock], bool],
    program: str,
) -> str:
    """Move the damaged state aside; where it lies now.

    Args:
        place: Where it lies.
        at: The time, for its new name.
        move: Moves it where it lies in S3; `None` where there is no AWS.
        take_away: Takes away a lock whose holder is provably over; whether it was one.
        program: What people type to unlock.

    Raises:
        TerraformError: It stays where it is; says what to do.
        StateLockedError: Somebody holds its lock.
        EodError: The backend refuses.
    """
    suffix = f".damaged-{at:%Y%m%dT%H%M%SZ}"
    if place.backend == "local":
        return _rename(Path(place.at), suffix)
    if place.backend != "s3" or move is None or not place.plain:
        raise _stays(place, suffix)
    moved = move(place, suffix)
    if isinstance(moved, StateLock) and take_away(moved):
        moved = move(place, suffix)
    if isinstance(moved, StateLock):
        raise locked_error(moved, waited_seconds=0, program=program)
    return moved


def _rename(path: Path, suffix: str) -> str:
    """With the lock that Terraform itself would take: the one of POSIX, on the whole file."""
    aside = Path(f"{path}{suffix}")
    try:
        with path.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not is_damaged(file.read()):
                raise intact(str(path))
            os.link(path, aside)  # never over another file
            path.unlink()
    except BlockingIOError:
        raise TerraformError(
            "The damaged state stays where it is: another process holds its lock.",
            fix="Re-run the job when that process has ended.",
            where=str(path),
        ) from None
    except OSError as error:
        raise TerraformError(
            f"The damaged state stays where it is: {error.strerror}.",
            fix=f"Rename it to {aside.name}; then the environment can be made again.",
            where=str(path),
        ) from None
    return str(aside)


def intact(where: str) -> TerraformError:
    """What lies there can be read after all: somebody put an earlier version back."""
    return TerraformError(
        "The state is not damaged any more: it stays where it is.",
        why="Somebody put a version of it back meanwhile, or it is encrypted.",
        fix="Look at it; this environment's next run goes on from it.",
        where=where,
    )


def _stays(place: StatePlace, suffix: str) -> TerraformError:
    command = f"aws s3 mv {place.words} {place.words}{suffix}" if place.backend == "s3" else ""
    return TerraformError(
        f"The damaged state stays where it is: {place.words}.",
        why="Its backend has credentials or endpoints of its own, or is one that eod does not write to.",
        fix=f"Move it aside, then the environment can be made again{f': `{command}`' if command else ''}.",
        where=place.words,
    )
