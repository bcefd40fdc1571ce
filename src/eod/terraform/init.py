"""`terraform init`: backend, modules and providers."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Final

import msgspec

from eod.errors import CancelledError, TerraformError
from eod.terraform import initialised
from eod.terraform.backends import refuse_other_state
from eod.terraform.plugin_cache import cache_of, in_turns
from eod.terraform.retry import Attempt
from eod.terraform.session import Session
from eod.terraform.workplace import write_private

LOCK_FILE: Final = ".terraform.lock.hcl"
OVERRIDE: Final = "eod_backend_override.tf.json"

_PLACE: Final = ("storage_account_name", "container_name", "bucket", "key", "prefix")
_INCOMPLETE: Final = "lock file is read-only"
_LOCAL: Final = msgspec.json.encode({"terraform": {"backend": {"local": {}}}})


def initialise(
    session: Session, attempt: Attempt, *, backend: dict[str, str], implicit: bool, anew: bool = False
) -> None:
    """Run `init` once, unless nothing that it reads has changed since it succeeded here.

    `implicit` says that the module has no backend block and a state on this machine is wanted: then one is laid
    beside it, for a default path would be shared by every environment of this checkout. With `anew` nothing is
    taken for granted.

    Raises:
        AttemptFailedError: It failed.
        TerraformUsageError: The module keeps its state elsewhere.
        CancelledError: The run was cancelled.
    """
    write_private(session.place.backend, msgspec.json.encode(backend))
    override = session.root / OVERRIDE
    if implicit and not (override.is_file() and override.read_bytes() == _LOCAL):
        write_private(override, _LOCAL)
    if not anew and initialised.still_initialised(session):
        return
    initialised.begin(session)
    arguments = ["init", "-json", "-input=false", "-reconfigure", f"-backend-config={session.place.backend}"]

    def waiting(seconds: float) -> None:
        if session.launcher.stopped:
            raise CancelledError("Terraform was asked to stop while it waited for the plugin cache.")
        session.clock.wait(seconds)

    # OpenTofu locks the cache itself.
    cache = None if session.engine.is_tofu else cache_of(session.environ)
    turn = nullcontext() if cache is None else in_turns(cache, wait=waiting, seconds=attempt.remaining_seconds)
    with turn as lock:
        held = () if lock is None else (lock,)
        read_only = [*arguments, "-lockfile=readonly"]
        if not ((session.root / LOCK_FILE).is_file() and _init(session, read_only, attempt, held, backend)):
            _init(session, arguments, attempt, held, backend)
    record = session.place.backend_record
    refuse_other_state(
        record.read_bytes() if record.is_file() else b"",
        backend,
        environment=session.environment,
        root=session.root,
    )
    initialised.remember(session)


def _init(
    session: Session, arguments: list[str], attempt: Attempt, held: tuple[int, ...], backend: Mapping[str, str]
) -> bool:
    """Whether it went well; `False` if only the committed lock file lacks something."""
    account, ended = session.stream("init", arguments, seconds=attempt.remaining_seconds, held=held)
    if ended.returncode == 0:
        return True
    if any(_INCOMPLETE in error.text.replace("\n", " ") for error in account.errors):
        session.say(f"{LOCK_FILE} does not list every provider for this platform; going on without it.")
        return False
    failed = session.failed(TerraformError, "Terraform could not be initialised.", account, ended, "init")
    if not failed.error.where and any(fault.rule.startswith("backend-") for fault in failed.faults):
        # OpenTofu says that a bucket does not exist, and not which.
        told = (f"{name} = {backend[name]}" for name in _PLACE if backend.get(name))
        failed.error.where = ", ".join(told)
    raise failed
