"""What must go before an apply or destroy can succeed, and is ours to clear away."""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from msgspec import structs

from eod.model.cloud import Item
from eod.model.fault import Clearing
from eod.terraform.faults import Fault
from eod.terraform.problems import AttemptFailedError
from eod.terraform.retry import Attempt

T = TypeVar("T")

ATTEMPTS: Final = 2
"""How often a fault that will not pass by itself is tried again, each time after something was cleared away."""
DELAY_SECONDS: Final = 15.0
"""Services see a deletion seconds later than they took it."""


class Clear(Protocol):
    """Clears away what bears the environment's tags; what it did, a sentence each."""

    def __call__(
        self, what: frozenset[Clearing], *, unknown: Callable[[tuple[Item, ...]], tuple[Item, ...]]
    ) -> tuple[str, ...]:
        """`unknown` tells which items are in no state."""


def clearing(
    work: Callable[[Attempt], T],
    clear: Clear,
    *,
    unknown: Callable[[tuple[Item, ...]], tuple[Item, ...]],
    tell: Callable[[str], None],
) -> Callable[[Attempt], T]:
    """`work`; where something of ours keeps it from being done, that is cleared away and another try is allowed.

    A fault for which nothing could be cleared away stays as it was, and so does every other one: one that will not
    pass still ends the run.
    """

    def once(attempt: Attempt) -> T:
        try:
            return work(attempt)
        except AttemptFailedError as failed:
            what = _ours(failed.faults)
            done = clear(what, unknown=unknown) if what else ()
            if not done:
                raise
            for sentence in done:
                tell(sentence)
            raise AttemptFailedError(
                failed.error, tuple(map(_may_pass, failed.faults)), lock=failed.lock
            ) from None

    return once


def _ours(faults: tuple[Fault, ...]) -> frozenset[Clearing]:
    """Nothing, where another fault ends the run all the same: then nothing is touched either."""
    if any(fault.clears is None and not fault.retryable for fault in faults):
        return frozenset()
    return frozenset(fault.clears for fault in faults if fault.clears is not None)


def _may_pass(fault: Fault) -> Fault:
    if fault.clears is None or fault.retryable:
        return fault
    return structs.replace(fault, attempts=ATTEMPTS, delay=DELAY_SECONDS)
