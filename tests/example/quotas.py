"""How much of a namespace's quota a set of manifests can take at once."""

from decimal import Decimal
from typing import Any

Body = dict[str, Any]

_UNITS = {"m": Decimal("0.001"), "Mi": Decimal(2**20), "Gi": Decimal(2**30)}


def quantity(text: str) -> Decimal:
    """A Kubernetes quantity in cores or bytes; only the units that the example uses."""
    unit = next((unit for unit in _UNITS if text.endswith(unit)), "")
    return Decimal(text.removesuffix(unit)) * _UNITS.get(unit, Decimal(1))


def template_of(workload: Body) -> Body:
    """The pods' template of a Deployment or Job."""
    template: Body = workload["spec"]["template"]
    return template


def containers_of(workload: Body) -> list[Body]:
    pod = template_of(workload)["spec"]
    return [*pod["containers"], *pod.get("initContainers", [])]


def at_most(workloads: list[Body], resource: str) -> Decimal:
    """Limits of all pods together in the middle of an update: new pods beside old ones, Jobs beside both."""
    return sum(
        (_pods(item) * (_containers(item, resource) + _sidecar(item, resource)) for item in workloads), Decimal(0)
    )


def _pods(workload: Body) -> int:
    if workload["kind"] == "Job":
        return 1
    spec = workload["spec"]
    return int(spec["replicas"]) + int(spec["strategy"]["rollingUpdate"]["maxSurge"])


def _containers(workload: Body, resource: str) -> Decimal:
    return sum((quantity(c["resources"]["limits"][resource]) for c in containers_of(workload)), Decimal(0))


def _sidecar(workload: Body, resource: str) -> Decimal:
    annotations = template_of(workload)["metadata"].get("annotations", {})
    name = {"cpu": "sidecar.istio.io/proxyCPULimit", "memory": "sidecar.istio.io/proxyMemoryLimit"}[resource]
    return quantity(annotations.get(name, "0"))
