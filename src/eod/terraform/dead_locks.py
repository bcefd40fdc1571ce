"""Locks whose holder is over: taken away, so that what they stand in the way of is done.

Terraform itself may meet the lock that it has just taken: where the answer to that is lost, the backend's client
asks again and is told that the lock is held (S3 answers a second conditional PUT with 412, DynamoDB likewise).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from msgspec import structs

from eod.model.fault import FaultClass
from eod.model.lock import CUT_OFF, StateLock
from eod.terraform.backends import recorded_backend
from eod.terraform.faults import Fault
from eod.terraform.locks import is_identifier
from eod.terraform.problems import AttemptFailedError
from eod.terraform.retry import Attempt
from eod.terraform.session import Session

T = TypeVar("T")
Ended = Callable[[StateLock], bool]
Work = Callable[[Session, Attempt], T]

PLAN: Final = "OperationTypePlan"
APPLY: Final = "OperationTypeApply"
PUSH: Final = "state-push"
"""What a lock says of what it was taken for.

https://github.com/hashicorp/terraform/blob/main/internal/backend/backendrun/operationtype_string.go
"""

NOT_RELEASED: Final = "lock-not-released"
_NAMING: Final = frozenset({"s3", "gcs"})
"""Backends that ask again by themselves, and then read the lock that is there."""
_TAKEN_WITHIN: Final = timedelta(minutes=1)
"""A command writes the time into its lock before it asks for it, which is among the first things that it does."""
_LOST_ANSWER: Final = Fault(
    rule="lock-answer-lost",
    fault_class=FaultClass.REPLAN,
    reason="The backend's answer to Terraform's lock was lost, so that it met its own.",
    fix="Re-run the job.",
    attempts=3,
    delay=1.0,
)


class DeadLocks:
    """Knows three kinds: of earlier runs, of this run and not released, taken by a command that was not told so.

    Args:
        session: Of the workspace; its commands run one after the other, so none of them holds a lock any more when
            another one meets it.
        ended: Tells whether a lock's holder is provably over; `None` where no earlier run ended before its time.
        tell: Takes a line for each lock that was taken away.
    """

    def __init__(self, session: Session, *, ended: Ended | None, tell: Callable[[str], None]) -> None:
        self._session = session
        self._ended = ended
        self._tell = tell
        self._began = session.clock.now()
        self._kept_our_own = False

    @property
    def expected(self) -> bool:
        """Whether there may be one."""
        return self._ended is not None or self._kept_our_own

    def past(self, work: Work[T], operation: str) -> Callable[[Attempt], T]:
        """`work`, which a dead lock does not keep from being done. It may be called twice in one attempt.

        `operation` is what the lock says that `work` itself takes.
        """

        def once(attempt: Attempt) -> T:
            if not self.expected:
                return self._watched(work, operation, self._session, attempt)
            try:
                return self._watched(work, operation, self._session.impatient(), attempt)
            except AttemptFailedError as failed:
                if failed.lock is None:
                    raise
                self.take_away(failed.lock)
            return self._watched(work, operation, self._session, attempt)

        return once

    def watching(self, work: Work[T], operation: str) -> Callable[[Attempt], T]:
        """`work` as it is, called once; a lock that it could not release is remembered."""
        return lambda attempt: self._watched(work, operation, self._session, attempt)

    def _watched(self, work: Work[T], operation: str, session: Session, attempt: Attempt) -> T:
        began = self._session.clock.now()
        try:
            return work(session, attempt)
        except AttemptFailedError as failed:
            if failed.lock is not None and self._was_taken_by(failed.lock, operation, began):
                if not self._unlock(failed.lock, "was this command's own"):
                    raise _stays(failed) from None
                raise AttemptFailedError(failed.error, (_LOST_ANSWER,)) from None
            if failed.lock is not None and self._is_our_own(failed.lock):
                raise _stays(failed) from None
            if not any(fault.rule == NOT_RELEASED for fault in failed.faults):
                raise
            self._kept_our_own = True
            faults = tuple(_passing(fault) for fault in failed.faults)
            raise AttemptFailedError(failed.error, faults, lock=failed.lock) from None

    def take_away(self, lock: StateLock) -> bool:
        """Take a lock away whose holder is provably over; whether it was one.

        Raises:
            CancelledError: The run was cancelled.
        """
        ours = self._is_our_own(lock)
        if not ours and (self._ended is None or not self._ended(lock)):
            return False
        return self._unlock(lock, "could not be released by this run" if ours else "was a finished run's")

    def _was_taken_by(self, lock: StateLock, operation: str, began: datetime) -> bool:
        """Whether the command that met it, and is over, took it: here, for that, right after it began."""
        if self._kept_our_own or lock.operation != operation or not self._names_the_holder():
            return False  # one that could not be released is known already
        taken_at = self._taken_here(lock)
        if taken_at is None:
            return False
        return began - CUT_OFF <= taken_at <= began + _TAKEN_WITHIN

    def _names_the_holder(self) -> bool:
        """Whether what the backend says of a lock is of whoever holds it: some may say what was asked for."""
        record = self._session.place.backend_record
        recorded = recorded_backend(record.read_bytes()) if record.is_file() else None
        return recorded is not None and recorded.type in _NAMING

    def _is_our_own(self, lock: StateLock) -> bool:
        """Taken on this machine since this run began to work here, after it could not release one."""
        taken_at = self._taken_here(lock)
        return self._kept_our_own and taken_at is not None and taken_at >= self._began - CUT_OFF

    def _taken_here(self, lock: StateLock) -> datetime | None:
        """When it was taken, where that was on this machine."""
        machine = self._session.machine
        return lock.created_at if machine and lock.machine == machine else None

    def _unlock(self, lock: StateLock, whose: str) -> bool:
        """Have the lock taken away; whether it was still there."""
        if not is_identifier(lock):
            return False
        _, ended = self._session.capture("force-unlock", ["force-unlock", "-force", lock.id])
        if ended.returncode != 0:
            return False
        self._tell(f"The state's lock of {lock.created[:19]} {whose}: taken away.")
        return True


def _stays(failed: AttemptFailedError) -> AttemptFailedError:
    """The failure, which no longer calls the lock somebody else's: by that the next run would leave it."""
    error = failed.error
    error.why = (
        "This run took it itself, the backend did not say so or did not release it, and it cannot be removed."
    )
    error.fix = "Re-run the job: it takes the lock away."
    return failed


def _passing(fault: Fault) -> Fault:
    """The state was saved, and whose lock it is is known: this fault passes with one more try."""
    if fault.rule != NOT_RELEASED:
        return fault
    return structs.replace(fault, fault_class=FaultClass.REPLAN, attempts=2, delay=1.0)
