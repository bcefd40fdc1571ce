"""Where an environment was made: recorded when it is, looked at when it goes, whatever the configuration says."""

from msgspec import structs

from eod.config import ArgoCd, ArgoCdMode, Aws, Cdn, Config
from eod.errors import ClusterError
from eod.lifecycle.case import Case
from eod.lifecycle.place import application_of
from eod.model.kube import ApplicationSpec
from eod.model.record import ApplicationRecord, CloudRecord, Record


def application_spec(case: Case) -> ApplicationSpec:
    """The Application that this run makes, or expects to be made."""
    return application_of(
        case.config, case.place, clone_url=case.rooms.clone_url, head_sha=case.pull.head_sha, values=case.values
    )


def application_recorded(case: Case) -> ApplicationRecord | None:
    """What a teardown must know of it; `None` without Argo CD."""
    argocd = case.config.argocd
    if argocd.mode is ArgoCdMode.NONE:
        return None
    spec = application_spec(case)
    return ApplicationRecord(
        name=spec.name,
        namespace=spec.argocd_namespace,
        mode=str(argocd.mode),
        application_set=argocd.application_set,
        revision=str(spec.source.get("targetRevision", "")),
    )


def same_application(one: ApplicationRecord | None, other: ApplicationRecord | None) -> bool:
    """Whether both name the same object, made by the same hand."""
    if one is None or other is None:
        return one is other
    return (one.name, one.namespace, one.mode) == (other.name, other.namespace, other.mode)


def cloud_recorded(now: CloudRecord | None, before: CloudRecord | None) -> CloudRecord | None:
    """Where to look for an environment that was made at `before` and is brought up to date at `now`.

    What an earlier run made elsewhere may still be there: its regions stay on the list.
    """
    if now is None or before is None:
        return now or before
    regions = dict.fromkeys((*now.regions, before.region, *before.regions))
    return structs.replace(now, regions=tuple(region for region in regions if region != now.region))


def config_where_made(config: Config, record: Record) -> Config:
    """The configuration, with what it said of Argo CD's and AWS's places when the environment was made."""
    return structs.replace(config, argocd=_argocd(config, record), aws=_aws(config, record))


def _argocd(config: Config, record: Record) -> ArgoCd:
    made = record.application
    if made is None:
        return config.argocd
    return structs.replace(
        config.argocd,
        mode=ArgoCdMode(made.mode),
        namespace=made.namespace,
        application_set=made.application_set or config.argocd.application_set,
    )


def _aws(config: Config, record: Record) -> Aws:
    made = record.cloud
    if made is None:
        return config.aws
    return structs.replace(
        config.aws,
        enabled=True,
        region=made.region,
        regions=made.regions,
        tag_prefix=made.tag_prefix,
        hosted_zone=made.hosted_zone,
        cdn=Cdn(**structs.asdict(made.cdn)),
    )


def require_same_cluster(record: Record | None, identity: str) -> None:
    """Make sure that the cluster at hand is the one that the environment was made in.

    Args:
        record: The environment's.
        identity: What the cluster at hand says of itself; empty where that may not be told.

    Raises:
        ClusterError: It is another one: its namespaces say nothing of the environment.
    """
    if record is None or not record.cluster or not identity or record.cluster == identity:
        return
    raise ClusterError(
        f"{record.environment} was made in another cluster.",
        why="The kubeconfig, its context or the runner's cluster changed after the environment was made; from "
        "here nothing could be deleted there, nor be proved gone.",
        fix="Run this with the former cluster's kubeconfig. Where that cluster is gone with all that was in it, "
        "take the line `cluster:` out of the record on the records branch.",
        detail=f"made in {record.cluster}, here is {identity}",
    )
