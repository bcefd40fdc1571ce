"""Keeps the estimate true while a run goes on, and what it taught for the next one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from eod.config import ArgoCdMode, Config
from eod.errors import EodError
from eod.forecast import Progress, estimate
from eod.lifecycle.ports import Records
from eod.model.forecast import Estimate, Saving
from eod.model.learned import History
from eod.model.outcome import Outcome, StepState
from eod.model.plan import Plan, ResourceProgress
from eod.model.record import ResourceTime

MOST_DURATIONS: Final = 60
"""A record is read by people; the quickest types are left out."""

_PARALLELISM: Final = 10
"""Terraform's own default."""


class Estimator:
    """Sees each snapshot of a run and says what is left.

    Args:
        config: Says which steps follow the last resource, and how much Terraform does at once.
        plan: What is applied.
        history: How long things took before.
    """

    def __init__(self, config: Config, plan: Plan, history: History) -> None:
        self._graph = plan.graph
        self._history = history
        self._parallelism = _PARALLELISM if config.terraform is None else config.terraform.parallelism
        self._follow = _following(config)
        self._created = {address for node in plan.graph if "create" in node.actions for address in node.addresses}
        self._since: dict[str, datetime] = {}
        self._made: set[str] = set()
        self._savings: tuple[Saving, ...] | None = None

    def __call__(self, outcome: Outcome, now: datetime) -> Estimate:
        """What is left, seen from `now`."""
        for one in outcome.progress:
            self._note(one, now)
        steps = {step.name: step for step in outcome.steps if step.name in self._follow}
        progress = Progress(
            over=frozenset(self._made),
            ages={address: _age(since, now) for address, since in self._since.items()},
            follow=self._follow,
            steps_over=frozenset(name for name, step in steps.items() if step.state is not StepState.RUNNING),
            step_ages={
                name: _age(step.started_at, now) for name, step in steps.items() if step.state is StepState.RUNNING
            },
        )
        found = estimate(
            self._graph,
            self._history,
            progress,
            parallelism=self._parallelism,
            now=now,
            savings=self._savings,
        )
        self._savings = found.savings
        return found

    def _note(self, one: ResourceProgress, now: datetime) -> None:
        """The age is told by our own clock: OpenTofu says but once that a resource goes on."""
        if one.address in self._made:
            return
        if one.state in {"started", "progress"}:
            self._since.setdefault(one.address, now - timedelta(seconds=one.elapsed_seconds))
            return
        self._since.pop(one.address, None)
        if one.state == "complete" and not (one.action == "delete" and one.address in self._created):
            self._made.add(one.address)


def _age(since: datetime, now: datetime) -> float:
    """In seconds; none where the clock was set back meanwhile."""
    return max((now - since).total_seconds(), 0.0)


def read_history(records: Records) -> History:
    """How long things took before, or nothing where that cannot be read: an estimate is worth no failure."""
    try:
        return records.history()
    except EodError:
        return History()


def durations_of(progress: Iterable[ResourceProgress], before: Iterable[ResourceTime]) -> tuple[ResourceTime, ...]:
    """The longest time of each type and action: of this run, or of an earlier one where this run had none."""
    longest = {(one.type, one.action): one.seconds for one in before}
    now: dict[tuple[str, str], float] = {}
    for one in progress:
        if one.state == "complete":
            key = (one.type, one.action)
            now[key] = max(now.get(key, 0.0), one.elapsed_seconds)
    kept = sorted((longest | now).items(), key=lambda item: -item[1])[:MOST_DURATIONS]
    return tuple(
        ResourceTime(type=name, action=action, seconds=seconds) for (name, action), seconds in sorted(kept)
    )


def _following(config: Config) -> tuple[str, ...]:
    sync = () if config.argocd.mode is ArgoCdMode.NONE else ("sync",)
    return (*sync, "answer") if config.readiness.enabled else sync
