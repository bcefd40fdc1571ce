"""What `up` writes down: every transition of the record, the Deployment's statuses, the moments of the comment."""

from collections.abc import Callable
from datetime import datetime

from msgspec import structs

from eod.errors import CancelledError, EodError
from eod.lifecycle.background import Background
from eod.lifecycle.case import Case
from eod.lifecycle.estimating import durations_of
from eod.lifecycle.made import application_recorded, cloud_recorded, same_application
from eod.lifecycle.place import Place
from eod.lifecycle.turn import MovedMeanwhile, require_ours, unchanged
from eod.lifecycle.unended import unended_of
from eod.lifecycle.untagged import names_of
from eod.model.plan import Plan
from eod.model.pull import PullRequest
from eod.model.record import ApplicationRecord, Failure, Lease, Phase, Record, TerraformRecord
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
        self._beside: Background[None] | None = None
        self._learned: dict[str, object] = {}
        """What was found out since the last transition; the next one writes it."""

    @property
    def application(self) -> ApplicationRecord | None:
        """The Application that the record knows of."""
        return None if self._record is None else self._record.application

    def request(self, expires_at: datetime) -> None:
        """Record `requested` and take the lease: from here on a teardown knows of the environment.

        Raises:
            MovedMeanwhile: Another run was faster.
        """
        pull, verdict = self._case.pull, self._case.verdict
        now = self._rooms.clock.now()

        def decide(record: Record | None) -> Record:
            if not unchanged(self._case.existing, record):
                raise MovedMeanwhile
            facts: dict[str, object] = {
                "owner": pull.author,
                "pr_url": pull.url,
                "tier": verdict.tier,
                "capabilities": verdict.capabilities,
                "forced_by": verdict.forced_by,
                "overrule": verdict.overrule,
                "head_sha": pull.head_sha,
                "base_sha": pull.base_sha,
                "hostname": self._place.hostname,
                "url": self._place.url,
                "expires_at": expires_at,
                "warned_at": None,
                "failure": None,
                "application": self._application_of(record),
                "cloud": cloud_recorded(self._rooms.cloud, None if record is None else record.cloud),
                "run": self._rooms.run,
                "lease": self._lease(now),
                "unended": unended_of(record),
            }
            if record is None:
                return _new_record(self._place, pull, now, facts)
            to = Phase.UPDATING if record.phase is Phase.READY else Phase.REQUESTED
            return move(record, to, now, **facts)

        self._write(decide, f"{verdict.tier} requested for {pull.head_sha[:7]} by {pull.author}")

    def announce(self) -> None:
        """The first comment and the Deployment, within seconds of the push."""
        self._journey.change(show=True)
        self._learned |= {"deployment_id": self._create_deployment(), "comment_id": self._journey.comment_id}
        self._deployment("in_progress", f"Provisioning tier {self._case.verdict.tier}")

    def learned(self, **facts: object) -> None:
        """Keep what was found out for the next transition."""
        self._learned |= facts

    def raised(self, case: Case, expires_at: datetime) -> None:
        """Go on with the tier that the plan raised the verdict to; the next transition writes it."""
        self._case = case
        self.learned(tier=case.verdict.tier, capabilities=case.verdict.capabilities, expires_at=expires_at)

    def planned(self, plan: Plan, terraform: TerraformRecord | None) -> None:
        """Record the plan and everything that a destroy will need, before anything is created."""
        before = None if self._record is None else self._record.terraform
        names = names_of(plan, () if before is None else before.names)
        recorded = None if terraform is None else structs.replace(terraform, plan_digest=plan.digest, names=names)
        tier = f" at tier {self._case.verdict.tier}" if "tier" in self._learned else ""
        self.move(
            Phase.PLANNED,
            f"planned{tier}: {plan.summary.line}",
            plan_summary=plan.summary.line,
            terraform=recorded,
        )

    def provisioning(self) -> None:
        """Record `provisioning` beside what is being provisioned: the record knows of all of it already."""
        before = self._beside

        def work() -> None:
            if before is not None:
                before.result()
            self._move(Phase.PROVISIONING, "provisioning")

        self._beside = Background(work, "record-provisioning")

    def syncing(self, application: ApplicationRecord) -> None:
        """Record that Argo CD is at work."""
        self.move(Phase.SYNCING, f"syncing {application.name}", application=application)

    def ready(self, *, applied: bool | None) -> None:
        """The environment answers: say so everywhere.

        Args:
            applied: Whether the plan was applied; `None` while something of it is still cooking: then the lease is
                kept until `settled`.
        """
        now = self._rooms.clock.now()
        outcome = self._journey.outcome
        seconds = round((now - outcome.started_at).total_seconds(), 1)
        self.move(
            Phase.READY,
            f"ready at {self._case.pull.head_sha[:7]} after {seconds:.0f} s",
            ready_at=now,
            ready_seconds=seconds,
            cost_per_day=outcome.cost_per_day,
            **self._times(),
            **({} if applied is None else self._all_done(applied)),
        )
        self._deployment("success", "Ready", self._place.url)
        self._journey.change(show=True, ready_seconds=seconds)

    def settled(self, *, applied: bool) -> None:
        """What was cooking is done: keep the final times and give the lease back."""

        def decide(record: Record | None) -> Record | None:
            if record is None:
                return None
            require_ours(record, self._rooms.run)
            return structs.replace(record, **self._learned, **self._times(), **self._all_done(applied))

        if self._record is not None:
            self._write(decide, "everything complete")

    def failed(self, error: BaseException, *, busy: bool) -> None:
        """Record `failed` with step and cause, if there is a record by now; a cancel does not break this.

        Args:
            error: The cause.
            busy: Whether Terraform is still at work: then the lease is kept, and the drain step gives it back.
        """
        failure = self._journey.failure(error)
        cancelled = isinstance(error, CancelledError)
        self._journey.change(failure=failure, phase=Phase.FAILED if self._record else None)
        if self._record is None:
            return
        kept: dict[str, object] = {"unended": unended_of(self._record, self._rooms.run)}
        if not busy:
            kept["lease"] = None
        with self._rooms.signals.shielded():
            try:
                self._join(quietly=True)
                self._move(Phase.FAILED, _failed_message(failure, cancelled=cancelled), failure=failure, **kept)
                self._deployment("failure", "Cancelled" if cancelled else f"Failed: {failure.step}")
            except EodError as second:
                self._journey.notice(f"The failure could not be recorded: {second.what}")

    def give_back(self) -> None:
        """Give the lease back, if there is one: this run leaves the environment as it is."""

        def decide(record: Record | None) -> Record | None:
            if record is None or record.lease is None or record.lease.run != self._rooms.run:
                return record
            return structs.replace(record, **{**self._learned, "lease": None, "unended": unended_of(record)})

        self._join(quietly=True)
        if self._record is not None:
            self._write(decide, "left to a newer commit's run")

    def move(self, phase: Phase, message: str, **changes: object) -> None:
        """Move the record to `phase` and commit it."""
        self._join()
        self._move(phase, message, **changes)

    def _move(self, phase: Phase, message: str, **changes: object) -> None:
        now = self._rooms.clock.now()
        learned = dict(self._learned)

        def decide(record: Record | None) -> Record:
            if record is None:
                raise _gone(self._place)
            require_ours(record, self._rooms.run)
            return move(record, phase, now, **{"lease": self._lease(now), **learned, **changes})

        self._write(decide, message)
        self._journey.change(phase=phase)

    def _join(self, *, quietly: bool = False) -> None:
        """Wait for what is written beside, lest a later transition overtakes it."""
        beside, self._beside = self._beside, None
        if beside is None:
            return
        beside.wait()
        if not quietly:
            beside.result()

    def _times(self) -> dict[str, object]:
        """What this run taught of how long things take."""
        before = () if self._record is None else self._record.durations
        return {
            "steps": self._journey.step_times(),
            "durations": durations_of(self._journey.outcome.progress, before),
        }

    def _write(self, decide: Callable[[Record | None], Record | None], message: str) -> None:
        with self._rooms.signals.shielded():
            self._record = self._rooms.records.update(
                self._place.environment, decide, f"{self._place.environment}: {message}"
            )
        if self._record is not None:
            self._journey.change(phase=self._record.phase)

    def _lease(self, now: datetime) -> Lease:
        return Lease(run=self._rooms.run, since=now)

    def _application_of(self, record: Record | None) -> ApplicationRecord | None:
        """What the record should know before it is made. One made elsewhere is kept until it was deleted there."""
        former = None if record is None else record.application
        ours = application_recorded(self._case)
        return former if former is not None and not same_application(former, ours) else ours

    def _all_done(self, applied: bool) -> dict[str, object]:  # noqa: FBT001  # a fact that is handed on
        terraform = None if self._record is None else self._record.terraform
        done: dict[str, object] = {"lease": None, "unended": (), "retries": self._journey.outcome.retries}
        return done if terraform is None else done | {"terraform": structs.replace(terraform, applied=applied)}

    def _create_deployment(self) -> int | None:
        if not self._case.config.github.deployments:
            return None
        return self._rooms.forge.create_deployment(
            sha=self._case.pull.head_sha,
            environment=self._rooms.github_environment(self._place.environment),
            description=f"Tier {self._case.verdict.tier}",
        )

    def _deployment(self, state: str, description: str, url: str = "") -> None:
        deployment = self._learned.get("deployment_id")
        if not isinstance(deployment, int):
            return
        self._rooms.forge.deployment_status(
            deployment, state=state, url=url, log_url=self._rooms.run.url, description=description
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
