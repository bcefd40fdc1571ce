"""The shape of `.github/eod.yml`: every key, its type, its default and what it means.

The JSON Schema for editors and the reference in `docs/configuration.md` are generated from this file. Texts with
`{number}`, `{environment}` and the like in them are filled in per environment (see `eod.config.placeholders`).
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from eod.model.tier import Tier

Hours = Annotated[float, Meta(gt=0, le=24 * 365)]


class _Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    pass


class TierSettings(_Section, frozen=True):
    """What environments of one tier get."""

    capabilities: Annotated[
        tuple[str, ...] | None, Meta(description="What it gets of its own; passed as `enable_<capability>`.")
    ] = None
    terraform: Annotated[bool | None, Meta(description="Whether Terraform runs for this tier.")] = None
    ttl_hours: Annotated[Hours | None, Meta(description="Hours until the sweep removes it.")] = None
    variables: Annotated[dict[str, object], Meta(description="Terraform variables for this tier only.")] = {}
    cost_per_day: Annotated[float | None, Meta(ge=0, description="US dollars a day, shown to reviewers.")] = None


class Rule(_Section, frozen=True):
    """Changed files that match one of `paths` ask for `tier`. Patterns are those of `.gitignore`."""

    paths: Annotated[tuple[str, ...], Meta(min_length=1, description="gitignore patterns.")]
    tier: Annotated[Tier, Meta(description="The tier that a match asks for.")]
    reason: Annotated[str, Meta(description="Shown to the reader beside each file that matched.")] = ""
    name: Annotated[str, Meta(description="The rule's name in the evidence; default: its first pattern.")] = ""


class Labels(_Section, frozen=True):
    """Labels on the pull request that people steer with."""

    prefix: Annotated[str, Meta(min_length=1, description="`<prefix><tier>` forces that tier.")] = "eod/tier: "
    skip: Annotated[str, Meta(description="With this label the pull request gets no environment.")] = "eod/skip"
    keep: Annotated[str, Meta(description="With this label the sweep lets the TTL pass.")] = "eod/keep"


class Terraform(_Section, frozen=True):
    """Where the root module lies and how it is run."""

    directory: Annotated[str, Meta(min_length=1, description="The root module, from the repository's root.")]
    binary: Annotated[str, Meta(min_length=1, description="`terraform`, `tofu` or a path.")] = "terraform"
    backend: Annotated[
        dict[str, str | bool | int],
        Meta(description="Settings of the backend block, as `-backend-config`; texts take placeholders."),
    ] = {}
    state_key: Annotated[
        str, Meta(min_length=1, description="Where each environment's state lies; must contain `{environment}`.")
    ] = "eod/{repository}/{environment}.tfstate"
    variables: Annotated[
        dict[str, object], Meta(description="Terraform variables for every tier; texts take placeholders.")
    ] = {}
    parallelism: Annotated[int, Meta(ge=1, le=256, description="Terraform's `-parallelism`.")] = 20
    lock_timeout_seconds: Annotated[int, Meta(ge=0, le=3600, description="How long to wait for a state lock.")] = (
        120
    )
    timeout_minutes: Annotated[
        float, Meta(gt=0, le=360, description="After this an apply is stopped gracefully.")
    ] = 60
    allow_local_state: Annotated[
        bool, Meta(description="Run without a remote backend. On a hosted runner the state would be lost.")
    ] = False
    gates: Annotated[
        dict[str, bool],
        Meta(description="Address pattern (`*` wildcards) → whether the application needs that resource."),
    ] = {}


class ArgoCdMode(StrEnum):
    """Who makes the Application."""

    APPLICATION = "application"
    APPLICATION_SET = "applicationset"
    NONE = "none"


class ArgoCd(_Section, frozen=True):
    """How the application is delivered."""

    mode: Annotated[
        ArgoCdMode,
        Meta(description="`application`: we make it; `applicationset`: a pull-request generator does; `none`."),
    ] = ArgoCdMode.APPLICATION
    name: Annotated[str, Meta(min_length=1, description="The Application's name.")] = "{environment}"
    namespace: Annotated[str, Meta(min_length=1, description="The namespace that Argo CD watches.")] = "argocd"
    application_set: Annotated[str, Meta(description="The ApplicationSet to refresh in that mode.")] = ""
    project: Annotated[str, Meta(min_length=1, description="The AppProject.")] = "default"
    destination_server: Annotated[str, Meta(min_length=1)] = "https://kubernetes.default.svc"
    source: Annotated[
        dict[str, object],
        Meta(
            description="Argo CD's `spec.source` (camelCase keys); texts take placeholders. `repoURL`, `path` and "
            "`targetRevision` default to this repository, `deploy` and the pull request's head."
        ),
    ] = {}
    sync_options: Annotated[tuple[str, ...], Meta(description="Argo CD's `syncOptions`.")] = (
        "ServerSideApply=true",
    )
    timeout_minutes: Annotated[float, Meta(gt=0, le=360, description="How long to wait for healthy.")] = 15
    hold_seconds: Annotated[float, Meta(ge=0, le=600, description="How long healthy must hold.")] = 3


class Readiness(_Section, frozen=True):
    """When an environment counts as usable."""

    path: Annotated[str, Meta(pattern="^/", description="The path that is asked.")] = "/"
    status: Annotated[tuple[int, ...], Meta(min_length=1, description="Statuses that count as an answer.")] = (
        200,
    )
    scheme: Annotated[str, Meta(pattern="^https?$", description="Of the environment's URL.")] = "https"
    direct_scheme: Annotated[str, Meta(pattern="^https?$", description="By load-balancer address.")] = "http"
    timeout_minutes: Annotated[float, Meta(gt=0, le=120, description="How long to wait for the answer.")] = 10
    enabled: Annotated[bool, Meta(description="Whether the URL is asked at all.")] = True


class Guardrails(_Section, frozen=True):
    """Limits of the namespace. Quantities as Kubernetes writes them."""

    cpu: Annotated[str, Meta(min_length=1, description="CPU of all pods together.")] = "2"
    memory: Annotated[str, Meta(min_length=1, description="Memory of all pods together.")] = "4Gi"
    container_cpu: Annotated[str, Meta(min_length=1, description="Default limit of a container.")] = "250m"
    container_memory: Annotated[str, Meta(min_length=1, description="Default limit of a container.")] = "256Mi"
    network_policy: Annotated[bool, Meta(description="Deny traffic from other namespaces.")] = True
    allow_from: Annotated[
        tuple[str, ...], Meta(description="Namespaces that may reach it, for instance the ingress controller's.")
    ] = ("ingress-nginx", "istio-system", "kube-system")
    istio: Annotated[bool, Meta(description="Label the namespace for sidecar injection.")] = False


class Ttl(_Section, frozen=True):
    """How long environments live."""

    hours: Annotated[Hours, Meta(description="From the last push, where a tier says nothing else.")] = 24
    warn_hours: Annotated[float, Meta(ge=0, description="Warn in the pull request so long before.")] = 2


class Limits(_Section, frozen=True):
    """Brakes."""

    environments: Annotated[int, Meta(ge=0, description="At most so many at once; 0: no limit.")] = 0
    sweep_deletions: Annotated[int, Meta(ge=1, description="More teardowns in one sweep stop it.")] = 20
    sweep_share: Annotated[
        float,
        Meta(gt=0, le=1, description="A sweep that would remove more than this share of all (and over 5) stops."),
    ] = 0.8
    teardown_minutes: Annotated[float, Meta(gt=0, le=360, description="How long one teardown may take.")] = 60


class Records(_Section, frozen=True):
    """Where the records are kept."""

    branch: Annotated[str, Meta(min_length=1, description="A branch of its own.")] = "eod/environments"
    directory: Annotated[str, Meta(min_length=1, description="The folder on that branch.")] = (
        "environments/preview"
    )
    remote: Annotated[str, Meta(description="Another repository (URL or path); default: this one.")] = ""


class Cdn(_Section, frozen=True):
    """What happens with a CDN that environments share."""

    shared_distribution: Annotated[str, Meta(description="Distribution whose origin path is per environment.")] = (
        ""
    )
    invalidation_path: Annotated[str, Meta(description="Path to invalidate at teardown.")] = "/{environment}/*"
    bucket: Annotated[str, Meta(description="Bucket behind it, purged under `prefix` at teardown.")] = ""
    prefix: Annotated[str, Meta(description="Prefix to purge.")] = "{environment}/"


class Aws(_Section, frozen=True):
    """What we do in AWS beside Terraform."""

    enabled: Annotated[bool | None, Meta(description="Inventory and CDN; default: whether Terraform runs.")] = None
    region: Annotated[str, Meta(description="Default: the environment's AWS_REGION.")] = ""
    regions: Annotated[tuple[str, ...], Meta(description="Further regions for the inventory.")] = ()
    hosted_zone: Annotated[str, Meta(description="Zone to search for records of the environment's host.")] = ""
    tag_prefix: Annotated[str, Meta(min_length=1, description="Prefix of our tags.")] = "environment.on-demand/"
    tags: Annotated[
        dict[str, str], Meta(description="Further cost-allocation tags; texts take placeholders.")
    ] = {}
    cdn: Cdn = Cdn()


class GitHub(_Section, frozen=True):
    """What the pull request shows."""

    comment: Annotated[bool, Meta(description="Keep one comment on the pull request.")] = True
    deployments: Annotated[bool, Meta(description="Keep a Deployment with its URL.")] = True
    environment: Annotated[str, Meta(min_length=1, description="The Deployment's environment.")] = (
        "preview/{environment}"
    )
    drafts: Annotated[bool, Meta(description="Whether draft pull requests get an environment.")] = True


class Config(_Section, frozen=True):
    """The whole file. `domain` and, where Terraform is used, `terraform.directory` are enough."""

    domain: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$",
            description="Environments answer at `<name>.<domain>`.",
        ),
    ]
    name: Annotated[str, Meta(description="Name of environment and namespace; must contain `{number}`.")] = (
        "pr-{number}"
    )
    tiers: Annotated[dict[Tier, TierSettings], Meta(description="Changes to the built-in tiers.")] = {}
    default_tier: Annotated[
        Tier | None, Meta(description="What a file that no rule matches asks for; default: `full`.")
    ] = None
    rules: Annotated[
        tuple[Rule, ...], Meta(description="Rules before the built-in ones; the first match counts.")
    ] = ()
    ignore: Annotated[tuple[str, ...], Meta(description="gitignore patterns of files that never matter.")] = ()
    labels: Labels = Labels()
    shared: Annotated[
        dict[str, object], Meta(description="Handles of shared resources, passed as `shared_<key>`.")
    ] = {}
    terraform: Terraform | None = None
    argocd: ArgoCd = ArgoCd()
    readiness: Readiness = Readiness()
    guardrails: Guardrails = Guardrails()
    ttl: Ttl = Ttl()
    limits: Limits = Limits()
    records: Records = Records()
    aws: Aws = Aws()
    github: GitHub = GitHub()
