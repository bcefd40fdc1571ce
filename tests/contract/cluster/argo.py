"""Applications as the contract sees them."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tests.contract.cluster.kube import MERGE, Cluster, Kube, Object
from tests.contract.cluster.manifests import deployment, ingress, service

GROUP = "/apis/argoproj.io/v1alpha1"
REFRESH = "argocd.argoproj.io/refresh"
FINALIZER = "resources-finalizer.argocd.argoproj.io"
IN_CLUSTER = "https://kubernetes.default.svc"


def dump(*values: Object) -> str:
    return yaml.safe_dump_all(values)


def site(host: str = "web.example.com", image: str = "nginx:1") -> dict[str, str | None]:
    """A kustomization of a Deployment, a Service and an Ingress, as files of a repository."""
    return {
        "deploy/kustomization.yaml": dump({"resources": ["web.yaml"]}),
        "deploy/web.yaml": dump(deployment(image=image), service(), ingress(host)),
    }


@dataclass(frozen=True)
class Reading:
    """What one event of a watch says of an Application."""

    refresh: bool
    operation: bool
    phase: str | None
    sync: str | None
    revision: str | None
    health: str | None

    @classmethod
    def of(cls, value: Object) -> "Reading":
        status = value.get("status") or {}
        sync = status.get("sync") or {}
        return cls(
            refresh=REFRESH in (value["metadata"].get("annotations") or {}),
            operation="operation" in value,
            phase=(status.get("operationState") or {}).get("phase"),
            sync=sync.get("status"),
            revision=sync.get("revision"),
            health=(status.get("health") or {}).get("status"),
        )


class App:
    """One Application and how to ask for it."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.kube: Kube = cluster.kube
        self.name = name
        self.collection = f"{GROUP}/namespaces/{cluster.argocd_namespace}/applications"
        self.path = f"{self.collection}/{name}"

    def create(self, source: Object, *, automated: bool = True, finalizer: bool = True, **spec: Any) -> Any:
        policy: Object = {"syncOptions": ["CreateNamespace=true"]}
        if automated:
            policy["automated"] = {"prune": True, "selfHeal": True}
        body: Object = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": self.name, **({"finalizers": [FINALIZER]} if finalizer else {})},
            "spec": {
                "project": "default",
                "source": source,
                "destination": {"server": IN_CLUSTER, "namespace": self.name},
                "syncPolicy": policy,
                **spec,
            },
        }
        return self.kube.must("POST", self.collection, body)

    def get(self) -> Any:
        return self.kube.must("GET", self.path)

    def patch(self, patch: Object) -> Any:
        return self.kube.must("PATCH", self.path, patch, kind=MERGE)

    def refresh(self) -> Any:
        return self.patch({"metadata": {"annotations": {REFRESH: "normal"}}})

    def until(self, holds: Callable[[Object], Any], seconds: float = 60) -> Any:
        return self.kube.until(self.path, lambda value: value is not None and holds(value), seconds=seconds)

    def until_ready(self, revision: str) -> Any:
        refreshed = time.monotonic()

        def ready(value: Object) -> bool:
            # A comparison with a stale cache is not made up for before the next refresh.
            nonlocal refreshed
            if time.monotonic() - refreshed > 5:
                self.refresh()
                refreshed = time.monotonic()
            reading = Reading.of(value)
            return (reading.sync, reading.health, reading.revision, reading.operation) == (
                "Synced",
                "Healthy",
                revision,
                False,
            )

        return self.until(ready)

    def readings(self, version: str, *, until: Callable[[Reading], bool]) -> list[Reading]:
        """All readings after a resource version up to the first that fits."""
        found: list[Reading] = []
        for reading in self._watch(version):
            found.append(reading)
            if until(reading):
                return found
        raise AssertionError("\n".join(map(str, found)))

    def until_result(self, version: str, fits: Callable[[Object], bool]) -> Object:
        """The first result of a sync that fits, whichever operation reports it."""
        for event in self._events(version):
            state = (event["object"].get("status") or {}).get("operationState") or {}
            for result in (state.get("syncResult") or {}).get("resources") or []:
                if fits(result):
                    return dict(result)
        raise AssertionError("no such result")

    def _watch(self, version: str) -> Iterator[Reading]:
        return (Reading.of(event["object"]) for event in self._events(version))

    def _events(self, version: str) -> Iterator[Object]:
        return self.kube.watch(
            self.collection, resourceVersion=version, fieldSelector=f"metadata.name={self.name}", timeoutSeconds=25
        )

    def until_gone(self, seconds: float = 60) -> None:
        refreshed = time.monotonic()

        def gone(value: Object | None) -> bool:
            # The real controller overlooks a deletion at times; a refresh has it look again.
            nonlocal refreshed
            if value is not None and time.monotonic() - refreshed > 5:
                self.kube.ask("PATCH", self.path, {"metadata": {"annotations": {REFRESH: "normal"}}}, kind=MERGE)
                refreshed = time.monotonic()
            return value is None

        self.kube.until(self.path, gone, seconds=seconds)

    def delete(self) -> None:
        code, _ = self.kube.ask("DELETE", self.path)
        assert code in {200, 202, 404}

    def conditions(self) -> dict[str, str]:
        return {item["type"]: item["message"] for item in self.get()["status"].get("conditions") or []}


def are_in_order(milestones: list[Callable[[Reading], bool]], readings: list[Reading]) -> bool:
    """Whether readings that fit the milestones come in their order, others between them allowed."""
    rest = iter(readings)
    return all(any(fits(reading) for reading in rest) for fits in milestones)


def pretty(readings: list[Reading]) -> str:
    return "\n".join(json.dumps(reading.__dict__) for reading, _ in itertools.groupby(readings))
