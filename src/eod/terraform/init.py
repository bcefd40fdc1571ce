"""`terraform init`: backend, modules and providers."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from eod.errors import TerraformError
from eod.terraform.retry import Attempt
from eod.terraform.session import Session
from eod.terraform.workplace import write_private

LOCK_FILE: Final = ".terraform.lock.hcl"
OVERRIDE: Final = "eod_backend_override.tf.json"
CACHE_VARIABLE: Final = "TF_PLUGIN_CACHE_DIR"

_INCOMPLETE: Final = "lock file is read-only"


def initialise(session: Session, attempt: Attempt, *, backend: dict[str, str], implicit: bool) -> None:
    """Run `init` once.

    `implicit` says that the module has no backend block and a state on this machine is wanted: then one is laid
    beside it, for a default path would be shared by every environment of this checkout.

    Raises:
        AttemptFailedError: It failed.
        CancelledError: The run was cancelled.
    """
    write_private(session.place.backend, msgspec.json.encode(backend))
    if implicit:
        block: dict[str, object] = {"terraform": {"backend": {"local": {}}}}
        write_private(session.root / OVERRIDE, msgspec.json.encode(block))
    arguments = ["init", "-json", "-input=false", "-reconfigure", f"-backend-config={session.place.backend}"]
    with _cache_to_ourselves(session):
        if (session.root / LOCK_FILE).is_file() and _init(session, [*arguments, "-lockfile=readonly"], attempt):
            return
        _init(session, arguments, attempt)


def _init(session: Session, arguments: list[str], attempt: Attempt) -> bool:
    """Whether it went well; `False` if only the committed lock file lacks something."""
    account, ended = session.stream("init", arguments, seconds=attempt.remaining_seconds)
    if ended.returncode == 0:
        return True
    if any(_INCOMPLETE in error.text.replace("\n", " ") for error in account.errors):
        session.say(f"{LOCK_FILE} does not list every provider for this platform; going on without it.")
        return False
    raise session.failed(TerraformError, "Terraform could not be initialised.", account, ended, "init")


@contextmanager
def _cache_to_ourselves(session: Session) -> Iterator[None]:
    """Terraform's plugin cache breaks when two inits write to it at once; OpenTofu locks it itself."""
    cache = session.environ.get(CACHE_VARIABLE)
    if not cache or session.engine.is_tofu:
        yield
        return
    directory = Path(cache)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / ".eod-init.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise TerraformError(
            f"The plugin cache cannot be used: {error.strerror}.",
            fix=f"Correct {CACHE_VARIABLE}, or leave it away.",
            where=cache,
        ) from None
    try:
        while not _locked(lock):
            session.clock.wait(0.5)
        yield
    finally:
        os.close(lock)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
