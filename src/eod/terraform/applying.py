"""`terraform apply` of a saved plan, and `destroy`."""

from collections.abc import Callable
from typing import Final

import msgspec

from eod.errors import ApplyFailedError, TerraformError
from eod.model.fault import FaultClass
from eod.terraform.learning import Withheld, learn_from_state
from eod.terraform.problems import AttemptFailedError
from eod.terraform.recovery import rescue
from eod.terraform.retry import Attempt, Persistence
from eod.terraform.session import OnProgress, Session
from eod.terraform.transcript import Account

SAVE_SECONDS: Final = 300.0
"""How long a backend is waited for that does not take a state."""


def apply_once(session: Session, attempt: Attempt, path: str, on_progress: OnProgress) -> Account:
    """Apply a saved plan once. The plan file is spent afterwards, however it ends.

    Raises:
        AttemptFailedError: It failed.
        CancelledError: The run was cancelled; what was completed is saved.
    """
    arguments = [
        "apply",
        "-json",
        "-input=false",
        f"-lock-timeout={session.settings.lock_timeout_seconds}s",
        f"-parallelism={attempt.parallelism}",
        path,
    ]
    try:
        return _change(session, "apply", arguments, attempt, on_progress)
    finally:
        session.place.plan.unlink(missing_ok=True)


def destroy_once(session: Session, attempt: Attempt, on_progress: OnProgress) -> Account:
    """Destroy everything in the state once.

    Raises:
        AttemptFailedError: It failed.
        CancelledError: The run was cancelled; what was destroyed is saved.
    """
    arguments = [
        "apply",
        "-destroy",
        "-json",
        "-input=false",
        "-auto-approve",
        f"-lock-timeout={session.settings.lock_timeout_seconds}s",
        f"-parallelism={attempt.parallelism}",
        f"-var-file={session.place.variables}",
    ]
    return _change(session, "destroy", arguments, attempt, on_progress)


def _change(
    session: Session, operation: str, arguments: list[str], attempt: Attempt, on_progress: OnProgress
) -> Account:
    withheld = Withheld(on_progress)
    try:
        account, ended = session.stream(
            operation, arguments, seconds=attempt.remaining_seconds, on_progress=withheld
        )
    except TerraformError:
        learn_from_state(session, rescue(session.place, session.root))
        withheld.tell()
        raise
    except BaseException:
        rescue(session.place, session.root)
        raise
    unsaved = rescue(session.place, session.root)
    if ended.returncode != 0 and account.errors:
        learn_from_state(session, unsaved)
    withheld.tell()
    if ended.returncode == 0:
        return account
    what = f"Terraform {operation} failed: {account.line}, {len(account.failed)} failed."
    raise session.failed(ApplyFailedError, what, account, ended, operation)


def saving_at_once(
    work: Callable[[Attempt], Account], session: Session, save: Callable[[Attempt], object]
) -> Callable[[Attempt], Account]:
    """`work`; a state that it could not save is saved by `save` before anything else: the machine may go."""

    def once(attempt: Attempt) -> Account:
        try:
            return work(attempt)
        except AttemptFailedError as failed:
            if not session.place.unsaved.is_file():
                raise
            raise _after_saving(session, failed, save) from None

    return once


def _after_saving(
    session: Session, failed: AttemptFailedError, save: Callable[[Attempt], object]
) -> AttemptFailedError:
    """The state could not be saved; if it can be now, nothing is lost and what is left may be planned anew."""
    saving = Persistence(
        clock=session.clock,
        seconds=SAVE_SECONDS,
        parallelism=session.settings.parallelism,
        say=session.say,
        stopped=lambda: session.launcher.stopped,
    )
    try:
        saving.run(save)
    except TerraformError as error:
        session.say(str(error))
        return failed
    saved = {"fault_class": FaultClass.REPLAN, "attempts": 1, "delay": 1.0}
    faults = tuple(
        msgspec.structs.replace(fault, **saved) if fault.fault_class is FaultClass.LOST_STATE else fault
        for fault in failed.faults
    )
    return AttemptFailedError(failed.error, faults, lock=failed.lock)
