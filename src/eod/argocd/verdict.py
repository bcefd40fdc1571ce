"""Is the right revision delivered? One reading of an Application, judged. Pure.

An Application may look Synced and Healthy three times between a push and the moment at which that is true of the
new commit: before the controller has looked, while the sync runs, and between the sync and the next comparison. So
what is compared with the expected commit is `status.sync.revision`, never the operation's: a commit that changes
no manifest has no operation at all.
"""

from msgspec import Struct

from eod.argocd.reading import (
    Object,
    compared_another_source,
    compared_before_sync_ended,
    errors_of,
    health_message,
    health_status,
    is_deleting,
    operation_of,
    operation_requested,
    refresh_pending,
    sync_status,
    synced_revisions,
)
from eod.model.kube import ApplicationStage, ApplicationStatus

DEGRADED_SECONDS = 120.0
"""How long Degraded may last: a secret that arrives late heals, a Deployment past its deadline does not."""
ERROR_SECONDS = 60.0
"""How long Argo CD may fail to compare: a repository server that restarts is back by then."""
DELETING_SECONDS = 30.0


class Judgement(Struct, frozen=True, kw_only=True):
    """What one reading means.

    Attributes:
        status: For people. Its stage is `HOLDING` when all that can be seen in one reading is right.
        patience: How many seconds a bad stage may last before the wait is given up; `None`: no limit of its own.
    """

    status: ApplicationStatus
    patience: float | None = None


def judge(application: Object | None, *, name: str, revision: str) -> Judgement:
    """Judge one reading.

    Args:
        application: As the API shows it; `None` if there is none.
        name: Its name.
        revision: The commit that must be delivered; empty where it is not known (a branch, a chart's version).
    """
    if application is None:
        return Judgement(
            status=ApplicationStatus(name=name, stage=ApplicationStage.MISSING, message="it does not exist yet")
        )
    stage, message, patience = _stage(application, revision)
    operation = operation_of(application)
    revisions = synced_revisions(application)
    shown = revision if revision in revisions else next(iter(revisions), "")
    status = ApplicationStatus(
        name=name,
        stage=stage,
        sync=sync_status(application),
        health=health_status(application),
        revision=shown,
        operation=operation.phase if operation else "",
        message=" ".join(message.split())[:500],
    )
    return Judgement(status=status, patience=patience)


_Verdict = tuple[ApplicationStage, str, float | None]


def _stage(application: Object, revision: str) -> _Verdict:
    return (
        _before_comparison(application, revision)
        or _while_syncing(application, revision)
        or _by_health(application)
    )


def _before_comparison(application: Object, revision: str) -> _Verdict | None:
    if is_deleting(application):
        return ApplicationStage.FAILED, "it is being deleted", DELETING_SECONDS
    if refresh_pending(application):
        return ApplicationStage.WAITING_FOR_REVISION, "Argo CD was asked to look", None
    errors = errors_of(application)
    if errors:
        return ApplicationStage.FAILED, "; ".join(errors), ERROR_SECONDS
    revisions = synced_revisions(application)
    if not revisions or (revision and revision not in revisions):
        seen = ", ".join(r[:12] for r in revisions) or "nothing yet"
        return ApplicationStage.WAITING_FOR_REVISION, f"Argo CD has compared {seen}", None
    if compared_another_source(application):
        return ApplicationStage.WAITING_FOR_REVISION, "Argo CD has not compared the new source", None
    return None


def _while_syncing(application: Object, revision: str) -> _Verdict | None:
    operation = operation_of(application)
    if operation_requested(application) or (operation and operation.under_way):
        return ApplicationStage.SYNCING, operation.message if operation else "a sync is about to start", None
    if operation and operation.failed and _concerns(operation.revisions, application, revision):
        return ApplicationStage.FAILED, f"the sync failed: {operation.message}", 0.0
    if compared_before_sync_ended(application):
        return ApplicationStage.SYNCING, "the sync has ended; Argo CD compares again", None
    status = sync_status(application)
    if status != "Synced":
        return ApplicationStage.SYNCING, f"{status or 'Unknown'}: it waits for a sync", None
    return None


def _by_health(application: Object) -> _Verdict:
    health = health_status(application)
    message = health_message(application)
    if health == "Healthy":
        return ApplicationStage.HOLDING, "", None
    if health == "Degraded":
        return ApplicationStage.DEGRADED, message, DEGRADED_SECONDS
    return ApplicationStage.PROGRESSING, message or (health if health != "Progressing" else ""), None


def _concerns(attempted: tuple[str, ...], application: Object, revision: str) -> bool:
    """Whether a failed sync was of what is wanted now: an older commit's failure says nothing of this one."""
    if not attempted:
        return True
    return revision in attempted if revision else attempted == synced_revisions(application)
