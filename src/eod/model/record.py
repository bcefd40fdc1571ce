"""The environment's record: what is kept in Git of an environment, from its first second to its certificate."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from eod.model.outputs import Outputs
from eod.model.tier import Overrule, Tier

SCHEMA_VERSION = 1


class Phase(StrEnum):
    """Where an environment is in its life."""

    REQUESTED = "requested"
    PLANNED = "planned"
    AWAITING_APPROVAL = "awaiting-approval"
    PROVISIONING = "provisioning"
    SYNCING = "syncing"
    READY = "ready"
    UPDATING = "updating"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"
    FAILED = "failed"


class TerraformRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that a later `destroy` needs, and no secret: never what the pull request says by then.

    `names` (`type name`) are of what no listing of tags shows for certain.
    """

    commit: str
    directory: str
    backend: dict[str, str] = {}
    variables: dict[str, object] = {}
    tags: dict[str, str] = {}
    applied: bool = False
    plan_digest: str = ""
    names: tuple[str, ...] = ()


class ApplicationRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The Argo CD application of an environment."""

    name: str
    namespace: str
    mode: str
    application_set: str = ""
    revision: str = ""


class Failure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The step that failed, and the cause in the words that the user saw."""

    step: str
    what: str
    why: str = ""
    fix: str = ""
    at: datetime | None = None


class Run(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The workflow run that wrote the record last.

    `machine` is the mark of where it ran, `holder` of the user there, as locks name both (`eod.model.lock`).
    `began` is when this process of it did, by that machine's clock.
    """

    id: str = ""
    attempt: int = 1
    url: str = ""
    actor: str = ""
    machine: str = ""
    holder: str = ""
    began: datetime | None = None


class Lease(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is at work on the environment, and since which transition: others wait, or leave it alone."""

    run: Run
    since: datetime


class SharedCdn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a teardown cleans of a CDN that environments share; the texts may hold `{environment}`."""

    shared_distribution: str = ""
    invalidation_path: str = ""
    bucket: str = ""
    prefix: str = ""


class CloudRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the environment's cloud resources were made, and how they are found again.

    `sdk_region` is what the environment told the SDKs then (`AWS_REGION`): Terraform's provider and backend read
    it.
    """

    region: str
    sdk_region: str = ""
    regions: tuple[str, ...] = ()
    tag_prefix: str
    hosted_zone: str = ""
    cdn: SharedCdn = SharedCdn()


class StepTime(Struct, frozen=True, kw_only=True):
    """How long one step took, in seconds: the history that estimates are made from."""

    step: str
    seconds: float


class ResourceTime(Struct, frozen=True, kw_only=True):
    """How long Terraform took for a resource of this type, in seconds: of all that one apply did, the longest."""

    type: str
    action: str
    seconds: float


class Record(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One environment. Written to `environments/preview/<environment>.yaml` on the records branch.

    `retries` says what the last run of Terraform tried again, and how often. `outputs` are those of the last apply
    that succeeded, or found nothing to do; `None` where none did, or where they are not known.
    """

    schema: int = SCHEMA_VERSION
    environment: str
    repository: str
    pr_number: int
    pr_url: str
    owner: str
    phase: Phase
    tier: Tier
    capabilities: tuple[str, ...] = ()
    forced_by: str | None = None
    overrule: Overrule | None = None
    head_sha: str
    base_sha: str = ""
    namespace: str
    hostname: str
    url: str
    created_at: datetime
    updated_at: datetime
    ready_at: datetime | None = None
    expires_at: datetime | None = None
    warned_at: datetime | None = None
    terraform: TerraformRecord | None = None
    application: ApplicationRecord | None = None
    cloud: CloudRecord | None = None
    cluster: str = ""
    deployment_id: int | None = None
    comment_id: int | None = None
    plan_summary: str = ""
    outputs: Outputs | None = None
    ready_seconds: float | None = None
    cost_per_day: float | None = None
    steps: tuple[StepTime, ...] = ()
    retries: tuple[str, ...] = ()
    durations: tuple[ResourceTime, ...] = ()
    failure: Failure | None = None
    run: Run = Run()
    lease: Lease | None = None
    repairs: tuple[str, ...] = ()
    """What the newest run repaired of what earlier ones left behind, or cleared away, a line each."""
    unended: tuple[Run, ...] = ()
    """Earlier runs that failed or vanished: what they left behind is looked for by the next one."""
