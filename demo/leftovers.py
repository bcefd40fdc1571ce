"""Whether anything is left anywhere, asked of each stand-in itself and not of the action."""

from collections.abc import Iterable

from demo.findings import Finding
from demo.stage import Stage, objects
from demo.takes import records
from standins.moto.inventory import left_over

_SHOWN = 6


def leftovers(stage: Stage) -> list[Finding]:
    """One finding for each place where something could be left."""
    cluster = objects(stage.cluster) - stage.objects_before
    namespaces = {name for name in cluster if name.startswith("namespaces ")}
    applications = {name for name in cluster if name.startswith("applications ")}
    aws = left_over(stage.aws, stage.resources_before, stage.shared.state_bucket)
    states = [name for name in aws if name.startswith(f"arn:aws:s3:::{stage.shared.state_bucket}/")]
    deployments = stage.repository.active_deployments()
    return [
        _nothing("AWS resources", set(aws) - set(states)),
        _nothing("Terraform states with anything in them, and locks", states),
        _nothing("namespaces", namespaces),
        _nothing("Argo CD Applications", applications),
        _nothing("other objects in the cluster", cluster - namespaces - applications),
        _nothing("records of environments", records(stage.repository.path)),
        _nothing(
            "active GitHub Deployments", [f"{one['environment']} at {one['sha'][:7]}" for one in deployments]
        ),
    ]


def _nothing(what: str, found: Iterable[str]) -> Finding:
    names = sorted(found)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return Finding(what=what, ok=not names, detail=(", ".join(names[:_SHOWN]) + more) if names else "none")
