"""What an apply or destroy got done, over all its attempts."""

from collections.abc import Callable
from typing import Final

from eod.model.plan import ApplyResult, ResourceProgress
from eod.terraform.retry import Persistence
from eod.terraform.session import OnProgress
from eod.terraform.transcript import Account

_READ: Final = "read"
"""A data source that is looked up: nothing is made of it, so nobody counts it or waits for it."""


class Tally:
    """Counts over all attempts, from completions: a failed attempt's work counts too."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._started = monotonic()
        self._counts = {"create": 0, "update": 0, "delete": 0}

    def watch(self, on_progress: OnProgress) -> OnProgress:
        """`on_progress`, with all that it is told counted."""

        def watched(progress: ResourceProgress) -> None:
            if progress.state == "complete" and progress.action in self._counts:
                self._counts[progress.action] += 1
            if progress.action != _READ:
                on_progress(progress)

        return watched

    def result(self, account: Account, persistence: Persistence) -> ApplyResult:
        """What all attempts together did."""
        return ApplyResult(
            added=self._counts["create"],
            changed=self._counts["update"],
            destroyed=self._counts["delete"],
            attempts=persistence.attempts,
            retried=tuple(persistence.retried),
            outputs=account.outputs,
            seconds=self._monotonic() - self._started,
        )
