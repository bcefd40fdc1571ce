"""Where an environment lives, and what its Terraform, its namespace and its application are told. All pure."""

import re
from datetime import datetime

from msgspec import Struct

from eod.config import Config, TierSettings
from eod.config.names import environment_name, hostname_of
from eod.config.placeholders import fill, sanitise
from eod.model.kube import ApplicationSpec, NamespaceSpec
from eod.model.pull import PullRequest
from eod.model.record import Record
from eod.model.tier import Verdict

_LABEL_VALUE = re.compile(r"[^A-Za-z0-9._-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Place(Struct, frozen=True, kw_only=True):
    """The names of one environment."""

    environment: str
    namespace: str
    hostname: str
    url: str
    pr_number: int
    repository: str


def place_of(config: Config, repository: str, number: int) -> Place:
    """The names that pull request `number` gets."""
    environment = environment_name(config, number)
    hostname = hostname_of(config, environment)
    return Place(
        environment=environment,
        namespace=environment,
        hostname=hostname,
        url=f"{config.readiness.scheme}://{hostname}{config.readiness.path}",
        pr_number=number,
        repository=repository,
    )


def place_recorded(record: Record) -> Place:
    """The names that an environment was made with, whatever the configuration would call it by now."""
    return Place(
        environment=record.environment,
        namespace=record.namespace,
        hostname=record.hostname,
        url=record.url,
        pr_number=record.pr_number,
        repository=record.repository,
    )


def placeholders(
    config: Config, place: Place, *, owner: str, tier: str, head_sha: str, head_ref: str
) -> dict[str, str]:
    """What `{number}` and the like in the configuration stand for."""
    return {
        "number": str(place.pr_number),
        "name": place.environment,
        "environment": place.environment,
        "namespace": place.namespace,
        "hostname": place.hostname,
        "domain": config.domain,
        "repository": place.repository,
        "owner": owner,
        "tier": tier,
        "head_sha": head_sha,
        "head_ref": head_ref,
    }


def tags_of(config: Config, place: Place, *, owner: str, values: dict[str, str]) -> dict[str, str]:
    """Cost-allocation tags of every resource, the same for every push: to a plan a changed tag is a change."""
    prefix = config.aws.tag_prefix
    return {
        f"{prefix}name": place.environment,
        f"{prefix}repository": place.repository,
        f"{prefix}pr": str(place.pr_number),
        f"{prefix}owner": sanitise(owner),
        **fill(config.aws.tags, values),
    }


class Facts(Struct, frozen=True, kw_only=True):
    """What variables are made from. `capabilities` are all that any tier knows: the others are passed as false."""

    pull: PullRequest
    verdict: Verdict
    image_tag: str
    capabilities: frozenset[str]


def variables_of(
    config: Config, settings: TierSettings, place: Place, facts: Facts, values: dict[str, str]
) -> dict[str, object]:
    """Every variable that we can give; the root module gets those that it declares."""
    wanted = facts.verdict.capabilities
    enabled = {f"enable_{name.replace('-', '_')}": name in wanted for name in sorted(facts.capabilities)}
    shared = {f"shared_{key.replace('-', '_')}": value for key, value in config.shared.items()}
    ours: dict[str, object] = {
        "pr_number": place.pr_number,
        "pr_url": facts.pull.url,
        "namespace": place.namespace,
        "environment": place.environment,
        "domain": config.domain,
        "hostname": place.hostname,
        "image_tag": facts.image_tag or facts.pull.head_sha,
        "tier": str(facts.verdict.tier),
        "ttl_hours": settings.ttl_hours,
        "github_user": facts.pull.author,
        "repository": place.repository,
        "tag_prefix": config.aws.tag_prefix,
        **({"region": config.aws.region} if config.aws.region else {}),
    }
    theirs = {} if config.terraform is None else config.terraform.variables
    return {**enabled, **ours, **fill(shared, values), **fill(theirs, values), **fill(settings.variables, values)}


def backend_of(config: Config, values: dict[str, str]) -> dict[str, str]:
    """The backend's settings for this environment, its state's key among them."""
    if config.terraform is None:
        return {}
    settings = {key: _plain(value) for key, value in fill(config.terraform.backend, values).items()}
    return {"key": fill(config.terraform.state_key, values), **settings}


def namespace_of(
    config: Config,
    place: Place,
    *,
    owner: str,
    pr_url: str,
    created_at: datetime,
    expires_at: datetime,
    ttl_hours: float,
    tier: str,
) -> NamespaceSpec:
    """The namespace with the labels and annotations that sweeps, policies and people rely on."""
    rails = config.guardrails
    labels = {
        "app.kubernetes.io/name": "preview",
        "app.kubernetes.io/instance": place.environment,
        "app.kubernetes.io/managed-by": "eod-action",
        "environment.on-demand/owner": label_value(owner),
        "environment.on-demand/ttl": f"{ttl_hours:g}h",
        "environment.on-demand/tier": tier,
    }
    if rails.istio:
        labels["istio-injection"] = "enabled"
    return NamespaceSpec(
        name=place.namespace,
        labels=labels,
        annotations={
            **rails.annotations,
            "environment.on-demand/created-at": _stamp(created_at),
            "environment.on-demand/expires-at": _stamp(expires_at),
            "environment.on-demand/pr-url": pr_url,
            "environment.on-demand/repository": place.repository,
        },
        cpu=rails.cpu,
        memory=rails.memory,
        container_cpu=rails.container_cpu,
        container_memory=rails.container_memory,
        network_policy=rails.network_policy,
        allow_from_namespaces=rails.allow_from,
        allow_from_cidrs=rails.allow_from_cidrs,
    )


def application_of(
    config: Config, place: Place, *, clone_url: str, head_sha: str, values: dict[str, str]
) -> ApplicationSpec:
    """The Application that we make, or expect the ApplicationSet to make."""
    argocd = config.argocd
    source: dict[str, object] = {"repoURL": clone_url, "path": "deploy", "targetRevision": head_sha}
    if "chart" in argocd.source:
        del source["path"]
    return ApplicationSpec(
        name=fill(argocd.name, values),
        argocd_namespace=argocd.namespace,
        project=argocd.project,
        source={**source, **fill(argocd.source, values)},
        destination_server=argocd.destination_server,
        destination_namespace=place.namespace,
        labels={
            "app.kubernetes.io/managed-by": "eod-action",
            "environment.on-demand/name": place.environment,
        },
        annotations={"environment.on-demand/repository": place.repository},
        sync_options=argocd.sync_options,
    )


def expected_revision(spec: ApplicationSpec) -> str:
    """The commit that must be synced; empty where the source names a branch or a chart's version."""
    revision = str(spec.source.get("targetRevision", ""))
    return revision if _COMMIT.fullmatch(revision) else ""


def label_value(text: str) -> str:
    """`text` as a legal Kubernetes label value (`dependabot[bot]` → `dependabot-bot`)."""
    return _LABEL_VALUE.sub("-", text)[:63].strip("-._")


def values_of_record(config: Config, record: Record) -> dict[str, str]:
    """Placeholders for an environment of which only the record is known."""
    return placeholders(
        config,
        place_of(config, record.repository, record.pr_number),
        owner=record.owner,
        tier=str(record.tier),
        head_sha=record.head_sha,
        head_ref="",
    )


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
