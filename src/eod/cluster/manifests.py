"""A namespace and its guardrails as manifests. Pure.

Each manifest holds exactly the fields that we own: what others add to the same objects stays theirs.
"""

from typing import Any

from eod.model.kube import NamespaceSpec

MANAGER = "eod-action"
NAME_LABEL = "app.kubernetes.io/name"
NAME_VALUE = "preview"
INSTANCE_LABEL = "app.kubernetes.io/instance"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
REPOSITORY_ANNOTATION = "environment.on-demand/repository"
PULL_ANNOTATION = "environment.on-demand/pr-url"

QUOTA = "eod-quota"
LIMITS = "eod-limits"
ISOLATION = "eod-isolation"

Manifest = dict[str, Any]


def namespace_manifest(spec: NamespaceSpec) -> Manifest:
    """The namespace itself, labelled and annotated."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": spec.name, "labels": dict(spec.labels), "annotations": dict(spec.annotations)},
    }


def guardrail_manifests(spec: NamespaceSpec) -> tuple[Manifest, ...]:
    """Those guardrails that the environment gets."""
    wanted = (quota_manifest(spec), limits_manifest(spec), isolation_manifest(spec))
    return tuple(manifest for manifest in wanted if manifest is not None)


def quota_manifest(spec: NamespaceSpec) -> Manifest | None:
    """What all pods together may use, or `None` where nothing limits them.

    Requests are limited like limits, so that a preview cannot reserve nodes that it may not use.
    """
    hard: dict[str, str] = {}
    if spec.cpu:
        hard |= {"limits.cpu": spec.cpu, "requests.cpu": spec.cpu}
    if spec.memory:
        hard |= {"limits.memory": spec.memory, "requests.memory": spec.memory}
    if not hard:
        return None
    return _guardrail(spec, "v1", "ResourceQuota", QUOTA, {"hard": dict(sorted(hard.items()))})


def limits_manifest(spec: NamespaceSpec) -> Manifest:
    """What a container gets that says nothing: under a quota, a pod without limits would be refused."""
    default = {"cpu": spec.container_cpu, "memory": spec.container_memory}
    limit = {"type": "Container", "default": default, "defaultRequest": dict(default)}
    return _guardrail(spec, "v1", "LimitRange", LIMITS, {"limits": [limit]})


def isolation_manifest(spec: NamespaceSpec) -> Manifest | None:
    """Lets in traffic from the namespace itself and from those that are allowed; egress is left alone."""
    if not spec.network_policy:
        return None
    sources: list[Manifest] = [{"podSelector": {}}]
    if spec.allow_from_namespaces:
        names = sorted(set(spec.allow_from_namespaces))
        expression = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": names}
        sources.append({"namespaceSelector": {"matchExpressions": [expression]}})
    sources += [{"ipBlock": {"cidr": cidr}} for cidr in sorted(set(spec.allow_from_cidrs))]
    rules = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": sources}]}
    return _guardrail(spec, "networking.k8s.io/v1", "NetworkPolicy", ISOLATION, rules)


def _guardrail(spec: NamespaceSpec, api_version: str, kind: str, name: str, body: Manifest) -> Manifest:
    labels = {
        NAME_LABEL: NAME_VALUE,
        INSTANCE_LABEL: spec.labels.get(INSTANCE_LABEL, spec.name),
        MANAGED_BY_LABEL: MANAGER,
    }
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": spec.name, "labels": labels},
        "spec": body,
    }
