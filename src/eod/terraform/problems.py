"""From Terraform's diagnostics to errors that a reader can act on."""

from collections.abc import Sequence
from typing import Final

from eod.errors import CancelledError, TerraformError
from eod.model.fault import FaultClass
from eod.model.lock import StateLock
from eod.terraform.cutting import beginning, end
from eod.terraform.events import Diagnostic
from eod.terraform.faults import Fault, FaultRule, classify, classify_diagnostic, worst
from eod.terraform.locks import ACQUIRING, first_lock, locked_error
from eod.terraform.messages import type_of
from eod.terraform.process import Ended
from eod.terraform.transcript import Account

DETAIL_LIMIT: Final = 8_000
"""Characters of Terraform's own words in an error; the whole stream is in the log."""

_SECONDARY: Final = frozenset({"execution halted"})
_SIGNALS: Final = {-9: "killed (SIGKILL): out of memory, or by the runner", -15: "terminated (SIGTERM)"}


class AttemptFailedError(Exception):
    """An attempt failed: the error to show if no other is made, and the faults to decide that by."""

    def __init__(self, error: TerraformError, faults: tuple[Fault, ...], *, lock: StateLock | None = None) -> None:
        super().__init__(error.what)
        self.lock = lock
        """Who holds the state's lock, where that is the failure."""
        self.error = error
        self.faults = faults


def faults_of(
    account: Account, ended: Ended, operation: str, extra: Sequence[FaultRule] = ()
) -> tuple[Fault, ...]:
    """What to make of a failed process: one fault for each error that it reported, or one for how it ended."""
    errors = _primary(account)
    if errors:
        made = account.created_types
        return tuple(
            classify_diagnostic(error.text, type_of(error.address), operation, created_types=made, extra=extra)
            for error in errors
        )
    if ended.returncode in _SIGNALS:
        return (
            Fault(
                rule="killed",
                fault_class=FaultClass.LOST_STATE,
                reason=f"Terraform was {_SIGNALS[ended.returncode]}; what was in flight may be in no state.",
                fix="Re-run the job. If the state is locked then, the lock is this run's.",
            ),
        )
    return (classify("\n".join([*account.noise, ended.complaints]), "", operation, extra=extra),)


def failure(
    kind: type[TerraformError],
    what: str,
    account: Account,
    ended: Ended,
    *,
    operation: str,
    directory: str = "",
    extra: Sequence[FaultRule] = (),
) -> AttemptFailedError:
    """The failure of one attempt, explained. `extra` rules are asked before the catalogue."""
    faults = faults_of(account, ended, operation, extra)
    errors = _primary(account)
    cause = worst(faults)
    first = next((e for e in errors if e.text == cause.message), errors[0] if errors else None)
    where = "" if first is None else (place_of(first, directory) or first.address)
    detail = "\n".join(_told(error, directory) for error in errors) or _last_words(account, ended)
    return AttemptFailedError(
        kind(what, why=cause.reason, fix=cause.fix, where=where, detail=beginning(detail, DETAIL_LIMIT)), faults
    )


def lock_failure(
    account: Account, *, waited_seconds: float, program: str = "terraform"
) -> AttemptFailedError | None:
    """The failure that somebody holds the state's lock, where it says who.

    Of a lock that a command could not release backends tell the same: that is this very command's.
    """
    lock = first_lock(error.detail for error in account.errors if ACQUIRING in error.summary)
    if lock is None:
        return None
    return AttemptFailedError(locked_error(lock, waited_seconds=waited_seconds, program=program), (), lock=lock)


def place_of(diagnostic: Diagnostic, directory: str = "") -> str:
    """`file:line`, from the repository's root if `directory` is where the root module lies in it."""
    if diagnostic.range is None or not diagnostic.range.filename:
        return ""
    prefix = f"{directory.strip('/')}/" if directory.strip("./") else ""
    return f"{prefix}{diagnostic.range.filename}:{diagnostic.range.start.line}"


def cancelled(operation: str, account: Account, *, still_running: bool) -> CancelledError:
    """What a cancelled run got done."""
    lines = [f"done: {address}" for address in account.completed]
    lines += [f"interrupted: {address}" for address in (*account.failed, *account.running)]
    ending = "is still stopping" if still_running else "was stopped"
    return CancelledError(
        f"Terraform {operation} {ending}: {account.line}.",
        why="The run was cancelled, and Terraform was asked once to end gracefully.",
        fix="Re-run the job: it plans again from what was saved."
        + (" The drain step waits for Terraform until then." if still_running else ""),
        detail=beginning("\n".join(lines), DETAIL_LIMIT),
    )


def _primary(account: Account) -> tuple[Diagnostic, ...]:
    real = tuple(error for error in account.errors if error.summary not in _SECONDARY)
    return real or account.errors


def _told(diagnostic: Diagnostic, directory: str) -> str:
    head = ": ".join(part for part in (place_of(diagnostic, directory), diagnostic.address) if part)
    return f"{head}: {diagnostic.text}" if head else diagnostic.text


def _last_words(account: Account, ended: Ended) -> str:
    return end("\n".join([*account.noise, ended.complaints.strip()]).strip(), DETAIL_LIMIT)
