"""Outcomes as real runs leave them, for tests and for pictures."""

from datetime import UTC, datetime, timedelta

from msgspec import structs

from eod.model.cloud import Certificate, Check, Item, Removal
from eod.model.kube import ApplicationStage, ApplicationStatus
from eod.model.outcome import Outcome, Step, StepState, SweepAction, SweepOutcome
from eod.model.plan import BlockingResource, Loss, MadeKind, PlanSummary, ResourceProgress
from eod.model.pull import PullRequest
from eod.model.record import Failure, Phase, Record
from eod.model.tier import Evidence, Tier, Verdict

START = datetime(2026, 11, 23, 11, 18, 5, tzinfo=UTC)

PULL = PullRequest(
    number=123,
    title="Add the payment service",
    url="https://github.com/acme/shop/pull/123",
    author="octocat",
    open=True,
    merged=False,
    draft=False,
    head_sha="9f1c2ab" + "0" * 33,
    head_ref="payments",
    head_repository="acme/shop",
    base_sha="b" * 40,
    base_ref="main",
    created_at=START,
)

VERDICT = Verdict(
    tier=Tier.FULL,
    capabilities=("dns", "load_balancer", "database", "queue", "storage", "cdn"),
    evidence=(
        Evidence(path="services/payment/app.py", tier=Tier.FULL, rule="payment", reason="payment code"),
        Evidence(path="services/payment/Dockerfile", tier=Tier.FULL, rule="new service", reason="a new service"),
        Evidence(
            path="db/migrations/V42__add_invoice.sql", tier=Tier.DATABASE, rule="migrations", reason="a migration"
        ),
        Evidence(path="web/assets/cart.css", tier=Tier.FRONTEND, rule="assets", reason="interface and assets"),
        Evidence(path="README.md", tier=Tier.NONE, rule="docs", reason="documentation"),
    ),
)

BLOCKING = (
    BlockingResource(
        address="module.preview_env.aws_rds_cluster.main[0]",
        kind="database",
        title="Managed database",
        minutes_low=10,
        minutes_high=15,
        needed_by_application=True,
        hint="Share one cluster and give each environment a schema of its own.",
    ),
    BlockingResource(
        address="module.preview_env.aws_cloudfront_distribution.cdn[0]",
        kind="cdn",
        title="CDN",
        minutes_low=5,
        minutes_high=15,
        needed_by_application=False,
        hint="Use one distribution for all previews, with an origin path for each.",
    ),
)

PLAN_TEXT = """\
Terraform will perform the following actions:

  # module.preview_env.aws_rds_cluster.main[0] will be created
  + resource "aws_rds_cluster" "main" {
      + cluster_identifier = "pr-123"
      + engine             = "aurora-postgresql"
      + master_password    = (sensitive value)
    }

Plan: 13 to add, 0 to change, 0 to destroy.
"""


def at(minutes, seconds=0):
    return START + timedelta(minutes=minutes, seconds=seconds)


def step(name, title, start, end=None, detail="", *, state=None):
    state = state or (StepState.RUNNING if end is None else StepState.DONE)
    return Step(name=name, title=title, state=state, started_at=start, finished_at=end, detail=detail)


CLASSIFY = step("classify", "Choose the tier", START, at(0, 1), "full")
NAMESPACE = step("namespace", "Namespace and guardrails", at(0, 3), at(0, 4), "pr-123")
PLAN_STEP = step("plan", "Terraform plan", at(0, 4), at(0, 31), "13 to add, 0 to change, 0 to destroy")

BASE = Outcome(
    command="up",
    environment="pr-123",
    repository="acme/shop",
    pull=PULL,
    pr_number=123,
    owner="octocat",
    namespace="pr-123",
    hostname="pr-123.acme.dev",
    url="https://pr-123.acme.dev/",
    started_at=START,
    run_url="https://github.com/acme/shop/actions/runs/4711",
    head_sha=PULL.head_sha,
)


def progress(address, kind, state, seconds):
    return ResourceProgress(
        address=f"module.preview_env.{address}",
        type=address.split(".")[0],
        kind=kind,
        action="create",
        state=state,
        elapsed_seconds=seconds,
    )


PROGRESS = (
    progress("aws_s3_bucket.assets", "storage", "complete", 4),
    progress("aws_sqs_queue.payments", "queue", "complete", 26),
    progress("aws_security_group.db", "", "complete", 3),
    progress("aws_rds_cluster.main[0]", "database", "progress", 250),
    progress("aws_cloudfront_distribution.cdn[0]", "cdn", "progress", 240),
    progress("aws_route53_record.www", "dns", "started", 0),
)

FIRST_SECONDS = structs.replace(BASE, steps=(step("classify", "Choose the tier", START),))
STARTING = structs.replace(
    BASE,
    phase=Phase.REQUESTED,
    verdict=VERDICT,
    steps=(CLASSIFY,),
    cost_per_day=50.0,
    expires_at=START + timedelta(hours=24),
)
PLANNING = structs.replace(STARTING, steps=(CLASSIFY, NAMESPACE, step("plan", "Terraform plan", at(0, 4))))
SUMMARY = PlanSummary(
    adds=13,
    blocking=BLOCKING,
    by_kind=(("database", 2), ("cdn", 1), ("queue", 1), ("storage", 3), ("dns", 1)),
    made=(
        MadeKind(
            kind="database",
            title="Managed database",
            count=2,
            minutes_low=10,
            minutes_high=15,
            needed_by_application=True,
            dollars_per_day=2.88,
        ),
        MadeKind(
            kind="cdn",
            title="CDN distribution",
            count=1,
            minutes_low=5,
            minutes_high=15,
            needed_by_application=False,
        ),
        MadeKind(kind="", title="Other", count=10, minutes_low=0, minutes_high=0, needed_by_application=True),
    ),
)
LOSSES = (
    Loss(
        address="module.preview_env.aws_rds_cluster.main[0]",
        title="Managed database",
        replaced=True,
        data=True,
        why="`engine` cannot be changed in place",
    ),
    Loss(address="aws_iam_role.app", title="Identity and permissions", why="no longer in the configuration"),
)
APPLYING = structs.replace(
    PLANNING,
    phase=Phase.PROVISIONING,
    plan=SUMMARY,
    plan_text=PLAN_TEXT,
    progress=PROGRESS,
    steps=(
        CLASSIFY,
        NAMESPACE,
        PLAN_STEP,
        step("apply", "Terraform apply", at(0, 33)),
        step("gates", "What the application needs", at(0, 33)),
    ),
)
SYNCING = structs.replace(
    APPLYING,
    phase=Phase.SYNCING,
    application=ApplicationStatus(
        name="pr-123",
        stage=ApplicationStage.PROGRESSING,
        sync="Synced",
        health="Progressing",
        revision=PULL.head_sha,
        message="2 of 3 replicas of Deployment web are available",
    ),
    steps=(
        CLASSIFY,
        NAMESPACE,
        PLAN_STEP,
        step("apply", "Terraform apply", at(0, 33)),
        step("gates", "What the application needs", at(0, 33), at(11, 40), "complete; 1 more to come"),
        step("sync", "Argo CD sync", at(11, 41)),
    ),
)
COOKING = structs.replace(
    SYNCING,
    phase=Phase.READY,
    ready_seconds=760.0,
    direct_url="http://k8s-pr123-1a2b3c.eu-west-1.elb.amazonaws.com/",
    cooking=("module.preview_env.aws_cloudfront_distribution.cdn[0]",),
    steps=(
        *SYNCING.steps[:-1],
        step("sync", "Argo CD sync", at(11, 41), at(12, 38), "9f1c2ab healthy"),
        step("answer", "The URL answers", at(12, 38), at(12, 40), "by Ingress web"),
    ),
)
READY = structs.replace(
    COOKING,
    cooking=(),
    progress=tuple(structs.replace(one, state="complete") for one in PROGRESS),
    finished_at=at(15, 2),
    steps=(
        CLASSIFY,
        NAMESPACE,
        PLAN_STEP,
        step("apply", "Terraform apply", at(0, 33), at(15, 1), "13 added, 0 changed, 0 destroyed"),
        *COOKING.steps[4:],
    ),
)
UPDATING = structs.replace(
    STARTING, updating=True, phase=Phase.UPDATING, steps=(CLASSIFY, NAMESPACE, PLANNING.steps[2])
)
FAILED = structs.replace(
    APPLYING,
    phase=Phase.FAILED,
    finished_at=at(6),
    steps=(
        CLASSIFY,
        NAMESPACE,
        PLAN_STEP,
        step("apply", "Terraform apply", at(0, 33), at(5, 59), "error", state=StepState.FAILED),
    ),
    failure=Failure(
        step="apply",
        what="Terraform could not create 1 of 13 resources.\n"
        "Error: creating RDS Cluster (pr-123): DBClusterQuotaExceededFault\n"
        "  with module.preview_env.aws_rds_cluster.main[0],\n  on modules/preview/database.tf line 12",
        why="The account has as many database clusters as its quota allows.",
        fix="Close a pull request that is done with, or have the quota raised. Then re-run the job: it goes on "
        "from the state that was saved.",
        at=at(6),
    ),
)
CANCELLED = structs.replace(
    APPLYING,
    phase=Phase.FAILED,
    finished_at=at(6),
    failure=Failure(
        step="apply",
        what="The run was cancelled.",
        why="Someone cancelled the workflow, or a newer run took its place.",
        fix="Re-run the job: it goes on from the record; or close the pull request to tear everything down.",
        at=at(6),
    ),
)
STOPPED = structs.replace(
    PLANNING,
    finished_at=at(1),
    notices=("Stopped: 1234567 was pushed while 9f1c2ab was being provisioned.",),
)
AWAITING = structs.replace(
    APPLYING,
    phase=Phase.AWAITING_APPROVAL,
    progress=(),
    finished_at=at(1),
    steps=(CLASSIFY, NAMESPACE, PLAN_STEP),
    failure=Failure(
        step="approve",
        what="Tier full costs about $50 a day, and the team asks for an approval from $30 a day on.",
        fix="Someone of the team platform approves the run.",
    ),
)
PLANNED = structs.replace(
    APPLYING, phase=None, progress=(), finished_at=at(1), steps=(CLASSIFY, PLAN_STEP), expires_at=None
)
NONE = structs.replace(
    BASE,
    verdict=Verdict(
        tier=Tier.NONE,
        evidence=(Evidence(path="README.md", tier=Tier.NONE, rule="docs", reason="documentation"),),
    ),
    steps=(step("classify", "Choose the tier", START, at(0, 1), "none"),),
    finished_at=at(0, 2),
    cost_per_day=0.0,
    notices=("Nothing that runs has changed, so there is no environment to make.",),
)
FORK = structs.replace(
    BASE,
    pull=structs.replace(PULL, head_repository="mallory/shop"),
    verdict=VERDICT,
    steps=(CLASSIFY,),
    finished_at=at(0, 2),
    cost_per_day=50.0,
    notices=("The code comes from a fork: it gets a verdict, and no environment, plan or credentials.",),
)
DESTROYING = structs.replace(
    BASE,
    command="down",
    pull=None,
    phase=Phase.DESTROYING,
    tier=Tier.FULL,
    progress=(
        structs.replace(PROGRESS[0], action="delete"),
        structs.replace(PROGRESS[4], action="delete", elapsed_seconds=190),
    ),
    steps=(
        step("inventory", "Take stock", START, at(0, 3), "17 found"),
        step("application", "Delete the application", at(0, 3), at(0, 20)),
        step("drain", "Drain load balancers", at(0, 20), at(0, 21), "none left", state=StepState.SKIPPED),
        step("destroy", "Terraform destroy", at(0, 21)),
    ),
)
ITEMS = tuple(
    Item(kind=kind, id=name, environment="pr-123")
    for kind, name in [
        ("application", "pr-123"),
        ("load balancer", "Ingress web"),
        ("cloudfront distribution", "E2QWRUHAPOMQZL"),
        ("rds cluster", "arn:aws:rds:eu-west-1:123456789012:cluster:pr-123"),
        ("s3 bucket", "acme-shop-pr-123-assets"),
        ("sqs queue", "pr-123-payments"),
        ("route 53 record", "pr-123.acme.dev A"),
        ("namespace", "pr-123"),
    ]
)
CERTIFICATE = Certificate(
    environment="pr-123",
    pr_number=123,
    created_at=START - timedelta(hours=30),
    started_at=START,
    issued_at=at(6, 12),
    existed=ITEMS,
    removed=tuple(Removal(item=item, at=at(1 + index // 2, 7 * index)) for index, item in enumerate(ITEMS)),
    checks=(
        Check(name="inventory by tag", ok=True, detail="nothing left"),
        Check(name="namespace", ok=True, detail="nothing left"),
        Check(name="application", ok=True, detail="nothing left"),
    ),
)
DESTROYED = structs.replace(
    DESTROYING,
    phase=Phase.DESTROYED,
    cost_per_day=50.0,
    certificate=CERTIFICATE,
    finished_at=at(6, 13),
    steps=(
        *DESTROYING.steps[:3],
        step("destroy", "Terraform destroy", at(0, 21), at(5, 40), "13 destroyed"),
        step("namespace", "Delete the namespace", at(5, 40), at(6, 2)),
        step("certificate", "Prove that nothing is left", at(6, 2), at(6, 12), "8 removed, nothing left"),
    ),
)
LEFTOVERS = structs.replace(
    DESTROYED,
    phase=Phase.FAILED,
    certificate=structs.replace(
        CERTIFICATE,
        removed=CERTIFICATE.removed[:4],
        remaining=(ITEMS[4],),
        checks=(Check(name="inventory by tag", ok=False, detail="1 left"), *CERTIFICATE.checks[1:]),
    ),
    failure=Failure(
        step="certificate",
        what="1 left of pr-123 after its teardown.\ns3 bucket acme-shop-pr-123-assets",
        why="Something was made outside Terraform and Argo CD, or a deletion has not finished.",
        fix="Re-run the job: a teardown goes on where it ended. What stays needs a person.",
    ),
)
NOTHING = structs.replace(
    DESTROYING,
    phase=Phase.DESTROYED,
    steps=(),
    progress=(),
    tier=None,
    finished_at=at(0, 2),
    notices=("pr-123 does not exist (any more): nothing to do.",),
)
DRY_RUN = structs.replace(
    DESTROYING,
    phase=Phase.READY,
    steps=(),
    progress=(),
    finished_at=at(0, 4),
    notices=tuple(f"Would remove {item.kind} {item.id}" for item in ITEMS),
)

SITUATIONS = {
    "first-seconds": FIRST_SECONDS,
    "starting": STARTING,
    "planning": PLANNING,
    "applying": APPLYING,
    "syncing": SYNCING,
    "cooking": COOKING,
    "ready": READY,
    "updating": UPDATING,
    "failed": FAILED,
    "cancelled": CANCELLED,
    "stopped": STOPPED,
    "awaiting-approval": AWAITING,
    "planned": PLANNED,
    "none": NONE,
    "fork": FORK,
    "destroying": DESTROYING,
    "destroyed": DESTROYED,
    "leftovers": LEFTOVERS,
    "nothing-to-destroy": NOTHING,
    "dry-run": DRY_RUN,
}

SWEEP = SweepOutcome(
    repository="acme/shop",
    dry_run=False,
    started_at=START,
    finished_at=at(8),
    open_pulls=4,
    records=6,
    actions=(
        SweepAction(
            action="teardown",
            environment="pr-101",
            reason="expired",
            detail="its time was over at 2026-11-22 18:00 UTC",
            done=True,
        ),
        SweepAction(
            action="warn", environment="pr-118", reason="expires soon", detail="expires at 13:00", done=True
        ),
        SweepAction(
            action="teardown",
            environment="pr-99",
            reason="closed",
            detail="#99 is not open",
            error="AWS refused: AccessDenied",
        ),
        SweepAction(action="report", environment="stage", reason="orphaned", detail="its name is not one of ours"),
    ),
    certificates=(structs.replace(CERTIFICATE, environment="pr-101"),),
)

RECORD = Record(
    environment="pr-123",
    repository="acme/shop",
    pr_number=123,
    pr_url=PULL.url,
    owner="octocat",
    phase=Phase.READY,
    tier=Tier.FULL,
    head_sha=PULL.head_sha,
    namespace="pr-123",
    hostname="pr-123.acme.dev",
    url="https://pr-123.acme.dev/",
    created_at=START,
    updated_at=START,
    expires_at=START + timedelta(hours=2),
)
