"""Deployments: rolling from one ReplicaSet to the next."""

import hashlib
import json
import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from standins.kubernetes.api import Api, Deletion
from standins.kubernetes.controllers.replicas import owned_by, reference_to
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.objects import (
    Object,
    clone,
    condition,
    drop_condition,
    is_deleting,
    name_of,
    owner_of,
    set_condition,
)
from standins.kubernetes.store import Change

_HASH = "pod-template-hash"
_REVISION = "deployment.kubernetes.io/revision"


class DeploymentController:
    """Makes and scales ReplicaSets."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._client = Client(api, "kube-controller-manager")
        self._marks: dict[str, tuple[Any, datetime]] = {}

    def keys(self, change: Change) -> Iterable[Key]:
        """Deployments and their ReplicaSets."""
        meta = change.value["metadata"]
        if change.type_key == ("apps", "deployments"):
            yield meta["namespace"], meta["name"]
        elif change.type_key == ("apps", "replicasets"):
            owner = owner_of(change.value)
            if owner is not None and owner["kind"] == "Deployment":
                yield meta["namespace"], owner["name"]

    def reconcile(self, key: Key) -> float | None:
        """Scale the current ReplicaSet up and the others down, as the strategy allows; write the status."""
        value = self._client.find("deployments.apps", *key)
        if value is None or is_deleting(value):
            return None
        sets = owned_by(value, self._client.all("replicasets.apps", key[0]))
        new = self._current(value, sets)
        old = [item for item in sets if name_of(item) != name_of(new)]
        if not value["spec"].get("paused"):
            self._scale(value, new, old)
        sets = owned_by(value, self._client.all("replicasets.apps", key[0]))
        new = next(item for item in sets if name_of(item) == name_of(new))
        self._clean_up(value, sets, new)
        return self._write_status(value, new, sets)

    def _current(self, value: Object, sets: list[Object]) -> Object:
        template = value["spec"]["template"]
        for item in sets:
            if _without_hash(item["spec"]["template"]) == template:
                return item
        digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]
        labels = {**((template.get("metadata") or {}).get("labels") or {}), _HASH: digest}
        made = clone(template)
        made.setdefault("metadata", {})["labels"] = labels
        revision = 1 + max((int(_revision(item)) for item in sets), default=0)
        selector = clone(value["spec"]["selector"])
        selector["matchLabels"] = {**selector.get("matchLabels", {}), _HASH: digest}
        return self._client.create(
            "replicasets.apps",
            {
                "metadata": {
                    "name": f"{name_of(value)}-{digest}", "namespace": value["metadata"]["namespace"],
                    "labels": labels, "annotations": {_REVISION: str(revision)},
                    "ownerReferences": [reference_to(value)],
                },
                "spec": {"replicas": 0, "selector": selector, "template": made},
            },
        )  # fmt: skip

    def _scale(self, value: Object, new: Object, old: list[Object]) -> None:
        wanted = value["spec"]["replicas"]
        strategy = value["spec"]["strategy"]
        running = sum(item.get("status", {}).get("replicas", 0) for item in old)
        asked = sum(item["spec"]["replicas"] for item in old)
        if strategy["type"] == "Recreate":
            for item in old:
                self._set_replicas(item, 0)
            self._set_replicas(new, wanted if running == 0 and asked == 0 else new["spec"]["replicas"])
            return
        rolling = strategy["rollingUpdate"]
        surge = _share(rolling["maxSurge"], wanted, math.ceil)
        unavailable = _share(rolling["maxUnavailable"], wanted, math.floor)
        if surge == 0 and unavailable == 0:
            unavailable = 1
        room = wanted + surge - asked
        self._set_replicas(new, min(wanted, max(room, new["spec"]["replicas"])) if asked else wanted)
        if not asked:
            return
        available = sum(_available(item) for item in [*old, new])
        spare = available - (wanted - unavailable)
        for item in old:
            broken = item["spec"]["replicas"] - _available(item)
            cut = min(item["spec"]["replicas"], max(spare, 0) + max(broken, 0))
            self._set_replicas(item, item["spec"]["replicas"] - cut)
            spare -= max(cut - broken, 0)

    def _set_replicas(self, item: Object, count: int) -> None:
        if item["spec"]["replicas"] != count:
            changed = clone(item)
            changed["spec"]["replicas"] = count
            self._client.update("replicasets.apps", changed)

    def _clean_up(self, value: Object, sets: list[Object], new: Object) -> None:
        idle = [
            item
            for item in sets
            if item is not new and item["spec"]["replicas"] == 0 and not item.get("status", {}).get("replicas")
        ]
        idle.sort(key=lambda item: int(_revision(item)))
        for item in idle[: max(len(idle) - value["spec"]["revisionHistoryLimit"], 0)]:
            self._api.delete(
                self._client.type("replicasets.apps"), item["metadata"]["namespace"], name_of(item), Deletion()
            )

    def _write_status(self, value: Object, new: Object, sets: list[Object]) -> float | None:
        current = self._client.find("deployments.apps", value["metadata"]["namespace"], name_of(value))
        if current is None:
            return None
        revision = _revision(new)
        annotations = current["metadata"].get("annotations") or {}
        if annotations.get(_REVISION) != revision:
            changed = clone(current)
            changed["metadata"]["annotations"] = {**annotations, _REVISION: revision}
            current = self._client.update("deployments.apps", changed)
        changed = clone(current)
        status = changed.setdefault("status", {})
        wanted = current["spec"]["replicas"]
        total = sum(item.get("status", {}).get("replicas", 0) for item in sets)
        ready = sum(item.get("status", {}).get("readyReplicas", 0) for item in sets)
        updated = new.get("status", {}).get("replicas", 0)
        counts = {
            "replicas": total, "updatedReplicas": updated, "readyReplicas": ready, "availableReplicas": ready,
            "unavailableReplicas": max(wanted - ready, total - ready, 0),
        }  # fmt: skip
        for name, count in counts.items():
            if count:
                status[name] = count
            else:
                status.pop(name, None)
        status["observedGeneration"] = value["metadata"]["generation"]
        again = self._conditions(current, status, new, sets)
        if changed != current:
            self._client.update_status("deployments.apps", changed)
        return again

    def _conditions(self, value: Object, status: Object, new: Object, sets: list[Object]) -> float | None:
        now, wanted = self._api.now(), value["spec"]["replicas"]
        strategy = value["spec"]["strategy"]
        may_lack = _share(strategy.get("rollingUpdate", {}).get("maxUnavailable", 0), wanted, math.floor)
        enough = status.get("availableReplicas", 0) >= wanted - may_lack
        set_condition(
            status,
            {
                "type": "Available", "status": "True" if enough else "False",
                "reason": "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
                "message": f"Deployment {'has' if enough else 'does not have'} minimum availability.",
                "lastUpdateTime": now,
            },
            now,
        )  # fmt: skip
        failure = next((found for item in sets if (found := condition(item, "ReplicaFailure"))), None)
        if failure is not None:
            set_condition(status, {**failure, "lastUpdateTime": now}, now)
        else:
            drop_condition(status, "ReplicaFailure")
        return self._progress(value, status, new, now)

    def _progress(self, value: Object, status: Object, new: Object, now: str) -> float | None:
        wanted = value["spec"]["replicas"]
        complete = (
            status.get("updatedReplicas", 0)
            == status.get("availableReplicas", 0)
            == wanted
            == status.get("replicas", 0)
        )
        name = name_of(new)
        found: Object = {"type": "Progressing", "status": "True", "lastUpdateTime": now}
        counts = [status.get(key, 0) for key in ("updatedReplicas", "availableReplicas", "replicas")]
        if complete:
            found |= {
                "reason": "NewReplicaSetAvailable",
                "message": f'ReplicaSet "{name}" has successfully progressed.',
            }
            set_condition(status, found, now)
            self._marks.pop(value["metadata"]["uid"], None)
            return None
        mark, since = self._marks.get(value["metadata"]["uid"], (None, self._api.time()))
        if mark != (name, counts):
            since = self._api.time()
            self._marks[value["metadata"]["uid"]] = ((name, counts), since)
        left = (
            since + timedelta(seconds=value["spec"]["progressDeadlineSeconds"]) - self._api.time()
        ).total_seconds()
        if left <= 0:
            found |= {
                "status": "False", "reason": "ProgressDeadlineExceeded",
                "message": f'ReplicaSet "{name}" has timed out progressing.',
            }  # fmt: skip
        else:
            found |= {"reason": "ReplicaSetUpdated", "message": f'ReplicaSet "{name}" is progressing.'}
        set_condition(status, found, now)
        return left if left > 0 else None


def _available(item: Object) -> int:
    return int(item.get("status", {}).get("availableReplicas", 0))


def _revision(item: Object) -> str:
    return str((item["metadata"].get("annotations") or {}).get(_REVISION, "0"))


def _without_hash(template: Object) -> Object:
    made = clone(template)
    made["metadata"]["labels"].pop(_HASH, None)
    return made


def _share(amount: int | str, of: int, rounding: Any) -> int:
    if isinstance(amount, str) and amount.endswith("%"):
        return int(rounding(of * int(amount[:-1]) / 100))
    return int(amount)
