"""The Application controller: refresh, automated sync, operations, deletion.

The order of status writes is the one seen with the real controller; whoever waits on an Application depends on it.
"""

import contextlib
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from standins.argocd import operations
from standins.argocd.cluster import CONTROLLER, Cluster
from standins.argocd.comparison import SYNC_OPTIONS, Comparison, compare, has_option, wave_of
from standins.argocd.documents import ManifestError
from standins.argocd.manifests import Manifests, render
from standins.argocd.projects import InvalidDestinationError, destination_server, violations
from standins.argocd.repository import Repositories, RepositoryError
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
_AUTOMATIC_RETRIES: Final = 5


class Level(IntEnum):
    """How thoroughly to compare."""

    RECENT = 1
    LATEST = 2
    FORCE = 3


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What Argo CD does by itself and when; times in seconds, its own defaults.

    Attributes:
        refresh: Between comparisons with the repository.
        refresh_jitter: At most that much is added to `refresh`.
        self_heal: Pause before the second attempt to heal; the first comes at once.
        self_heal_factor: How much longer each further pause is.
        self_heal_cap: The longest pause.
        self_heal_cooldown: A sync that lasted that long starts the pauses anew.
        repository_grace: How long a repository that fails is forgiven, but for an explicit refresh.
        stale_cache: Whether the first comparison after an automated sync still sees the objects from before it.
            The real controller's cache does so at times; the outcome is a second sync of everything at once, and
            readings that say Synced and Healthy while an operation runs.
    """

    refresh: float = 120.0
    refresh_jitter: float = 60.0
    self_heal: float = 2.0
    self_heal_factor: float = 3.0
    self_heal_cap: float = 300.0
    self_heal_cooldown: float = 330.0
    repository_grace: float = 180.0
    stale_cache: bool = False


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
        wait = self._refresh_if_needed(application)
        application = self._read(key[1])
        if application is None:
            return None
        if application.get("operation"):
            retry = self._operate(application)
            return min(wait, retry) if retry is not None else wait
        if is_deleting(application):
            self._delete(application)
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
        return self._requested.get(application["metadata"]["name"])

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
        wait = self._behaviour.refresh
        policy = application["spec"].get("syncPolicy") or {}
        automated = policy.get("automated")
        if automated is None or automated.get("enabled") is False or application.get("operation"):
            return None, wait
        if is_deleting(application) or comparison.status != "OutOfSync":
            return None, wait
        surplus = [item.wanted is None for item in comparison.resources]
        if not automated.get("prune") and all(
            extra for extra, item in zip(surplus, comparison.resources, strict=True) if not item.in_sync
        ):
            return None, wait
        sync: Object = {"revision": comparison.revision, "source": application["spec"]["source"]}
        if automated.get("prune"):
            sync["prune"] = True
        if policy.get("syncOptions"):
            sync["syncOptions"] = policy["syncOptions"]
        attempted = self._attempted(application, comparison)
        if attempted is not None:
            if attempted["phase"] != "Succeeded":
                last = (attempted.get("syncResult") or {}).get("revision", "")
                return f"Failed last sync attempt to [{last}]: {attempted.get('message', '')}", wait
            if not automated.get("selfHeal"):
                return None, wait
            healed = self._healing_attempts(attempted)
            left = self._seconds_until_heal(attempted, healed)
            if left > 0:
                self._request(application["metadata"]["name"], Level.LATEST)
                return None, left
            sync["autoHealAttemptsCount"] = healed + 1
            sync["resources"] = [
                {"group": item.key.group, "kind": item.key.kind, "name": item.key.name}
                for item in comparison.resources
                if not item.in_sync
            ]
        if automated.get("prune") and not automated.get("allowEmpty") and all(surplus):
            return f"Skipping sync attempt to [{comparison.revision}]: auto-sync will wipe out all resources", wait
        operation: Object = {
            "sync": sync,
            "initiatedBy": {"automated": True},
            "retry": policy.get("retry") or {"limit": _AUTOMATIC_RETRIES},
        }
        current = self._read(application["metadata"]["name"])
        if current is not None and not current.get("operation"):
            self._patch(current, {"operation": operation, "status": {"operationState": None}})
        return None, wait

    @staticmethod
    def _attempted(application: Object, comparison: Comparison) -> Object | None:
        state: Object | None = (application.get("status") or {}).get("operationState")
        if state is None or state["phase"] not in FINISHED:
            return None
        result = state.get("syncResult")
        if result is None:
            return state
        same_source = (result.get("source") or {}) == application["spec"]["source"]
        return state if result.get("revision") == comparison.revision and same_source else None

    def _healing_attempts(self, state: Object) -> int:
        if self._seconds_since(state["finishedAt"]) >= self._behaviour.self_heal_cooldown:
            return 0
        return int((state["operation"].get("sync") or {}).get("autoHealAttemptsCount", 0))

    def _seconds_until_heal(self, state: Object, attempts: int) -> float:
        if attempts == 0:
            return 0.0
        pause = self._behaviour.self_heal * self._behaviour.self_heal_factor ** (attempts - 1)
        return min(pause, self._behaviour.self_heal_cap) - self._seconds_since(state["finishedAt"])

    def _seconds_since(self, time: str) -> float:
        return (self._api.time() - datetime.fromisoformat(time)).total_seconds()

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
            left = self._seconds_until_retry(state)
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
            self._decide_on_retry(state, was_terminating=was_terminating)
        self._write_state(fresh, state)
        if state["phase"] in FINISHED:
            self._request(application["metadata"]["name"], Level.FORCE)
        return (
            self._seconds_until_retry(state) if state.get("finishedAt") and state["phase"] == "Running" else None
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

    def _decide_on_retry(self, state: Object, *, was_terminating: bool) -> None:
        retry = state["operation"].get("retry") or {}
        count = state.get("retryCount", 0)
        if was_terminating or (count >= retry.get("limit", 0) and retry.get("limit", 0) >= 0):
            if count:
                state["message"] += f" (retried {count} times)."
            return
        state |= {"phase": "Running", "finishedAt": self._api.now(), "retryCount": count + 1}
        at = self._api.time() + timedelta(seconds=self._seconds_until_retry(state))
        clock = at.strftime("%I:%M%p").lstrip("0")
        state["message"] += f". Retrying attempt #{state['retryCount']} at {clock}."

    def _seconds_until_retry(self, state: Object) -> float:
        backoff = (state["operation"].get("retry") or {}).get("backoff") or {}
        first = _seconds(backoff.get("duration") or "5s")
        most = _seconds(backoff.get("maxDuration") or "3m")
        delay = min(first * (backoff.get("factor") or 2) ** (state["retryCount"] - 1), most)
        finished = datetime.fromisoformat(state["finishedAt"])
        return (finished + timedelta(seconds=delay) - self._api.time()).total_seconds()

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
            if not self._delete_objects(application, cascades):
                return
        left = [name for name in finalizers_of(application) if name not in cascades]
        self._patch(application, {"metadata": {"finalizers": left or None}})

    def _delete_objects(self, application: Object, cascades: list[str]) -> bool:
        approved = annotations_of(application).get("argocd.argoproj.io/deletion-approved")
        name = application["metadata"]["name"]
        values = [value for value in self._cluster.managed(name) if not self._is_kept(value)]
        if any(is_deleting(value) for value in values):
            return False
        if not approved and any(has_option(value, SYNC_OPTIONS, "Delete=confirm") for value in values):
            return False
        propagation = "Background" if cascades[0].endswith("/background") else "Foreground"
        last_wave = max(map(wave_of, values), default=0)
        for value in values:
            if wave_of(value) == last_wave:
                self._cluster.delete(value, propagation)
        return not any(not self._is_kept(value) for value in self._cluster.managed(name))

    @staticmethod
    def _is_kept(value: Object) -> bool:
        return has_option(value, SYNC_OPTIONS, "Delete=false") or value["kind"] == "CustomResourceDefinition"

    def _write_condition(self, application: Object, kind: str, message: str) -> None:
        status = clone(application.get("status") or {})
        set_conditions(status, [(kind, message)], {kind}, self._api.now())
        changed = merge_diff(application.get("status") or {}, status)
        if changed:
            self._patch(application, {"status": changed})


def _seconds(text: str | int) -> float:
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    text = str(text)
    for suffix, size in units.items():
        if text.endswith(suffix) and text.removesuffix(suffix).isdigit():
            return int(text.removesuffix(suffix)) * size
    return float(text)
