"""The Application that an environment gets, as a manifest, and whose an existing one is. Pure."""

from typing import Any

from eod.argocd.reading import CASCADE, REFRESH, annotations_of, labels_of, owner_set
from eod.errors import ArgoCdError
from eod.model.kube import ApplicationSpec

MANAGER = "eod-action"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
NAME_LABEL = "environment.on-demand/name"
REPOSITORY_ANNOTATION = "environment.on-demand/repository"

RETRY = {"limit": 3, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "30s"}}
"""Argo CD's own five tries take more than two minutes: a reviewer should hear of a bad manifest sooner."""

Manifest = dict[str, Any]


def application_manifest(spec: ApplicationSpec) -> Manifest:
    """Automated, pruning and self-healing, and deleting what it made when it is deleted."""
    policy: Manifest = {"automated": {"prune": True, "selfHeal": True}, "retry": RETRY}
    if spec.sync_options:
        policy["syncOptions"] = list(spec.sync_options)
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": spec.name,
            "namespace": spec.argocd_namespace,
            "labels": {MANAGED_BY_LABEL: MANAGER, **spec.labels},
            "annotations": dict(spec.annotations),
            "finalizers": [CASCADE],
        },
        "spec": {
            "project": spec.project,
            "source": dict(spec.source),
            "destination": {"server": spec.destination_server, "namespace": spec.destination_namespace},
            "syncPolicy": policy,
        },
    }


def is_ours(application: Manifest) -> bool:
    """Whether eod made it."""
    return labels_of(application).get(MANAGED_BY_LABEL) == MANAGER


def require_ours(application: Manifest, spec: ApplicationSpec) -> None:
    """Refuse to overwrite an Application that is not this environment's.

    Raises:
        ArgoCdError: Somebody else made it, or it is another environment's or repository's.
    """
    if owner_set(application):
        raise _not_ours(spec.name, f"ApplicationSet `{owner_set(application)}` makes it")
    if not is_ours(application):
        raise _not_ours(spec.name, f"it lacks the label {MANAGED_BY_LABEL}={MANAGER}")
    labels, annotations = labels_of(application), annotations_of(application)
    for theirs, ours in (
        (labels.get(NAME_LABEL), spec.labels.get(NAME_LABEL)),
        (annotations.get(REPOSITORY_ANNOTATION), spec.annotations.get(REPOSITORY_ANNOTATION)),
    ):
        if theirs and ours and theirs != ours:
            raise _not_ours(spec.name, f"it belongs to `{theirs}`")


def require_deletable(application: Manifest) -> None:
    """Refuse to delete what neither we nor an ApplicationSet made.

    Raises:
        ArgoCdError: Somebody else made it.
    """
    if not is_ours(application) and not owner_set(application):
        name = application["metadata"]["name"]
        raise _not_ours(name, f"it lacks the label {MANAGED_BY_LABEL}={MANAGER} and no ApplicationSet made it")


def ours_in(application: Manifest) -> Manifest:
    """What we decide in an Application: equal before and after means that applying changed nothing.

    `metadata.generation` and the resource version cannot tell: an Application has no status subresource, so each
    status moves them.
    """
    annotations = {key: value for key, value in annotations_of(application).items() if key != REFRESH}
    return {
        "spec": application.get("spec"),
        "labels": labels_of(application),
        "annotations": annotations,
        "finalizers": application["metadata"].get("finalizers"),
    }


def _not_ours(name: str, why: str) -> ArgoCdError:
    return ArgoCdError(
        f"Application `{name}` exists and is not this environment's: eod leaves it alone.",
        why=f"Somebody else made it: {why}.",
        fix="Delete it if nobody needs it, change `argocd.name` in eod.yml, or use `argocd.mode: applicationset`.",
    )
