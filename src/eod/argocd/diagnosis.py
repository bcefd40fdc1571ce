"""Why an Application is not healthy, in words. Pure."""

from eod.argocd.reading import (
    Object,
    automated,
    conditions_of,
    failed_results,
    health_message,
    is_deleting,
    operation_of,
    refresh_pending,
    resources_of,
)
from eod.errors import NotHealthyError
from eod.model.kube import ApplicationStage, ApplicationStatus

_MOST = 15
_GOOD_HEALTH = {"", "Healthy", "Suspended"}


def not_healthy(
    application: Object | None,
    status: ApplicationStatus,
    *,
    revision: str,
    seconds: float,
    problems: tuple[str, ...] = (),
) -> NotHealthyError:
    """The error for a wait that was given up.

    Args:
        application: The last reading.
        status: Its verdict.
        revision: What was expected; may be empty.
        seconds: How long the wait took.
        problems: What the cluster says of the pods.
    """
    wanted = f" at {revision[:7]}" if revision else ""
    lines = () if application is None else _facts(application, status)
    why, fix = _cause(application, status, revision)
    return NotHealthyError(
        f"Application `{status.name}` is not healthy{wanted} after {seconds:.0f} s: {status.stage}.",
        detail="\n".join((*lines, *problems)),
        why=why,
        fix=fix,
    )


def _facts(application: Object, status: ApplicationStatus) -> tuple[str, ...]:
    at = status.revision or "no revision"
    lines = [f"sync {status.sync or 'Unknown'} at {at}, health {status.health or 'Unknown'}"]
    if health_message(application):
        lines.append(f"health: {health_message(application)}")
    operation = operation_of(application)
    if operation is not None:
        lines.append(f"last sync: {operation.phase}: {operation.message}")
    lines += conditions_of(application)
    lines += [_result(entry) for entry in failed_results(application)]
    lines += [_resource(entry) for entry in resources_of(application) if _is_bad(entry)]
    return tuple(dict.fromkeys(" ".join(line.split()) for line in lines))[:_MOST]


def _result(entry: Object) -> str:
    outcome = entry.get("hookPhase") or entry.get("status")
    return f"{entry.get('kind')} {entry.get('name')}: {outcome}: {entry.get('message', '')}"


def _is_bad(entry: Object) -> bool:
    health = (entry.get("health") or {}).get("status", "")
    return entry.get("status") == "OutOfSync" or health not in _GOOD_HEALTH


def _resource(entry: Object) -> str:
    health = entry.get("health") or {}
    said = ", ".join(filter(None, (entry.get("status", ""), health.get("status", ""))))
    return f"{entry.get('kind')} {entry.get('name')}: {said} {health.get('message', '')}"


def _cause(application: Object | None, status: ApplicationStatus, revision: str) -> tuple[str, str]:
    """Why, and what to do."""
    if application is None:
        return _MISSING
    if is_deleting(application):
        return _DELETING
    if refresh_pending(application):
        return _NOT_LOOKING
    if status.stage is ApplicationStage.WAITING_FOR_REVISION:
        seen = status.revision[:7] or "nothing"
        return f"Argo CD sees {seen} instead of {revision[:7] or 'the newest'}: {_OTHER[0]}", _OTHER[1]
    return _cause_after_comparison(application, status.stage)


def _cause_after_comparison(application: Object, stage: ApplicationStage) -> tuple[str, str]:
    if stage is ApplicationStage.FAILED:
        operation = operation_of(application)
        return _SYNC_FAILED if operation is not None and operation.failed else _NOT_COMPARED
    if stage is ApplicationStage.SYNCING:
        return _OUT_OF_SYNC if automated(application) else _MANUAL
    return _UNREADY


_MISSING = (
    "The Application does not exist.",
    "Look at the ApplicationSet's conditions and at its generator's filter.",
)
_DELETING = ("It is being deleted.", "Wait for that to end and re-run the job.")
_NOT_LOOKING = (
    "Argo CD has not answered our request to look: its application controller does not run or is far behind.",
    "Look at the application controller's log, and that it watches this namespace.",
)
_SYNC_FAILED = (
    "The sync of this commit failed; automated sync does not try a failed commit again.",
    "Correct what the lines above name and push, or re-run the job: it asks for one more sync.",
)
_NOT_COMPARED = (
    "Argo CD cannot read the manifests, or the Application's project, destination or source is not allowed.",
    "Render the manifests locally as Argo CD does, and look at the AppProject.",
)
_OTHER = (
    "its source names another branch or repository, or it cannot fetch.",
    "Look at the Application's source; with an ApplicationSet, use `{{.head_sha}}` as targetRevision.",
)
_MANUAL = ("Automated sync is off.", "Set `syncPolicy.automated` in the ApplicationSet's template.")
_OUT_OF_SYNC = (
    "A resource stays out of sync, or a hook or wave of the sync does not end.",
    "Look at the resources named above; what the cluster itself rewrites goes into ignoreDifferences.",
)
_UNREADY = (
    "What was delivered does not become ready.",
    "Look at the pods named above; run the same image locally.",
)
