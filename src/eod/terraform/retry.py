"""Tries again what may pass, within a budget, and nothing else."""

from collections import Counter
from collections.abc import Callable
from typing import Final, TypeVar

import tenacity
from msgspec import Struct

from eod.errors import CancelledError, TerraformError
from eod.terraform.clock import Clock
from eod.terraform.faults import Fault, worst
from eod.terraform.problems import AttemptFailedError

T = TypeVar("T")

LONGEST_FACTOR: Final = 5
"""A delay grows to at most so many times the fault's first one."""
SLICE_SECONDS: Final = 1.0
_UNBOUNDED: Final = 1_000_000


class Attempt(Struct, frozen=True, kw_only=True):
    """One try; numbers count from 1."""

    number: int
    parallelism: int
    remaining_seconds: float


class Budget:
    """The retries of one run together, over all its operations, and what each was for."""

    def __init__(self, retries: int) -> None:
        self.left = retries
        self.retried: list[str] = []


class Persistence:
    """Runs one operation until it succeeds, meets a fault that will not pass, or has used up its budget.

    The budget is each fault's own number of attempts, the run's retries together, and one deadline for all.
    Waiting ends when the run is stopped.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        seconds: float,
        parallelism: int,
        say: Callable[[str], None],
        stopped: Callable[[], bool],
        budget: Budget | None = None,
    ) -> None:
        self._clock = clock
        self._deadline = clock.monotonic() + seconds
        self._parallelism = parallelism
        self._say = say
        self._stopped = stopped
        self._met: Counter[str] = Counter()
        self._budget = budget or Budget(_UNBOUNDED)
        self.attempts = 0

    @property
    def retried(self) -> list[str]:
        """What was tried again in this run so far, a line each."""
        return self._budget.retried

    def run(self, work: Callable[[Attempt], T]) -> T:
        """Do `work`, again and again if need be.

        Raises:
            TerraformError: The last failure.
            CancelledError: The run was stopped while it waited.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._may_retry),
            wait=self._delay,
            stop=self._too_late,
            sleep=self._sleep,
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            result: T = retrying(self._once, work)
        except AttemptFailedError as failed:
            raise self._told(failed) from None
        return result

    def _once(self, work: Callable[[Attempt], T]) -> T:
        self.attempts += 1
        remaining = max(1.0, self._deadline - self._clock.monotonic())
        return work(Attempt(number=self.attempts, parallelism=self._parallelism, remaining_seconds=remaining))

    def _may_retry(self, error: BaseException) -> bool:
        if not isinstance(error, AttemptFailedError) or self._stopped():
            return False
        if not error.faults or not all(fault.retryable for fault in error.faults):
            return False
        rules = {fault.rule: fault.attempts for fault in error.faults}
        self._met.update(rules.keys())
        if any(fault.lower_parallelism for fault in error.faults):
            self._parallelism = max(1, self._parallelism // 2)
        return self._budget.left > 0 and all(self._met[rule] <= attempts for rule, attempts in rules.items())

    def _delay(self, state: tenacity.RetryCallState) -> float:
        base = max(fault.delay for fault in _faults(state))
        grown = tenacity.wait_exponential(multiplier=base, max=base * LONGEST_FACTOR)
        return grown(state) + tenacity.wait_random(0, base / 4)(state)

    def _too_late(self, state: tenacity.RetryCallState) -> bool:
        return self._clock.monotonic() + state.upcoming_sleep >= self._deadline

    def _tell(self, state: tenacity.RetryCallState) -> None:
        fault = worst(_faults(state))
        self._budget.left -= 1
        self.retried.append(f"{fault.rule}: {fault.reason}" + _about(fault))
        lower = f", with parallelism {self._parallelism}" if fault.lower_parallelism else ""
        self._say(
            f"{fault.reason}{_about(fault)} Trying again in {state.upcoming_sleep:.0f} s{lower} "
            f"(retry {self.attempts} of this operation; {self._budget.left} left in this run)."
        )

    def _told(self, failed: AttemptFailedError) -> TerraformError:
        """The last failure, with how often it was tried: that is what the record and the comment say."""
        error = failed.error
        if self.attempts > 1:
            error.why = f"{error.why} It was tried {self.attempts} times.".strip()
        return error

    def _sleep(self, seconds: float) -> None:
        left = float(seconds)
        while left > 0:
            if self._stopped():
                raise CancelledError("Terraform was asked to stop while it waited for another try.")
            self._clock.wait(min(left, SLICE_SECONDS))
            left -= SLICE_SECONDS


def _about(fault: Fault) -> str:
    return f" ({fault.resource_type})" if fault.resource_type else ""


def _faults(state: tenacity.RetryCallState) -> tuple[Fault, ...]:
    error = state.outcome.exception() if state.outcome is not None else None
    return error.faults if isinstance(error, AttemptFailedError) else ()
