"""Plain data about namespaces and Argo CD applications."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from eod.model.cloud import Item


class NamespaceSpec(Struct, frozen=True, kw_only=True):
    """The namespace that an environment gets, with its guardrails. Quantities as Kubernetes writes them."""

    name: str
    labels: dict[str, str]
    annotations: dict[str, str]
    cpu: str | None = "2"
    memory: str | None = "4Gi"
    container_cpu: str = "250m"
    container_memory: str = "256Mi"
    network_policy: bool = True
    allow_from_namespaces: tuple[str, ...] = ()
    allow_from_cidrs: tuple[str, ...] = ()


class NamespaceInfo(Struct, frozen=True, kw_only=True):
    """A preview namespace that exists."""

    name: str
    environment: str
    repository: str = ""
    labels: dict[str, str]
    annotations: dict[str, str]
    terminating: bool = False
    created_at: datetime | None = None


class NamespaceRemoval(Struct, frozen=True, kw_only=True):
    """What deleting a namespace found and did."""

    existed: bool
    removed: tuple[Item, ...] = ()
    seconds: float = 0.0


class LoadBalancer(Struct, frozen=True, kw_only=True):
    """Where an Ingress or Service can be reached: `host` is an IP address or a DNS name."""

    host: str
    port: int
    source: str


class ApplicationSpec(Struct, frozen=True, kw_only=True):
    """The Argo CD Application that an environment gets; `source` is Argo CD's own `spec.source`, filled in."""

    name: str
    argocd_namespace: str
    project: str
    source: dict[str, object]
    destination_server: str
    destination_namespace: str
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    sync_options: tuple[str, ...] = ()


class ApplicationStage(StrEnum):
    """How far an application is on its way to the expected revision."""

    MISSING = "missing"
    WAITING_FOR_REVISION = "waiting for the revision"
    SYNCING = "syncing"
    PROGRESSING = "progressing"
    HOLDING = "healthy, holding"
    READY = "ready"
    DEGRADED = "degraded"
    FAILED = "failed"


class ApplicationStatus(Struct, frozen=True, kw_only=True):
    """One reading of an application, judged against the expected revision."""

    name: str
    stage: ApplicationStage
    sync: str = ""
    health: str = ""
    revision: str = ""
    operation: str = ""
    message: str = ""


class ApplicationInfo(Struct, frozen=True, kw_only=True):
    """A preview application that exists."""

    name: str
    environment: str
    namespace: str
    repository: str = ""
    labels: dict[str, str] = {}
    deleting: bool = False
    generated: bool = False
    created_at: datetime | None = None
