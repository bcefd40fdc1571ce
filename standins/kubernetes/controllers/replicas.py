"""ReplicaSets: as many pods as asked for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from standins.kubernetes.api import Api, Deletion
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.errors import StatusError
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

_RETRY_AFTER: Final = timedelta(seconds=0.5)


def owned_by(owner: Object, values: Iterable[Object]) -> list[Object]:
    """Those of the objects that `owner` controls."""
    uid = owner["metadata"]["uid"]
    return [value for value in values if (reference := owner_of(value)) and reference["uid"] == uid]


def reference_to(owner: Object) -> Object:
    """An owner reference that makes `owner` the controller."""
    return {
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name_of(owner),
        "uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True,
    }  # fmt: skip


def pod_from(template: Object, owner: Object, meta: Object) -> Object:
    """A pod as an owner's template describes it."""
    source = clone(template.get("metadata") or {})
    made = {key: source[key] for key in ("labels", "annotations") if source.get(key)}
    made |= meta | {"namespace": owner["metadata"]["namespace"], "ownerReferences": [reference_to(owner)]}
    return {"metadata": made, "spec": clone(template["spec"])}


def is_ready(pod: Object) -> bool:
    """Whether a pod is ready and stays."""
    found = condition(pod, "Ready")
    return found is not None and found["status"] == "True" and not is_deleting(pod)


def is_active(pod: Object) -> bool:
    """Whether a pod still counts."""
    return pod["status"].get("phase") not in {"Succeeded", "Failed"} and not is_deleting(pod)


def owner_key(change: Change, plural: str, kind: str) -> Iterable[Key]:
    """The key of an owner of a kind, for changes of itself and of pods that it controls."""
    meta = change.value["metadata"]
    if change.type_key[1] == plural:
        yield meta.get("namespace", ""), meta["name"]
    elif change.type_key == ("", "pods"):
        owner = owner_of(change.value)
        if owner is not None and owner["kind"] == kind:
            yield meta["namespace"], owner["name"]


class ReplicaSetController:
    """Creates and deletes pods."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._client = Client(api, "kube-controller-manager")
        self._not_before: dict[str, datetime] = {}

    def keys(self, change: Change) -> Iterable[Key]:
        """ReplicaSets and their pods; a quota's change may let pods in."""
        yield from owner_key(change, "replicasets", "ReplicaSet")
        if change.type_key == ("", "resourcequotas"):
            namespace = change.value["metadata"]["namespace"]
            for value in self._client.all("replicasets.apps", namespace):
                yield namespace, name_of(value)

    def reconcile(self, key: Key) -> float | None:
        """Create or delete pods, and write the status."""
        value = self._client.find("replicasets.apps", *key)
        if value is None:
            return None
        pods = [pod for pod in owned_by(value, self._client.all("pods", key[0])) if is_active(pod)]
        wait: float | None = None
        failure: StatusError | None = None
        if not is_deleting(value):
            missing = value["spec"]["replicas"] - len(pods)
            wait = self._seconds_to_wait(value) if missing > 0 else None
            if wait is None:
                failure = self._create(value, missing)
            for pod in sorted(pods, key=is_ready)[: max(-missing, 0)]:
                self._api.delete(self._client.type("pods"), key[0], name_of(pod), Deletion())
            pods = [pod for pod in owned_by(value, self._client.all("pods", key[0])) if is_active(pod)]
        self._write_status(value, pods, failure)
        if failure is not None:
            wait = self._pause(value)
        return wait

    def _pause(self, value: Object) -> float:
        self._not_before[value["metadata"]["uid"]] = self._api.time() + _RETRY_AFTER
        return _RETRY_AFTER.total_seconds()

    def _seconds_to_wait(self, value: Object) -> float | None:
        until = self._not_before.get(value["metadata"]["uid"])
        left = (until - self._api.time()).total_seconds() if until else 0
        return left if left > 0 else None

    def _create(self, value: Object, count: int) -> StatusError | None:
        for _ in range(count):
            pod = pod_from(value["spec"]["template"], value, {"generateName": f"{name_of(value)}-"})
            try:
                self._client.create("pods", pod)
            except StatusError as error:
                self._client.event(
                    value, reason="FailedCreate", message=f"Error creating: {error.message}", warning=True
                )
                return error
        return None

    def _write_status(self, value: Object, pods: list[Object], failure: StatusError | None) -> None:
        new = clone(value)
        ready = sum(map(is_ready, pods))
        status = new.setdefault("status", {})
        status |= {
            "replicas": len(pods), "fullyLabeledReplicas": len(pods), "readyReplicas": ready,
            "availableReplicas": ready, "observedGeneration": value["metadata"]["generation"],
        }  # fmt: skip
        for name in ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
            if not status[name]:
                del status[name]
        if failure is not None and condition(value, "ReplicaFailure") is None:
            set_condition(
                status,
                {
                    "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
                    "message": failure.message,
                },
                self._api.now(),
            )  # fmt: skip
        elif len(pods) >= value["spec"]["replicas"]:
            drop_condition(status, "ReplicaFailure")
        if new != value:
            self._client.update_status("replicasets.apps", new)
