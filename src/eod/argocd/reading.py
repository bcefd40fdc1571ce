"""What an Application says of itself, field by field. Pure.

`status.resources[].health` is not stored by default since Argo CD 3.0, and `status.observedAt` is no longer
updated: nothing here relies on either.
"""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from eod.model.moments import moment

REFRESH = "argocd.argoproj.io/refresh"
CASCADE = "resources-finalizer.argocd.argoproj.io"

_FINISHED_BADLY = {"Failed", "Error"}
_UNDER_WAY = {"Running", "Terminating"}
_ERRORS = ("InvalidSpecError", "ComparisonError", "UnknownError")

Object = dict[str, Any]


class Operation(Struct, frozen=True, kw_only=True):
    """The sync that ran last, or runs now."""

    phase: str
    message: str
    revisions: tuple[str, ...]
    started_at: str
    finished_at: str

    @property
    def under_way(self) -> bool:
        """Whether it has not ended."""
        return self.phase in _UNDER_WAY

    @property
    def failed(self) -> bool:
        """Whether it ended badly: automated sync does not try that commit again."""
        return self.phase in _FINISHED_BADLY


def version_of(application: Object) -> str:
    """The resource version."""
    return str(application["metadata"].get("resourceVersion", ""))


def annotations_of(application: Object) -> dict[str, str]:
    """Its annotations."""
    return application["metadata"].get("annotations") or {}


def labels_of(application: Object) -> dict[str, str]:
    """Its labels."""
    return application["metadata"].get("labels") or {}


def is_deleting(application: Object) -> bool:
    """Whether its deletion has begun."""
    return bool(application["metadata"].get("deletionTimestamp"))


def refresh_pending(application: Object) -> bool:
    """Whether the controller has not yet answered a refresh: it removes the annotation with its new status."""
    return REFRESH in annotations_of(application)


def operation_requested(application: Object) -> bool:
    """Whether a sync was asked for that the controller has not finished."""
    return bool(application.get("operation"))


def operation_of(application: Object) -> Operation | None:
    """The last sync. An Application made over objects that already match has none."""
    state = _status(application).get("operationState")
    if not state:
        return None
    result = state.get("syncResult") or {}
    asked = (state.get("operation") or {}).get("sync") or {}
    return Operation(
        phase=str(state.get("phase", "")),
        message=str(state.get("message", "")),
        revisions=_revisions(result) or _revisions(asked),
        started_at=str(state.get("startedAt", "")),
        finished_at=str(state.get("finishedAt", "")),
    )


def synced_revisions(application: Object) -> tuple[str, ...]:
    """The commits that were compared with the cluster last: one, or one for each source."""
    return _revisions(_status(application).get("sync") or {})


def sync_status(application: Object) -> str:
    """`Synced`, `OutOfSync` or `Unknown`; empty before the first comparison."""
    return str((_status(application).get("sync") or {}).get("status", ""))


def health_status(application: Object) -> str:
    """`Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`; empty before the first look."""
    return str((_status(application).get("health") or {}).get("status", ""))


def health_message(application: Object) -> str:
    """What Argo CD says beside the health."""
    return str((_status(application).get("health") or {}).get("message", ""))


def compared_before_sync_ended(application: Object) -> bool:
    """Whether the comparison shown is older than the end of the last sync (to the second)."""
    operation = operation_of(application)
    finished = moment(operation.finished_at) if operation else None
    reconciled = moment(_status(application).get("reconciledAt"))
    return finished is not None and (reconciled is None or reconciled < finished)


def syncs_another(application: Object, revision: str) -> bool:
    """Whether a sync of another commit goes on although Argo CD has seen `revision` already."""
    operation = operation_of(application)
    if not revision or operation is None or not operation_requested(application):
        return False
    return (
        bool(operation.revisions)
        and revision not in operation.revisions
        and revision in synced_revisions(application)
    )


def compared_another_source(application: Object) -> bool:
    """Whether the comparison shown was made with another source than the one that is wanted now."""
    compared = (_status(application).get("sync") or {}).get("comparedTo") or {}
    spec = application.get("spec") or {}
    wanted = spec.get("sources") or ([spec["source"]] if spec.get("source") else [])
    seen = compared.get("sources") or ([compared["source"]] if compared.get("source") else [])
    if not seen or not wanted:  # a hydrated Application has no source of its own
        return False
    return [_identity(source) for source in seen] != [_identity(source) for source in wanted]


def errors_of(application: Object) -> tuple[str, ...]:
    """Conditions that keep Argo CD from comparing at all, as `Type: message`."""
    return tuple(
        f"{condition.get('type')}: {condition.get('message', '')}"
        for condition in _status(application).get("conditions") or []
        if condition.get("type") in _ERRORS
    )


def conditions_of(application: Object) -> tuple[str, ...]:
    """All conditions, as `Type: message`."""
    found = _status(application).get("conditions") or []
    return tuple(f"{condition.get('type')}: {condition.get('message', '')}" for condition in found)


def resources_of(application: Object) -> list[Object]:
    """The resources that the Application consists of."""
    return list(_status(application).get("resources") or [])


def failed_results(application: Object) -> Iterable[Object]:
    """What the last sync could not apply, and hooks that failed."""
    result = ((_status(application).get("operationState") or {}).get("syncResult") or {}).get("resources") or []
    for entry in result:
        if entry.get("status") == "SyncFailed" or entry.get("hookPhase") in _FINISHED_BADLY:
            yield entry


def automated(application: Object) -> bool:
    """Whether Argo CD syncs by itself."""
    policy = ((application.get("spec") or {}).get("syncPolicy") or {}).get("automated")
    return policy is not None and policy.get("enabled") is not False


def owner_set(application: Object) -> str:
    """The ApplicationSet that made it; empty if none did."""
    for owner in application["metadata"].get("ownerReferences") or ():
        if owner.get("kind") == "ApplicationSet":
            return str(owner.get("name", ""))
    return ""


def destination_of(application: Object) -> Object:
    """Where it is delivered to."""
    return (application.get("spec") or {}).get("destination") or {}


def repository_of(application: Object) -> str:
    """`owner/name` of the first source that lies in Git; empty if none looks so."""
    spec = application.get("spec") or {}
    for source in spec.get("sources") or [spec.get("source") or {}]:
        parts = str(source.get("repoURL") or "").removesuffix(".git").replace(":", "/").split("/")
        if not source.get("chart") and len(parts) > 1 and all(parts[-2:]):
            return "/".join(parts[-2:])
    return ""


def _status(application: Object) -> Object:
    return application.get("status") or {}


def _revisions(holder: Object) -> tuple[str, ...]:
    many = holder.get("revisions")
    one = holder.get("revision")
    return tuple(str(revision) for revision in (many or ([one] if one else [])))


def _identity(source: Object) -> tuple[str, ...]:
    return tuple(str(source.get(key) or "") for key in ("repoURL", "path", "chart", "targetRevision"))
