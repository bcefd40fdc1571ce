"""Waiting until the right revision is delivered and healthy."""

from collections.abc import Callable
from contextlib import closing

from msgspec import Struct, structs

from eod.argocd.diagnosis import not_healthy
from eod.argocd.feed import readings
from eod.argocd.patience import Series, take
from eod.argocd.ports import Applications, Clock, Object
from eod.argocd.reading import (
    destination_of,
    errors_of,
    is_deleting,
    operation_of,
    operation_requested,
    owner_set,
    syncs_another,
    version_of,
)
from eod.argocd.verdict import Judgement, judge
from eod.model.kube import ApplicationStage, ApplicationStatus

OnStatus = Callable[[ApplicationStatus], None]
Problems = Callable[[str], tuple[str, ...]]

_NUDGES = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds after which Argo CD is asked to look again while it has not seen the commit; the last one repeats."""

_OLDER_SYNC_SECONDS = 30.0
"""How long the sync of an older commit is let go on: the wanted commit's cannot begin before it ends, and one that
waits for a hook or a health that never comes would hold up every push."""
_STOP_AGAIN_SECONDS = 10.0


class Expectation(Struct, frozen=True, kw_only=True):
    """What is waited for."""

    name: str
    revision: str
    timeout_seconds: float
    hold_seconds: float


class Wait:
    """One wait. Reads an Application, judges it, and asks Argo CD to look again where that helps.

    Args:
        store: Where Applications are.
        clock: Paces the wait.
        expectation: What is waited for.
        problems: Asked for pods' problems in the destination namespace once the wait is given up.
    """

    def __init__(self, store: Applications, clock: Clock, expectation: Expectation, problems: Problems) -> None:
        self._store = store
        self._clock = clock
        self._expectation = expectation
        self._problems = problems
        self._series = Series()
        self._began = clock.monotonic()
        self._ends_at = self._began + expectation.timeout_seconds
        self._nudges = 0
        self._nudge_at = self._began + _NUDGES[0]
        self._may_retry = True
        self._forgiven = ""
        self._stop_at: float | None = None

    def run(self, on_status: OnStatus) -> ApplicationStatus:
        """Wait; `on_status` is called with each change of the verdict.

        Raises:
            NotHealthyError: With the diagnosis.
        """
        shown: ApplicationStatus | None = None
        found = readings(
            self._store, self._clock, self._expectation.name, ends_at=self._ends_at, wake_in=self._wake_in
        )
        with closing(found):
            for application in found:
                status = self._take(application)
                if status != shown:
                    shown = status
                    on_status(status)
                if status.stage is ApplicationStage.READY:
                    return status
                now = self._clock.monotonic()
                if self._series.given_up or now >= self._ends_at:
                    raise self._give_up(application, status)
                self._nudge(application, now)
                self._stop_older_sync(application, now)
        raise AssertionError  # readings never end by themselves

    def _take(self, application: Object | None) -> ApplicationStatus:
        judgement = judge(application, name=self._expectation.name, revision=self._expectation.revision)
        if application is not None and self._forgives(application, judgement.status.stage):
            message = "the last sync failed; one more was asked for"
            status = structs.replace(judgement.status, stage=ApplicationStage.SYNCING, message=message)
            judgement = Judgement(status=status)
        now, hold = self._clock.monotonic(), self._expectation.hold_seconds
        self._series = take(self._series, judgement, now=now, hold_seconds=hold)
        return self._series.status or judgement.status

    def _forgives(self, application: Object, stage: ApplicationStage) -> bool:
        """Whether what failed is a sync from before this wait: then one more is asked for.

        Automated sync does not try a failed commit again, so a run that is repeated after the cause was removed
        would meet the old failure for ever.
        """
        operation = operation_of(application)
        if operation_requested(application) or (operation and operation.under_way):
            self._may_retry = False
            return False
        failed = stage is ApplicationStage.FAILED and operation is not None and operation.failed
        if not failed or errors_of(application) or is_deleting(application):
            return False
        # Every reading after the one that we asked upon shows the new sync, or what came of it.
        if self._may_retry and self._store.sync(application, self._expectation.revision):
            self._may_retry, self._forgiven = False, version_of(application)
        return self._may_retry or version_of(application) == self._forgiven

    def _nudge(self, application: Object | None, now: float) -> None:
        if now < self._nudge_at or self._series.status is None or application is None:
            return
        blind = bool(errors_of(application))
        if not blind and self._series.status.stage is not ApplicationStage.WAITING_FOR_REVISION:
            return
        self._nudges += 1
        self._nudge_at = now + _NUDGES[min(self._nudges, len(_NUDGES) - 1)]
        # The repository server remembers manifests that could not be generated; a hard refresh makes it forget.
        self._store.refresh(self._expectation.name, hard=blind)
        if owner_set(application) and not blind:
            self._store.poke(owner_set(application))

    def _stop_older_sync(self, application: Object | None, now: float) -> None:
        if application is None or not syncs_another(application, self._expectation.revision):
            self._stop_at = None
        elif self._stop_at is None:
            self._stop_at = now + _OLDER_SYNC_SECONDS
        elif now >= self._stop_at:
            self._store.terminate(application)
            self._stop_at = now + _STOP_AGAIN_SECONDS

    def _wake_in(self) -> float:
        now = self._clock.monotonic()
        times = [self._ends_at - now]
        if self._stop_at is not None:
            times.append(self._stop_at - now)
        if self._series.wake_in is not None:
            times.append(self._series.wake_in)
        if self._series.status is not None and self._series.status.stage in _NUDGEABLE:
            times += [self._nudge_at - now] if self._nudge_at > now else []
        return min(times)

    def _give_up(self, application: Object | None, status: ApplicationStatus) -> Exception:
        namespace = str(destination_of(application).get("namespace", "")) if application else ""
        return not_healthy(
            application,
            status,
            revision=self._expectation.revision,
            seconds=self._clock.monotonic() - self._began,
            problems=self._problems(namespace) if namespace else (),
        )


_NUDGEABLE = {ApplicationStage.WAITING_FOR_REVISION, ApplicationStage.FAILED}
