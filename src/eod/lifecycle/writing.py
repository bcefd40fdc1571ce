"""What `up` writes down: every transition of the record, the Deployment's statuses, the moments of the comment."""

from collections.abc import Callable
from datetime import datetime

from msgspec import structs

from eod.errors import CancelledError, EodError
from eod.lifecycle.case import Case
from eod.lifecycle.place import Place
from eod.model.plan import Plan
from eod.model.pull import PullRequest
from eod.model.record import ApplicationRecord, Failure, Phase, Record, TerraformRecord
from eod.model.tier import Tier
from eod.records.machine import move


class Ledger:
    """Writes one environment's story while `up` goes on."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._rooms = case.rooms
        self._journey = case.journey
        self._place = case.place
        self._record: Record | None = None

    def request(self, expires_at: datetime) -> None:
        """Record `requested`: from here on a teardown knows of the environment."""
        pull, verdict = self._case.pull, self._case.verdict
        now = self._rooms.clock.now()

        def decide(record: Record | None) -> Record:
            facts: dict[str, object] = {
                "owner": pull.author,
                "pr_url": pull.url,
                "tier": verdict.tier,
                "capabilities": verdict.capabilities,
                "forced_by": verdict.forced_by,
                "head_sha": pull.head_sha,
                "base_sha": pull.base_sha,
                "hostname": self._place.hostname,
                "url": self._place.url,
                "expires_at": expires_at,
                "warned_at": None,
                "failure": None,
                "run": self._rooms.run,
            }
            if record is None:
                return _new_record(self._place, pull, now, facts)
            to = Phase.UPDATING if record.phase is Phase.READY else Phase.REQUESTED
            return move(record, to, now, **facts)

        self._write(decide, f"{verdict.tier} requested for {pull.head_sha[:7]} by {pull.author}")

    def announce(self) -> None:
        """The first comment and the Deployment, within seconds of the push."""
        self._journey.change(show=True)
        deployment = self._create_deployment()
        if self._record is not None:
            self._record = structs.replace(
                self._record, deployment_id=deployment, comment_id=self._journey.comment_id
            )
        self._deployment("in_progress", f"Provisioning tier {self._case.verdict.tier}")

    def planned(self, plan: Plan, terraform: TerraformRecord | None) -> None:
        """Record the plan and everything that a destroy will need, before anything is created."""
        recorded = None if terraform is None else structs.replace(terraform, plan_digest=plan.digest)
        self.move(
            Phase.PLANNED, f"planned: {plan.summary.line}", plan_summary=plan.summary.line, terraform=recorded
        )

    def syncing(self, application: ApplicationRecord) -> None:
        """Record that Argo CD is at work."""
        self.move(Phase.SYNCING, f"syncing {application.name}", application=application)

    def ready(self) -> None:
        """The environment answers: say so everywhere."""
        now = self._rooms.clock.now()
        outcome = self._journey.outcome
        seconds = round((now - outcome.started_at).total_seconds(), 1)
        self.move(
            Phase.READY,
            f"ready at {self._case.pull.head_sha[:7]} after {seconds:.0f} s",
            ready_at=now,
            ready_seconds=seconds,
            cost_per_day=outcome.cost_per_day,
            steps=self._journey.step_times(),
        )
        self._deployment("success", "Ready", self._place.url)
        self._journey.change(show=True, ready_seconds=seconds)

    def settled(self, applied: bool) -> None:  # noqa: FBT001  # one word that reads well at its only call
        """What was cooking is done: keep the final times."""

        def decide(record: Record | None) -> Record | None:
            if record is None or record.terraform is None:
                return record
            terraform = structs.replace(record.terraform, applied=applied)
            return structs.replace(record, terraform=terraform, steps=self._journey.step_times())

        if self._record is not None and self._record.terraform is not None:
            self._write(decide, "everything complete")

    def failed(self, error: BaseException) -> None:
        """Record `failed` with step and cause, if there is a record by now; a cancel does not break this."""
        failure = self._journey.failure(error)
        cancelled = isinstance(error, CancelledError)
        self._journey.change(failure=failure, phase=Phase.FAILED if self._record else None)
        if self._record is None:
            return
        with self._rooms.signals.shielded():
            try:
                self.move(Phase.FAILED, _failed_message(failure, cancelled=cancelled), failure=failure)
                self._deployment("failure", "Cancelled" if cancelled else f"Failed: {failure.step}")
            except EodError as second:
                self._journey.notice(f"The failure could not be recorded: {second.what}")

    def move(self, phase: Phase, message: str, **changes: object) -> None:
        """Move the record to `phase` and commit it."""
        now = self._rooms.clock.now()
        own = self._record

        def decide(record: Record | None) -> Record:
            if record is None:
                raise _gone(self._place)
            kept = {} if own is None else {"deployment_id": own.deployment_id, "comment_id": own.comment_id}
            return move(record, phase, now, **{**kept, **changes})

        self._write(decide, message)
        self._journey.change(phase=phase)

    def _write(self, decide: Callable[[Record | None], Record | None], message: str) -> None:
        with self._rooms.signals.shielded():
            self._record = self._rooms.records.update(
                self._place.environment, decide, f"{self._place.environment}: {message}"
            )
        if self._record is not None:
            self._journey.change(phase=self._record.phase)

    def _create_deployment(self) -> int | None:
        if not self._case.config.github.deployments:
            return None
        return self._rooms.forge.create_deployment(
            sha=self._case.pull.head_sha,
            environment=self._rooms.github_environment(self._place.environment),
            description=f"Tier {self._case.verdict.tier}",
        )

    def _deployment(self, state: str, description: str, url: str = "") -> None:
        if self._record is None or self._record.deployment_id is None:
            return
        self._rooms.forge.deployment_status(
            self._record.deployment_id,
            state=state,
            url=url,
            log_url=self._rooms.run.url,
            description=description,
        )


def _new_record(place: Place, pull: PullRequest, now: datetime, facts: dict[str, object]) -> Record:
    blank = Record(
        environment=place.environment,
        repository=place.repository,
        pr_number=pull.number,
        pr_url=pull.url,
        owner=pull.author,
        phase=Phase.REQUESTED,
        tier=Tier.NONE,
        head_sha=pull.head_sha,
        namespace=place.namespace,
        hostname=place.hostname,
        url=place.url,
        created_at=now,
        updated_at=now,
    )
    return structs.replace(blank, **facts)


def _failed_message(failure: Failure, *, cancelled: bool) -> str:
    return (
        f"cancelled in {failure.step}"
        if cancelled
        else f"failed in {failure.step}: {failure.what.splitlines()[0]}"
    )


def _gone(place: Place) -> EodError:
    return EodError(
        f"The record of {place.environment} disappeared while this run worked.",
        why="A teardown or a person removed it from the records branch.",
        fix="Re-run the job if the pull request is still open.",
    )
