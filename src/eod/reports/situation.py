"""Which of the situations that a pull request can be in a run has reached."""

from enum import StrEnum

from eod.model.outcome import Outcome, StepState
from eod.model.record import Phase
from eod.model.tier import Tier

CANCELLED = "The run was cancelled"
"""How the failure of a cancelled run begins (`eod.interrupts`)."""


class Situation(StrEnum):
    """What the reader of a pull request should be told."""

    STARTING = "starting"
    PLANNING = "planning"
    APPLYING = "applying"
    SYNCING = "syncing"
    COOKING = "cooking"
    READY = "ready"
    AWAITING_APPROVAL = "awaiting-approval"
    PLANNED = "planned"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"
    NO_ENVIRONMENT = "no-environment"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"
    NOTHING_TO_DESTROY = "nothing-to-destroy"
    DRY_RUN = "dry-run"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen in this run."""
        return self not in _UNDER_WAY


_UNDER_WAY = frozenset(
    {
        Situation.STARTING,
        Situation.PLANNING,
        Situation.APPLYING,
        Situation.SYNCING,
        Situation.COOKING,
        Situation.DESTROYING,
    }
)


def situation_of(outcome: Outcome) -> Situation:
    """The situation of a snapshot."""
    if outcome.phase is Phase.AWAITING_APPROVAL:
        return Situation.AWAITING_APPROVAL
    if outcome.failure is not None:
        cancelled = outcome.failure.what.startswith(CANCELLED)
        return Situation.CANCELLED if cancelled else Situation.FAILED
    if outcome.command == "down":
        return _of_down(outcome)
    if outcome.phase is Phase.READY and outcome.ready_seconds is not None:
        return Situation.COOKING if outcome.cooking else Situation.READY
    return _of_finished(outcome) if outcome.finished_at is not None else _under_way(outcome)


def _of_down(outcome: Outcome) -> Situation:
    if outcome.phase is Phase.DESTROYED:
        return Situation.NOTHING_TO_DESTROY if outcome.certificate is None else Situation.DESTROYED
    return Situation.DESTROYING if outcome.finished_at is None else Situation.DRY_RUN


def _of_finished(outcome: Outcome) -> Situation:
    if outcome.phase in {None, Phase.READY, Phase.FAILED} or outcome.command != "up":
        if outcome.plan is not None and not _none(outcome):
            return Situation.PLANNED
        return Situation.NO_ENVIRONMENT
    return Situation.STOPPED


def _none(outcome: Outcome) -> bool:
    return outcome.verdict is not None and outcome.verdict.tier is Tier.NONE


def _under_way(outcome: Outcome) -> Situation:
    running = {step.name for step in outcome.steps if step.state is StepState.RUNNING}
    begun = {step.name for step in outcome.steps}
    if outcome.phase is Phase.SYNCING or begun & {"sync", "answer"}:
        return Situation.SYNCING
    if "apply" in begun or "gates" in begun:
        return Situation.APPLYING
    if "plan" in running:
        return Situation.PLANNING
    return Situation.STARTING
