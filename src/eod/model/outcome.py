"""What a run has done so far: the one thing that every report is rendered from."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from eod.model.cloud import Certificate, Item
from eod.model.forecast import Estimate
from eod.model.kube import ApplicationStatus
from eod.model.outputs import Outputs
from eod.model.plan import PlanSummary, ResourceProgress
from eod.model.pull import PullRequest
from eod.model.record import Failure, Phase
from eod.model.tier import Overrule, Tier, Verdict


class StepState(StrEnum):
    """How a step stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Step(Struct, frozen=True, kw_only=True):
    """One step of a run. `detail` is one line for a person."""

    name: str
    title: str
    state: StepState
    started_at: datetime
    finished_at: datetime | None = None
    detail: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took, or `None` while it runs."""
        return None if self.finished_at is None else (self.finished_at - self.started_at).total_seconds()


class Outcome(Struct, frozen=True, kw_only=True):
    """A snapshot of one run of `up` or `down` for one environment.

    Every text in it may come from outside and is escaped by whoever renders it. `phase` is `None` when the
    environment has no record (tier `none`, forks). `cooking` is what is still being made although the environment
    is ready. `progress` has each resource once, what changed last at its end. `retries` is what Terraform tried
    again, a sentence each. `forecast` is what was expected before the apply, `estimate` what is left now.
    `outputs` are Terraform's, as the record keeps them.
    `updating` says that the environment existed before this run; `tier`, `overrule` and `comment_id` are what its
    record says.
    """

    command: str
    environment: str
    repository: str
    pull: PullRequest | None = None
    pr_number: int
    owner: str = ""
    phase: Phase | None = None
    verdict: Verdict | None = None
    updating: bool = False
    namespace: str = ""
    hostname: str = ""
    url: str = ""
    direct_url: str = ""
    plan: PlanSummary | None = None
    plan_text: str = ""
    outputs: Outputs | None = None
    forecast: Estimate | None = None
    estimate: Estimate | None = None
    progress: tuple[ResourceProgress, ...] = ()
    application: ApplicationStatus | None = None
    cooking: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    started_at: datetime
    finished_at: datetime | None = None
    ready_seconds: float | None = None
    cost_per_day: float | None = None
    expires_at: datetime | None = None
    certificate: Certificate | None = None
    failure: Failure | None = None
    notices: tuple[str, ...] = ()
    retries: tuple[str, ...] = ()
    run_url: str = ""
    head_sha: str = ""
    tier: Tier | None = None
    overrule: Overrule | None = None
    comment_id: int | None = None


class SweepAction(Struct, frozen=True, kw_only=True):
    """One thing that a sweep does, or would do.

    `action`: teardown, warn, delete-application, delete-namespace or report. `reason`: expired, closed, orphaned,
    stuck or expires soon.
    """

    action: str
    environment: str
    reason: str
    detail: str = ""
    items: tuple[Item, ...] = ()
    done: bool = False
    error: str = ""


class SweepOutcome(Struct, frozen=True, kw_only=True):
    """What a sweep saw and did."""

    repository: str
    dry_run: bool
    started_at: datetime
    finished_at: datetime | None = None
    open_pulls: int = 0
    records: int = 0
    actions: tuple[SweepAction, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    stopped: str = ""
    notices: tuple[str, ...] = ()
