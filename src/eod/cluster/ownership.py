"""Whether a namespace is ours to change or delete. Pure.

A pull request chooses nothing of a namespace's name but its number, yet a configuration may be wrong, two
repositories may share a cluster, and somebody may have made `pr-7` by hand. A namespace that does not say that it
is this environment's is never adopted.
"""

import re
from typing import Any

from eod.cluster.manifests import (
    INSTANCE_LABEL,
    NAME_LABEL,
    NAME_VALUE,
    PULL_ANNOTATION,
    REPOSITORY_ANNOTATION,
)
from eod.errors import ClusterError
from eod.model.kube import NamespaceSpec

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_RESERVED = ("kube-", "default", "argocd", "istio-system")


def require_name(name: str) -> None:
    """Refuse a name that cannot be a preview's.

    Raises:
        ClusterError: It is no DNS label, or it belongs to the cluster itself.
    """
    if not _DNS_LABEL.fullmatch(name):
        raise ClusterError(
            f"{name!r} cannot be a namespace.",
            why="A namespace's name has at most 63 lower-case letters, digits and dashes.",
            fix="Change `name` in eod.yml.",
        )
    if name.startswith(_RESERVED[0]) or name in _RESERVED:
        raise ClusterError(
            f"Namespace `{name}` is the cluster's own: eod does not touch it.",
            why="`name` in eod.yml leads there.",
            fix="Change `name` in eod.yml, for instance to `pr-{number}`.",
        )


def require_ours(namespace: dict[str, Any], spec: NamespaceSpec) -> None:
    """Refuse an existing namespace that is not this environment's.

    Raises:
        ClusterError: It lacks our labels, or it belongs to another environment or repository.
    """
    require_preview(namespace)
    labels, annotations = _labels(namespace), _annotations(namespace)
    expected = spec.labels.get(INSTANCE_LABEL, spec.name)
    if labels[INSTANCE_LABEL] != expected:
        raise _not_ours(spec.name, f"its label {INSTANCE_LABEL} says `{labels[INSTANCE_LABEL]}`, not `{expected}`")
    for key in (REPOSITORY_ANNOTATION, PULL_ANNOTATION):
        theirs, ours = annotations.get(key), spec.annotations.get(key)
        if theirs and ours and theirs != ours:
            raise _not_ours(spec.name, f"its annotation {key} says `{theirs}`, not `{ours}`")


def require_preview(namespace: dict[str, Any]) -> None:
    """Refuse to work in a namespace that is no preview at all.

    Raises:
        ClusterError: It lacks our labels.
    """
    name = str(namespace["metadata"]["name"])
    require_name(name)
    labels = _labels(namespace)
    if labels.get(NAME_LABEL) != NAME_VALUE or not labels.get(INSTANCE_LABEL):
        raise _not_ours(name, f"it lacks the labels {NAME_LABEL}={NAME_VALUE} and {INSTANCE_LABEL}")


def _not_ours(name: str, why: str) -> ClusterError:
    return ClusterError(
        f"Namespace `{name}` exists and is not this environment's: eod leaves it alone.",
        why=f"Somebody else made it: {why}.",
        fix="Delete it if nobody needs it, or change `name` in eod.yml so that names cannot meet.",
    )


def _labels(namespace: dict[str, Any]) -> dict[str, str]:
    return namespace["metadata"].get("labels") or {}


def _annotations(namespace: dict[str, Any]) -> dict[str, str]:
    return namespace["metadata"].get("annotations") or {}
