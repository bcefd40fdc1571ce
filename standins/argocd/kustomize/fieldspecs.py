"""Where labels, annotations and names stand in objects: Kustomize's default field specifications."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from standins.kubernetes.objects import Object

_WORKLOADS: Final = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet")


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """A place in objects of some kinds (all, when none is named); made if missing where `create` says so."""

    path: str
    kinds: tuple[str, ...] = ()
    create: bool = False


METADATA_LABELS: Final = (FieldSpec(path="metadata/labels", create=True),)

TEMPLATE_LABELS: Final = (
    FieldSpec(
        path="spec/template/metadata/labels", kinds=(*_WORKLOADS, "Job", "ReplicationController"), create=True
    ),
    FieldSpec(path="spec/volumeClaimTemplates[]/metadata/labels", kinds=("StatefulSet",), create=True),
    FieldSpec(path="spec/jobTemplate/metadata/labels", kinds=("CronJob",), create=True),
    FieldSpec(path="spec/jobTemplate/spec/template/metadata/labels", kinds=("CronJob",), create=True),
)

_AFFINITIES: Final = tuple(
    FieldSpec(path=f"spec/template/spec/{path}", kinds=("Deployment", "StatefulSet"))
    for path in (
        "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution[]/podAffinityTerm/labelSelector/matchLabels",
        "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution[]/labelSelector/matchLabels",
        "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution[]/podAffinityTerm/labelSelector/matchLabels",
        "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution[]/labelSelector/matchLabels",
        "topologySpreadConstraints[]/labelSelector/matchLabels",
    )
)

SELECTORS: Final = (
    FieldSpec(path="spec/selector", kinds=("Service", "ReplicationController"), create=True),
    FieldSpec(path="spec/selector/matchLabels", kinds=_WORKLOADS, create=True),
    FieldSpec(path="spec/selector/matchLabels", kinds=("Job", "PodDisruptionBudget")),
    FieldSpec(path="spec/jobTemplate/spec/selector/matchLabels", kinds=("CronJob",)),
    FieldSpec(path="spec/podSelector/matchLabels", kinds=("NetworkPolicy",)),
    FieldSpec(path="spec/ingress[]/from[]/podSelector/matchLabels", kinds=("NetworkPolicy",)),
    FieldSpec(path="spec/egress[]/to[]/podSelector/matchLabels", kinds=("NetworkPolicy",)),
    *_AFFINITIES,
)

ANNOTATIONS: Final = (
    FieldSpec(path="metadata/annotations", create=True),
    FieldSpec(
        path="spec/template/metadata/annotations", kinds=(*_WORKLOADS, "Job", "ReplicationController"), create=True
    ),
    FieldSpec(path="spec/jobTemplate/metadata/annotations", kinds=("CronJob",), create=True),
    FieldSpec(path="spec/jobTemplate/spec/template/metadata/annotations", kinds=("CronJob",), create=True),
)

REPLICAS: Final = (
    FieldSpec(
        path="spec/replicas",
        kinds=("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"),
        create=True,
    ),
)

_POD_SPECS: Final = (
    (("Pod",), "spec"),
    ((*_WORKLOADS, "Job", "ReplicationController"), "spec/template/spec"),
    (("CronJob",), "spec/jobTemplate/spec/template/spec"),
)


def _in_pods(*paths: str) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(path=f"{prefix}/{path}", kinds=kinds) for kinds, prefix in _POD_SPECS for path in paths)


def _in_containers(*paths: str) -> tuple[FieldSpec, ...]:
    return _in_pods(*(f"{kind}[]/{path}" for kind in ("containers", "initContainers") for path in paths))


NAME_REFERENCES: Final[dict[str, tuple[FieldSpec, ...]]] = {
    "ConfigMap": (
        *_in_pods("volumes[]/configMap/name", "volumes[]/projected/sources[]/configMap/name"),
        *_in_containers("env[]/valueFrom/configMapKeyRef/name", "envFrom[]/configMapRef/name"),
    ),
    "Secret": (
        *_in_pods(
            "volumes[]/secret/secretName", "volumes[]/projected/sources[]/secret/name", "imagePullSecrets[]/name"
        ),
        *_in_containers("env[]/valueFrom/secretKeyRef/name", "envFrom[]/secretRef/name"),
        FieldSpec(path="spec/tls[]/secretName", kinds=("Ingress",)),
        FieldSpec(path="imagePullSecrets[]/name", kinds=("ServiceAccount",)),
    ),
    "Service": (
        FieldSpec(path="spec/serviceName", kinds=("StatefulSet",)),
        FieldSpec(path="spec/rules[]/http/paths[]/backend/service/name", kinds=("Ingress",)),
        FieldSpec(path="spec/defaultBackend/service/name", kinds=("Ingress",)),
    ),
    "ServiceAccount": _in_pods("serviceAccountName"),
    "PersistentVolumeClaim": _in_pods("volumes[]/persistentVolumeClaim/claimName"),
    "Deployment": (FieldSpec(path="spec/scaleTargetRef/name", kinds=("HorizontalPodAutoscaler",)),),
    "StatefulSet": (FieldSpec(path="spec/scaleTargetRef/name", kinds=("HorizontalPodAutoscaler",)),),
    "Role": (FieldSpec(path="roleRef/name", kinds=("RoleBinding",)),),
    "ClusterRole": (FieldSpec(path="roleRef/name", kinds=("RoleBinding", "ClusterRoleBinding")),),
}


def edit(value: Object, spec: FieldSpec, change: Callable[[Any], Any]) -> None:
    """Replace what stands at a field specification by `change` of it (of None, where it is made)."""
    if spec.kinds and value["kind"] not in spec.kinds:
        return
    *parents, last = spec.path.split("/")
    for node in _descend(value, parents, create=spec.create):
        if last in node or spec.create:
            node[last] = change(node.get(last))


def _descend(node: Any, steps: list[str], *, create: bool) -> Iterator[Object]:
    if not steps:
        if isinstance(node, dict):
            yield node
        return
    step, rest = steps[0], steps[1:]
    name = step.removesuffix("[]")
    if not isinstance(node, dict):
        return
    if node.get(name) is None:
        if not create or step.endswith("[]"):
            return
        node[name] = {}
    children = node[name] if step.endswith("[]") else [node[name]]
    for child in children:
        yield from _descend(child, rest, create=create)
