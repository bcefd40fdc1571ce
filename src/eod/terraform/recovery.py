"""What an earlier run left behind: a state that could not be saved, or a Terraform that still runs."""

import re
import shutil
from pathlib import Path
from typing import Final

from eod.errors import StateDamagedError, StateLockedError, TerraformError
from eod.model.fault import FaultClass
from eod.terraform.faults import Fault, classify
from eod.terraform.locks import RELEASING, lock_met, locked_error
from eod.terraform.problems import AttemptFailedError
from eod.terraform.running import is_alive, noted
from eod.terraform.session import Session
from eod.terraform.workplace import ERRORED, Workplace

PUSHES: Final = 3
"""How often a state is pushed again that the backend did not take."""
PUSH_SECONDS: Final = 15.0

_ANOTHER_STATE: Final = re.compile(r"cannot\s+import\s+state\s+with\s+(serial|lineage)", re.IGNORECASE)
"""https://github.com/hashicorp/terraform/blob/main/internal/states/statemgr/migrate.go"""

_UNPARSED: Final = re.compile(
    r"could not be parsed as\s+JSON|does not\s+have\s+a\s+\"version\"\s+attribute", re.IGNORECASE
)
"""What Terraform and OpenTofu say of a state that is none; one of a newer format is whole, and not among this.

https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/read.go
"""

_OTHER_DIGEST: Final = re.compile(
    r"state data in (?:S3|OSS) does not have the expected content|does not match the stored checksum",
    re.IGNORECASE,
)
"""What a backend with a lock table says of a state that is not the one whose digest the table holds, or is gone.

https://github.com/hashicorp/terraform/blob/v1.9.8/internal/backend/remote-state/s3/client.go
"""


def rescue(place: Workplace, root: Path) -> Path | None:
    """Move a state that Terraform could not save to where the environment's next run looks; its new path.

    It lies in the module's directory, which other environments of the same commit share: there it could be pushed
    into another environment's state.
    """
    left = root / ERRORED
    if left.is_file():
        shutil.move(left, place.unsaved)
        place.unsaved.chmod(0o600)
    return place.unsaved if place.unsaved.is_file() else None


def take_left_behind(session: Session) -> None:
    """Before the first command: take what an earlier, killed run could not save from the checkout it worked in.

    What lies in our own checkout was committed: it is nobody's unsaved state, and pushed into an environment that
    has none yet it would have Terraform destroy what somebody else's state held. Terraform may need its name.
    """
    earlier = noted(session.place)
    if earlier is not None:
        rescue(session.place, Path(earlier.root))
    committed = session.root / ERRORED
    if (committed.is_symlink() or committed.exists()) and not _claimed_by_another(session):
        committed.rename(committed.with_name(f"{ERRORED}.committed"))
        session.say(
            f"{ERRORED} is part of the commit, so it is no state that a run here could not save: left alone. "
            "Remove it from the repository; a state may hold secrets."
        )


def push_unsaved(session: Session) -> bool:
    """Save a state that an earlier run could not save, before anything is planned on an older one.

    Returns:
        Whether there was one.

    Raises:
        AttemptFailedError: The state is locked, or the backend does not take it now.
        TerraformError: It must not be pushed; nothing else may be done then.
    """
    unsaved = session.place.unsaved
    if not unsaved.is_file():
        return False
    session.say("A state that could not be saved earlier (errored.tfstate) was found: saving it now.")
    timeout = f"-lock-timeout={session.settings.lock_timeout_seconds}s"
    _, ended = session.capture("state push", ["state", "push", timeout, str(unsaved)])
    lock = lock_met(ended.complaints) if ended.returncode != 0 else None
    if lock is not None:
        waited = session.settings.lock_timeout_seconds
        raise AttemptFailedError(
            locked_error(lock, waited_seconds=waited, program=session.engine.command), (), lock=lock
        )
    if ended.returncode != 0:
        raise _not_pushed(unsaved, ended.complaints)
    unsaved.unlink()
    session.place.running.unlink(missing_ok=True)
    session.say("The state is saved.")
    return True


def _not_pushed(unsaved: Path, said: str) -> AttemptFailedError:
    error = TerraformError(
        "The state that could not be saved earlier cannot be saved now either.",
        why="The backend cannot be written to, or holds a newer state.",
        fix="Compare both (`terraform state pull`). Push the right one, then re-run the job.",
        where=str(unsaved),
        detail=said,
    )
    again = Fault(
        rule="state-not-saved",
        fault_class=FaultClass.TRANSIENT,
        reason="The backend does not take the state.",
        fix="",
        attempts=PUSHES,
        delay=PUSH_SECONDS,
    )
    if _ANOTHER_STATE.search(said):
        return AttemptFailedError(error, ())
    kept = (classify(RELEASING),) if RELEASING in said else ()
    return AttemptFailedError(error, (again, *kept))


def wait_for_earlier(session: Session) -> None:
    """Wait for a Terraform of this environment that an earlier step left running, as long as for a lock.

    Raises:
        StateLockedError: It still runs.
        CancelledError: The run was cancelled.
    """
    running = noted(session.place)
    if running is None or not is_alive(running):
        return
    patience = float(session.settings.lock_timeout_seconds)
    session.say(f"A Terraform {running.operation} of an earlier step still runs; waiting for it.")
    deadline = session.clock.monotonic() + patience
    while is_alive(running):
        if session.clock.monotonic() >= deadline:
            raise StateLockedError(
                f"Terraform {running.operation} of an earlier step still runs (process {running.pid}).",
                why=f"It was started at {running.started_at:%H:%M:%S} and has not ended within {patience:.0f} s.",
                fix="Re-run the job when it has ended.",
            )
        session.clock.wait(1.0)


def _claimed_by_another(session: Session) -> bool:
    """Whether another environment's killed run worked in this very directory."""
    others = (Workplace(path.parent) for path in session.place.directory.parent.glob("*/running.json"))
    claims = (noted(place) for place in others if place.directory != session.place.directory)
    return any(claim is not None and claim.root == str(session.root) for claim in claims)


def damaged_state(error: TerraformError) -> StateDamagedError | None:
    """The error to raise instead where the cause is that the state cannot be read as one; else `None`."""
    detail = re.sub(r"[│|\s]+", " ", error.detail)
    if _OTHER_DIGEST.search(detail):
        return StateDamagedError(
            "The state is not the one whose digest the lock table holds, or it is gone.",
            why="A write of it was cut off, or somebody changed or removed it by hand.",
            fix="Put the version of that digest back, or correct the digest in the table; or close the pull "
            "request and reopen it: its teardown goes by the tags and moves the state aside.",
            where=error.where,
            detail=error.detail,
        )
    if not _UNPARSED.search(detail):
        return None
    return StateDamagedError(
        "The state is damaged: it cannot be read as one.",
        why="It was cut off while being written, or something else was written over it.",
        fix="Put an earlier version of it back (S3 keeps them where the bucket has versioning); or close the pull "
        "request and reopen it: its teardown goes by the tags and moves the damaged state aside.",
        where=error.where,
        detail=error.detail,
    )
