"""The shape of `.github/eod.yml`: every key, its type, its default and what it means.

The JSON Schema for editors and the reference in `docs/configuration.md` are generated from this file. Texts with
`{number}`, `{environment}` and the like in them are filled in per environment (see `eod.config.placeholders`);
`extra` says in which, and says in words what a pattern expects.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from eod.config.placeholders import KNOWN
from eod.model.fault import FaultClass, Operation
from eod.model.tier import Tier

_ALL = tuple(KNOWN)
_NAME_ONLY = ("environment", "name")

Hours = Annotated[float, Meta(gt=0, le=24 * 365)]
Money = Annotated[float, Meta(ge=0)]
Text = Annotated[str, Meta(min_length=1)]
QUANTITY_PATTERN = r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?$"
Quantity = Annotated[
    str,
    Meta(
        pattern=QUANTITY_PATTERN,
        extra={"expected": "a quantity as Kubernetes writes it, such as `500m` or `4Gi`"},
    ),
]
Status = Annotated[int, Meta(ge=100, le=599)]
Variables = Annotated[dict[str, object], Meta(extra={"placeholders": _ALL, "keys": "variable"})]
Capability = Annotated[
    str,
    Meta(
        pattern="^[a-z][a-z0-9]*([_-][a-z0-9]+)*$",
        extra={"expected": "a capability's name in lower case, such as `database` or `load_balancer`"},
    ),
]


class _Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    pass


class TierSettings(_Section, frozen=True):
    """What environments of one tier get."""

    capabilities: Annotated[
        tuple[Capability, ...] | None,
        Meta(description="What it gets of its own; passed as `enable_<capability>`."),
    ] = None
    terraform: Annotated[bool | None, Meta(description="Whether Terraform runs for this tier.")] = None
    ttl_hours: Annotated[Hours | None, Meta(description="Hours until the sweep removes it.")] = None
    variables: Annotated[
        Variables, Meta(description="Terraform variables for this tier only; texts take placeholders.")
    ] = {}
    cost_per_day: Annotated[Money | None, Meta(description="US dollars a day, shown to reviewers.")] = None


class Rule(_Section, frozen=True):
    """Changed files that match one of `paths` ask for `tier`. Patterns are those of `.gitignore`."""

    paths: Annotated[tuple[Text, ...], Meta(min_length=1, description="gitignore patterns.")]
    tier: Annotated[Tier, Meta(description="The tier that a match asks for.")]
    reason: Annotated[str, Meta(description="Shown to the reader beside each file that matched.")] = ""
    name: Annotated[str, Meta(description="The rule's name in the evidence; default: its first pattern.")] = ""


class Critical(_Section, frozen=True):
    """What must never be tried with shared resources, whatever the built-in rules make of it."""

    paths: Annotated[
        tuple[Text, ...], Meta(description="gitignore patterns of files that ask for `full` whenever they run.")
    ] = ()
    owners: Annotated[
        tuple[Text, ...],
        Meta(description="Owners as CODEOWNERS writes them (`@org/payments`): what they own asks for `full`."),
    ] = ()


class Words(_Section, frozen=True):
    """Words that make a changed file sensitive, in its path or in its changed lines."""

    add: Annotated[tuple[Text, ...], Meta(description="Further words; a final `*` stands for the rest.")] = ()
    remove: Annotated[tuple[Text, ...], Meta(description="Built-in words that mean something else here.")] = ()


class Mismatch(StrEnum):
    """What happens when a plan holds more than the verdict's tier allows."""

    RAISE = "raise"
    FAIL = "fail"


class Permission(StrEnum):
    """Permissions on a repository, as GitHub names its roles, from weak to strong."""

    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"


class Overrule(_Section, frozen=True):
    """When people and plans overrule the verdict."""

    permission: Annotated[
        Permission, Meta(description="What somebody needs to force a tier below `full` where `full` was found.")
    ] = Permission.MAINTAIN
    plan: Annotated[
        Mismatch,
        Meta(description="A plan that holds more than the tier allows: `raise` the tier, or `fail`."),
    ] = Mismatch.RAISE


class Level(StrEnum):
    """What follows from something that a policy finds in a plan."""

    REFUSE = "refuse"
    WARN = "warn"
    OFF = "off"


class Policy(_Section, frozen=True):
    """What a plan may not hold. Only what it creates or updates counts."""

    public_storage: Annotated[
        Level,
        Meta(description="Object storage that everybody can reach: `refuse` the plan, `warn`, or `off`."),
    ] = Level.REFUSE
    allow_public: Annotated[
        tuple[Text, ...],
        Meta(description="Addresses of resources that may be public; `*` stands for any characters."),
    ] = ()


class Labels(_Section, frozen=True):
    """Labels on the pull request that people steer with."""

    prefix: Annotated[str, Meta(min_length=1, description="`<prefix><tier>` forces that tier.")] = "eod/tier: "
    skip: Annotated[str, Meta(description="With this label the pull request gets no environment.")] = "eod/skip"
    keep: Annotated[str, Meta(description="With this label the sweep lets the TTL pass.")] = "eod/keep"


class Fault(_Section, frozen=True):
    """A rule of one's own about failures of Terraform; asked before the built-in ones, the first that fits."""

    pattern: Annotated[
        str,
        Meta(
            min_length=1,
            description="Regular expression that is found in the message: case is ignored, all white space is one "
            "blank. No repeated groups, no look-around.",
        ),
    ]
    fault_class: Annotated[FaultClass, Meta(description="What to make of it; see `docs/terraform.md`.")] = field(
        name="class"
    )
    reason: Annotated[Text, Meta(description="Said to whoever reads the failure or the retry.")]
    attempts: Annotated[
        Annotated[int, Meta(ge=0, le=20)] | None,
        Meta(
            description="Further tries; only of what may pass (`transient`, `conflict`, `replan`); there 2.",
        ),
    ] = None
    delay_seconds: Annotated[
        float, Meta(gt=0, le=1800, description="Wait before the first of them; doubled each time.")
    ] = 60
    types: Annotated[
        tuple[Text, ...], Meta(description="Only for resources of these types (`*` wildcards); default: all.")
    ] = ()
    operations: Annotated[tuple[Operation, ...], Meta(description="Only while doing these; default: all.")] = ()


class Terraform(_Section, frozen=True):
    """Where the root module lies and how it is run."""

    directory: Annotated[
        str,
        Meta(
            min_length=1,
            description="The root module, from the repository's root; takes placeholders.",
            extra={"placeholders": _ALL},
        ),
    ]
    binary: Annotated[str, Meta(min_length=1, description="`terraform`, `tofu` or a path.")] = "terraform"
    backend: Annotated[
        dict[str, str | bool | int],
        Meta(
            description="Settings of the backend block, as `-backend-config`; texts take placeholders.",
            extra={"placeholders": _ALL},
        ),
    ] = {}
    state_key: Annotated[
        str,
        Meta(
            min_length=1,
            description="Where each environment's state lies; must contain `{environment}`.",
            extra={"placeholders": _ALL},
        ),
    ] = "eod/{repository}/{environment}.tfstate"
    variables: Annotated[
        Variables, Meta(description="Terraform variables for every tier; texts take placeholders.")
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
    faults: Annotated[
        tuple[Fault, ...], Meta(description="Rules of one's own about failures, before the built-in ones.")
    ] = ()
    retries: Annotated[
        int, Meta(ge=0, le=100, description="Retries of one run together, whatever each fault allows; 0: none.")
    ] = 12


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
    name: Annotated[
        str,
        Meta(
            min_length=1,
            description="The Application's name; takes placeholders, of which one tells environments apart.",
            extra={"placeholders": _ALL},
        ),
    ] = "{environment}"
    namespace: Annotated[str, Meta(min_length=1, description="The namespace that Argo CD watches.")] = "argocd"
    application_set: Annotated[str, Meta(description="The ApplicationSet to refresh in that mode.")] = ""
    project: Annotated[str, Meta(min_length=1, description="The AppProject.")] = "default"
    destination_server: Annotated[
        str, Meta(min_length=1, description="The cluster that the Application is deployed to.")
    ] = "https://kubernetes.default.svc"
    source: Annotated[
        dict[str, object],
        Meta(
            description="Argo CD's `spec.source` (camelCase keys); texts take placeholders. `repoURL`, `path` and "
            "`targetRevision` default to this repository, `deploy` and the pull request's head.",
            extra={"placeholders": _ALL},
        ),
    ] = {}
    sync_options: Annotated[tuple[str, ...], Meta(description="Argo CD's `syncOptions`.")] = (
        "ServerSideApply=true",
    )
    timeout_minutes: Annotated[float, Meta(gt=0, le=360, description="How long to wait for healthy.")] = 15
    hold_seconds: Annotated[float, Meta(ge=0, le=600, description="How long healthy must hold.")] = 3


class Readiness(_Section, frozen=True):
    """When an environment counts as usable."""

    path: Annotated[
        str,
        Meta(
            pattern=r"^/[^\s]*$",
            description="The path that is asked.",
            extra={"expected": "a path that begins with `/`"},
        ),
    ] = "/"
    status: Annotated[tuple[Status, ...], Meta(min_length=1, description="Statuses that count as an answer.")] = (
        200,
    )
    scheme: Annotated[
        str,
        Meta(pattern="^https?$", description="Of the environment's URL.", extra={"expected": "`http` or `https`"}),
    ] = "https"
    direct_scheme: Annotated[
        str,
        Meta(
            pattern="^https?$",
            description="Of the URL that asks the load balancer by its own address.",
            extra={"expected": "`http` or `https`"},
        ),
    ] = "http"
    timeout_minutes: Annotated[float, Meta(gt=0, le=120, description="How long to wait for the answer.")] = 10
    enabled: Annotated[bool, Meta(description="Whether the URL is asked at all.")] = True


class Guardrails(_Section, frozen=True):
    """Limits of the namespace. Quantities as Kubernetes writes them."""

    cpu: Annotated[Quantity, Meta(description="CPU of all pods together.")] = "2"
    memory: Annotated[Quantity, Meta(description="Memory of all pods together.")] = "4Gi"
    container_cpu: Annotated[Quantity, Meta(description="CPU limit of a container that names none.")] = "250m"
    container_memory: Annotated[Quantity, Meta(description="Memory limit of a container that names none.")] = (
        "256Mi"
    )
    network_policy: Annotated[bool, Meta(description="Deny traffic from other namespaces.")] = True
    allow_from: Annotated[
        tuple[Text, ...], Meta(description="Namespaces that may reach it, for instance the ingress controller's.")
    ] = ("ingress-nginx", "istio-system", "kube-system")
    allow_from_cidrs: Annotated[
        tuple[Text, ...],
        Meta(
            description="Address ranges that may reach it besides: subnets of load balancers whose targets are "
            "pods (AWS target type `ip`), which come from no namespace."
        ),
    ] = ()
    annotations: Annotated[
        dict[str, str],
        Meta(description="Further annotations of the namespace, for the team's admission policies."),
    ] = {}
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
    invalidation_path: Annotated[
        str,
        Meta(
            pattern="^/",
            description="Path to invalidate at teardown; takes placeholders.",
            extra={"expected": "a path that begins with `/`", "placeholders": _NAME_ONLY},
        ),
    ] = "/{environment}/*"
    bucket: Annotated[str, Meta(description="Bucket behind it, purged under `prefix` at teardown.")] = ""
    prefix: Annotated[
        str,
        Meta(
            description="Prefix to purge; takes placeholders. After a letter or digit at its end comes a `/`.",
            extra={"placeholders": _NAME_ONLY},
        ),
    ] = "{environment}/"


class Aws(_Section, frozen=True):
    """What we do in AWS beside Terraform."""

    enabled: Annotated[bool | None, Meta(description="Inventory and CDN; default: whether Terraform runs.")] = None
    region: Annotated[str, Meta(description="Default: the environment's AWS_REGION.")] = ""
    regions: Annotated[tuple[str, ...], Meta(description="Further regions for the inventory.")] = ()
    hosted_zone: Annotated[str, Meta(description="Zone to search for records of the environment's host.")] = ""
    tag_prefix: Annotated[str, Meta(min_length=1, description="Prefix of our tags.")] = "environment.on-demand/"
    tags: Annotated[
        dict[str, str],
        Meta(description="Further cost-allocation tags; texts take placeholders.", extra={"placeholders": _ALL}),
    ] = {}
    cdn: Cdn = Cdn()


class GitHub(_Section, frozen=True):
    """What the pull request shows."""

    comment: Annotated[bool, Meta(description="Keep one comment on the pull request.")] = True
    deployments: Annotated[bool, Meta(description="Keep a Deployment with its URL.")] = True
    environment: Annotated[
        str,
        Meta(
            min_length=1,
            description="The Deployment's environment; takes placeholders.",
            extra={"placeholders": _NAME_ONLY},
        ),
    ] = "preview/{environment}"
    drafts: Annotated[bool, Meta(description="Whether draft pull requests get an environment.")] = True


class Config(_Section, frozen=True):
    """The whole file. `domain` and, where Terraform is used, `terraform.directory` are enough."""

    domain: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$",
            max_length=189,
            description="Environments answer at `<name>.<domain>`.",
            extra={"expected": "a domain in lower case, such as `preview.example.com`"},
        ),
    ]
    name: Annotated[
        str,
        Meta(
            description="Name of environment and namespace; must contain `{number}`.",
            extra={"placeholders": _ALL},
        ),
    ] = "pr-{number}"
    tiers: Annotated[dict[Tier, TierSettings], Meta(description="Changes to the built-in tiers.")] = {}
    default_tier: Annotated[
        Tier | None, Meta(description="What a file that no rule matches asks for; default: `full`.")
    ] = None
    rules: Annotated[
        tuple[Rule, ...], Meta(description="Rules before the built-in ones; the first match counts.")
    ] = ()
    ignore: Annotated[tuple[Text, ...], Meta(description="gitignore patterns of files that never matter.")] = ()
    switched_off: Annotated[
        tuple[Text, ...], Meta(description="Names of built-in rules and examiners that are not asked.")
    ] = ()
    critical: Critical = Critical()
    words: Words = Words()
    overrule: Overrule = Overrule()
    policy: Policy = Policy()
    labels: Labels = Labels()
    shared: Annotated[
        Variables,
        Meta(description="Handles of shared resources, passed as `shared_<key>`; texts take placeholders."),
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
