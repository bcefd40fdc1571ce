from datetime import UTC, datetime, timedelta

OLD = "1" * 40
NEW = "2" * 40
START = datetime(2026, 1, 1, tzinfo=UTC)
REFRESH = {"argocd.argoproj.io/refresh": "normal"}
SOURCE: dict[str, object] = {"repoURL": "https://github.com/o/r.git", "path": "deploy", "targetRevision": NEW}


def at(seconds):
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def operation(phase, revision, *, finished=10, message="", **more):
    state = {
        "phase": phase,
        "message": message,
        "startedAt": at(finished - 2),
        "syncResult": {"revision": revision},
    }
    if phase not in {"Running", "Terminating"}:
        state["finishedAt"] = at(finished)
    return {**state, **more}


def application(
    *,
    sync="Synced",
    revision=NEW,
    revisions=None,
    health="Healthy",
    state=None,
    pending=None,
    reconciled=10,
    annotations=None,
    conditions=(),
    labels=None,
    owner="",
    spec=None,
    version="1",
    **metadata,
):
    """An Application as the API shows it. `state` is its operationState, `pending` its operation."""
    compared = {"status": sync}
    if revisions is not None:
        compared["revisions"] = list(revisions)
    elif revision:
        compared["revision"] = revision
    made = {
        "metadata": {
            "name": "pr-1",
            "uid": "u1",
            "resourceVersion": version,
            "annotations": annotations or {},
            "labels": {"app.kubernetes.io/managed-by": "eod-action"} if labels is None else labels,
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
            **metadata,
        },
        "spec": {
            "project": "default",
            "source": SOURCE,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "pr-1"},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
            **(spec or {}),
        },
        "status": {
            "sync": compared,
            "health": {"status": health} if health else {},
            "reconciledAt": at(reconciled),
            "conditions": [{"type": kind, "message": message} for kind, message in conditions],
        },
    }
    if state is not None:
        made["status"]["operationState"] = state
    if pending is not None:
        made["operation"] = pending
    if owner:
        made["metadata"]["ownerReferences"] = [{"kind": "ApplicationSet", "name": owner}]
    return made
