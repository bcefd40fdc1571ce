"""The Application controller: refresh, automated sync, operations, deletion.

The order of status writes is the one seen with the real controller; whoever waits on an Application depends on it.
"""

import contextlib
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from standins.argocd import operations
from standins.argocd.autosync import decide
from standins.argocd.behaviour import Behaviour
from standins.argocd.cascade import delete_objects
from standins.argocd.cluster import CONTROLLER, Cluster
from standins.argocd.comparison import Comparison, compare
from standins.argocd.documents import ManifestError
from standins.argocd.manifests import Manifests, render
from standins.argocd.projects import InvalidDestinationError, destination_server, violations
from standins.argocd.repository import Repositories, RepositoryError
from standins.argocd.retries import after_failure, seconds_until_retry
from standins.argocd.status import (
    FINALIZER,
    FINISHED,
    REFRESH,
    merge_diff,
    set_conditions,
    set_health,
    with_comparison,
)
from standins.argocd.tracking import TRACKING_ID
from standins.kubernetes.api import Api, Write
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.objects import Object, annotations_of, clone, finalizers_of, is_deleting
from standins.kubernetes.store import Change

APPLICATIONS: Final = "applications.argoproj.io"
PROJECTS: Final = "appprojects.argoproj.io"


class Level(IntEnum):
    """How thoroughly to compare."""

    RECENT = 1
    LATEST = 2
    FORCE = 3


class ApplicationController:
    """Brings Applications to what their repositories say."""

    def __init__(self, api: Api, repositories: Repositories, namespace: str, behaviour: Behaviour) -> None:
        self._api = api
        self._client = Client(api, CONTROLLER)
        self._cluster = Cluster(api)
        self._repositories = repositories
        self._namespace = namespace
        self._behaviour = behaviour
        self._requested: dict[str, Level] = {}
        self._jitter: dict[str, float] = {}
        self._repository_errors: dict[str, datetime] = {}
        self._stale: dict[str, Comparison] = {}
        self._heal_at: dict[str, datetime] = {}
        self._noticed: set[str] = set()

    def keys(self, change: Change) -> Iterable[Key]:
        """Applications, those of a changed project, and the one that a changed object belongs to."""
        group, plural = change.type_key
        if group == "argoproj.io" and plural == "applications":
            if change.value["metadata"]["namespace"] == self._namespace:
                yield self._namespace, change.value["metadata"]["name"]
        elif group == "argoproj.io" and plural == "appprojects":
            for application in self._client.all(APPLICATIONS, self._namespace):
                if application["spec"].get("project") == change.value["metadata"]["name"]:
                    self._request(application["metadata"]["name"], Level.LATEST)
                    yield self._namespace, application["metadata"]["name"]
        elif text := annotations_of(change.value).get(TRACKING_ID):
            name = text.partition(":")[0]
            self._request(name, Level.RECENT)
            yield self._namespace, name

    def _request(self, name: str, level: Level) -> None:
        self._requested[name] = max(level, self._requested.get(name, level))

    def reconcile(self, key: Key) -> float | None:
        """Refresh, then work on an operation or a deletion."""
        application = self._read(key[1])
        if application is None:
            self._requested.pop(key[1], None)
            return None
        if REFRESH in annotations_of(application) or not self._behaviour.overlooks_deletions:
            self._noticed.add(application["metadata"]["uid"])
        wait = self._refresh_if_needed(application)
        application = self._read(key[1])
        if application is None:
            return None
        if application.get("operation"):
            retry = self._operate(application)
            return min(wait, retry) if retry is not None else wait
        if is_deleting(application) and application["metadata"]["uid"] in self._noticed:
            self._delete(application)
        if not is_deleting(application):
            self._noticed.discard(application["metadata"]["uid"])
        return wait

    def _read(self, name: str) -> Object | None:
        return self._client.find(APPLICATIONS, self._namespace, name)

    # refresh

    def _refresh_if_needed(self, application: Object) -> float:
        name = application["metadata"]["name"]
        level = self._level(application)
        wait = self._seconds_until_expiry(application)
        self._requested.pop(name, None)
        if level is None:
            return wait
        return min(wait if wait > 0 else self._behaviour.refresh, self._refresh(application, level))

    def _level(self, application: Object) -> Level | None:
        status = application.get("status") or {}
        compared = (status.get("sync") or {}).get("comparedTo") or {}
        spec = application["spec"]
        if REFRESH in annotations_of(application) or compared.get("source") != spec.get("source"):
            return Level.FORCE
        if self._seconds_until_expiry(application) <= 0 or compared.get("destination") != spec["destination"]:
            return Level.LATEST
        if (compared.get("ignoreDifferences") or []) != (spec.get("ignoreDifferences") or []):
            return Level.LATEST
        name = application["metadata"]["name"]
        if name in self._heal_at and self._heal_at[name] <= self._api.time():
            del self._heal_at[name]
            return Level.LATEST
        return self._requested.get(name)

    def _seconds_until_expiry(self, application: Object) -> float:
        reconciled = (application.get("status") or {}).get("reconciledAt")
        if reconciled is None:
            return 0.0
        uid = application["metadata"]["uid"]
        jitter = self._jitter.setdefault(uid, random.uniform(0, self._behaviour.refresh_jitter))
        due = datetime.fromisoformat(reconciled) + timedelta(seconds=self._behaviour.refresh + jitter)
        return (due - self._api.time()).total_seconds()

    def _refresh(self, application: Object, level: Level) -> float:
        started = self._api.now()
        status = clone(application.get("status") or {})
        project, problems = self._project_problems(application)
        kinds = {"InvalidSpecError", "UnknownError"}
        set_conditions(status, [("InvalidSpecError", text) for text in problems], kinds, started)
        if problems or project is None:
            status["sync"] = {**(status.get("sync") or {}), "status": "Unknown"}
            status["sync"].setdefault(
                "comparedTo",
                {
                    "source": application["spec"].get("source") or {"repoURL": ""},
                    "destination": application["spec"]["destination"],
                },
            )
            set_health(status, "Unknown", started)
            self._persist(application, status)
            return self._behaviour.refresh
        revision = str(application["spec"]["source"].get("targetRevision") or "")
        if level == Level.RECENT:
            revision = (status.get("sync") or {}).get("revision") or revision
        stale = self._stale.pop(application["metadata"]["name"], None)
        comparison = stale or self._compare(application, project, revision, level)
        if comparison is None:
            return self._behaviour.refresh
        problem, wait = self._sync_automatically(application, comparison)
        status = with_comparison(status, application, comparison, started)
        set_conditions(status, [("SyncError", problem)] if problem else [], {"SyncError"}, started)
        if level >= Level.LATEST or "reconciledAt" not in status:
            status["reconciledAt"] = started
        self._persist(application, status)
        return wait

    def _project_problems(self, application: Object) -> tuple[Object | None, list[str]]:
        name = application["spec"].get("project") or "default"
        project = self._client.find(PROJECTS, self._namespace, name)
        if project is None:
            return None, [f"Application referencing project {name} which does not exist"]
        return project, list(violations(application["spec"], project))

    def _compare(self, application: Object, project: Object, revision: str, level: Level) -> Comparison | None:
        name = application["metadata"]["name"]
        try:
            commit, manifests = self._manifests(application["spec"]["source"], revision)
        except (ManifestError, RepositoryError) as error:
            if self._is_ignored(name, level):
                return None
            message = (
                "Failed to load target state: failed to generate manifest for source 1 of 1: "
                f"rpc error: code = Unknown desc = {error}"
            )
            return compare(
                self._cluster, application, project, [], revision=revision, source_type="", error=message
            )
        self._repository_errors.pop(name, None)
        return compare(
            self._cluster,
            application,
            project,
            manifests.objects,
            revision=commit,
            source_type=manifests.source_type,
        )

    def _is_ignored(self, name: str, level: Level) -> bool:
        first = self._repository_errors.setdefault(name, self._api.time())
        grace = timedelta(seconds=self._behaviour.repository_grace)
        return level < Level.FORCE and self._api.time() - first <= grace

    def _manifests(self, source: Object, revision: str) -> tuple[str, Manifests]:
        commit = self._repositories.resolve(source["repoURL"], revision)
        return commit, render(self._repositories.files(source["repoURL"], commit), source)

    def _persist(self, application: Object, status: Object) -> None:
        before = application.get("status") or {}
        if before.get("conditions") != status.get("conditions"):
            self._patch(application, {"status": {"conditions": status.get("conditions")}})
        patch: Object = {}
        changed = merge_diff(before, status)
        if changed:
            patch["status"] = changed
        if REFRESH in annotations_of(application):
            patch["metadata"] = {"annotations": {REFRESH: None}}
        if patch:
            self._patch(application, patch)

    def _patch(self, application: Object, patch: Object) -> Object:
        meta, how = application["metadata"], Write(manager=CONTROLLER)
        resource = self._client.type(APPLICATIONS)
        patched, _ = self._api.patch(resource, meta["namespace"], meta["name"], patch, kind="merge", how=how)
        return patched

    # automated sync

    def _sync_automatically(self, application: Object, comparison: Comparison) -> tuple[str | None, float]:
        name = application["metadata"]["name"]
        decision = decide(application, comparison, self._behaviour, self._api.time())
        if decision.operation is not None:
            current = self._read(name)
            if current is not None and not current.get("operation"):
                self._patch(current, {"operation": decision.operation, "status": {"operationState": None}})
        if decision.wait is not None:
            self._heal_at[name] = self._api.time() + timedelta(seconds=decision.wait)
        return decision.problem, self._behaviour.refresh if decision.wait is None else decision.wait

    # operations

    def _operate(self, application: Object) -> float | None:
        state = clone((application.get("status") or {}).get("operationState") or {})
        if not state or state["phase"] in FINISHED:
            state = {
                "phase": "Running",
                "operation": application["operation"],
                "startedAt": self._api.now(),
                "message": "",
            }
            state.pop("message")
            self._write_state(application, state)
            if self._behaviour.stale_cache and "autoHealAttemptsCount" in (
                application["operation"].get("sync") or {}
            ):
                self._refresh(self._read(application["metadata"]["name"]) or application, Level.RECENT)
        elif state["phase"] == "Running" and state.get("finishedAt"):
            left = seconds_until_retry(state, self._api.time())
            if left > 0:
                return left
            state["message"] = f"Retrying operation. Attempt #{state['retryCount']}"
            for key in ("finishedAt", "syncResult"):
                state.pop(key, None)
            self._write_state(application, state)
        was_terminating = state["phase"] == "Terminating"
        step, revision = self._step(application, state)
        fresh = self._read(application["metadata"]["name"])
        if fresh is None:
            return None
        now_state = (fresh.get("status") or {}).get("operationState") or {}
        state |= {"phase": step.phase, "message": step.message}
        source = state["operation"]["sync"].get("source") or application["spec"]["source"]
        state["syncResult"] = {"revision": revision, "source": source}
        if step.results:
            state["syncResult"]["resources"] = step.results
        if step.phase == "Running" and now_state.get("phase") == "Terminating":
            state |= {"phase": "Terminating", "message": "operation is terminating"}
        if step.phase in {"Failed", "Error"}:
            state = state if was_terminating else after_failure(state, self._api.time())
        self._write_state(fresh, state)
        if state["phase"] in FINISHED:
            self._request(application["metadata"]["name"], Level.FORCE)
        return (
            seconds_until_retry(state, self._api.time())
            if state.get("finishedAt") and state["phase"] == "Running"
            else None
        )

    def _step(self, application: Object, state: Object) -> tuple[operations.Step, str]:
        sync = state["operation"].get("sync")
        if sync is None:
            message = "Invalid operation request: no operation specified"
            return operations.Step(phase="Error", message=message, results=[]), ""
        project, problems = self._project_problems(application)
        if project is None or problems:
            return operations.Step(
                phase="Error", message=f"InvalidSpecError: {'; '.join(problems)}", results=[]
            ), ""
        source = sync.get("source") or application["spec"]["source"]
        known = (state.get("syncResult") or {}).get("revision")
        revision = known or sync.get("revision") or str(source.get("targetRevision") or "")
        subject = {**application, "spec": {**application["spec"], "source": source}}
        comparison = self._compare(subject, project, revision, Level.FORCE)
        assert comparison is not None
        errors = [text for kind, text in comparison.conditions if kind == "ComparisonError"]
        if errors:
            step = operations.Step(phase="Error", message=f"ComparisonError: {'; '.join(errors)}", results=[])
            return step, comparison.revision
        step = operations.advance(self._cluster, application, project, comparison, state)
        if step.phase == "Succeeded" and not sync.get("resources"):
            self._record_history(application, comparison, state)
            if self._behaviour.stale_cache and state["operation"].get("initiatedBy", {}).get("automated"):
                self._stale[application["metadata"]["name"]] = comparison
        return step, comparison.revision

    def _record_history(self, application: Object, comparison: Comparison, state: Object) -> None:
        history = list((application.get("status") or {}).get("history") or [])
        number = history[-1]["id"] + 1 if history else 0
        history.append(
            {
                "id": number, "revision": comparison.revision, "deployStartedAt": state["startedAt"],
                "deployedAt": self._api.now(), "source": application["spec"]["source"],
                "initiatedBy": state["operation"].get("initiatedBy") or {},
            }
        )  # fmt: skip
        limit = application["spec"].get("revisionHistoryLimit", 10)
        self._patch(application, {"status": {"history": history[-limit:]}})

    def _write_state(self, application: Object, state: Object) -> None:
        old = (application.get("status") or {}).get("operationState") or {}
        if state["phase"] in FINISHED:
            state["finishedAt"] = self._api.now()
        if old == state:
            return
        # A merge, as the real controller sends it: what an earlier operation left stays unless it is set anew.
        written = {**state, "finishedAt": None} if "finishedAt" in old and "finishedAt" not in state else state
        patch: Object = {"status": {"operationState": written}}
        if state["phase"] in FINISHED:
            patch["operation"] = None
        self._patch(application, patch)

    # deletion

    def _delete(self, application: Object) -> None:
        cascades = [name for name in finalizers_of(application) if name.partition("/")[0] == FINALIZER]
        if not cascades:
            return
        project, _ = self._project_problems(application)
        if project is None:
            name = application["spec"].get("project")
            self._write_condition(
                application,
                "DeletionError",
                f'error getting app project "{name}": appproject.argoproj.io "{name}" not found',
            )
            return
        with contextlib.suppress(InvalidDestinationError):
            destination_server(application["spec"]["destination"])
            propagation = "Background" if cascades[0].endswith("/background") else "Foreground"
            if not delete_objects(self._cluster, application, propagation=propagation):
                return
        left = [name for name in finalizers_of(application) if name not in cascades]
        self._patch(application, {"metadata": {"finalizers": left or None}})

    def _write_condition(self, application: Object, kind: str, message: str) -> None:
        status = clone(application.get("status") or {})
        set_conditions(status, [(kind, message)], {kind}, self._api.now())
        changed = merge_diff(application.get("status") or {}, status)
        if changed:
            self._patch(application, {"status": changed})
