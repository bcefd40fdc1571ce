"""StatefulSets and DaemonSets, plainly: numbered pods, one pod for the one node."""

import hashlib
import json
from collections.abc import Iterable

from standins.kubernetes.api import Api, Deletion
from standins.kubernetes.controllers.replicas import is_ready, owned_by, owner_key, pod_from
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.objects import Object, clone, is_deleting, labels_of, name_of
from standins.kubernetes.store import Change

_HASH = "controller-revision-hash"


def _digest(value: Object) -> str:
    text = json.dumps(value["spec"]["template"], sort_keys=True)
    return f"{name_of(value)}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


class StatefulSetController:
    """Creates pods in order, each when the one before is ready; replaces outdated ones from the last."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._client = Client(api, "kube-controller-manager")

    def keys(self, change: Change) -> Iterable[Key]:
        """StatefulSets and their pods."""
        yield from owner_key(change, "statefulsets", "StatefulSet")

    def reconcile(self, key: Key) -> float | None:
        """Create or replace one pod, and write the status."""
        value = self._client.find("statefulsets.apps", *key)
        if value is None or is_deleting(value):
            return None
        digest = _digest(value)
        self._step(value, digest)
        pods = owned_by(value, self._client.all("pods", key[0]))
        changed = clone(value)
        status = changed.setdefault("status", {})
        ready = sum(map(is_ready, pods))
        current = sum(labels_of(pod).get(_HASH) == digest for pod in pods)
        status |= {
            "replicas": len(pods), "readyReplicas": ready, "availableReplicas": ready, "currentReplicas": current,
            "updatedReplicas": current, "updateRevision": digest,
            "observedGeneration": value["metadata"]["generation"],
            "collisionCount": 0,
        }  # fmt: skip
        status["currentRevision"] = digest if current == len(pods) else status.get("currentRevision", digest)
        if changed != value:
            self._client.update_status("statefulsets.apps", changed)
        return None

    def _step(self, value: Object, digest: str) -> None:
        namespace, wanted = value["metadata"]["namespace"], value["spec"]["replicas"]
        pods = {name_of(pod): pod for pod in owned_by(value, self._client.all("pods", namespace))}
        names = [f"{name_of(value)}-{index}" for index in range(wanted)]
        parallel = value["spec"]["podManagementPolicy"] == "Parallel"
        for index, name in enumerate(names):
            pod = pods.get(name)
            if pod is None:
                meta = {"name": name}
                made = pod_from(value["spec"]["template"], value, meta)
                made["metadata"]["labels"] = {
                    **made["metadata"].get("labels", {}),
                    _HASH: digest,
                    "statefulset.kubernetes.io/pod-name": name,
                    "apps.kubernetes.io/pod-index": str(index),
                }
                self._client.create("pods", made)
            if not parallel and (pod is None or not is_ready(pod)):
                return
        outdated = [
            pods[name] for name in reversed(names) if name in pods and labels_of(pods[name]).get(_HASH) != digest
        ]
        surplus = [pod for name, pod in sorted(pods.items()) if name not in names]
        for pod in surplus[-1:] or outdated[:1]:
            if not is_deleting(pod):
                self._api.delete(self._client.type("pods"), namespace, name_of(pod), Deletion())


class DaemonSetController:
    """Keeps one pod on the one node."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._client = Client(api, "kube-controller-manager")

    def keys(self, change: Change) -> Iterable[Key]:
        """DaemonSets and their pods."""
        yield from owner_key(change, "daemonsets", "DaemonSet")

    def reconcile(self, key: Key) -> float | None:
        """Create or replace the pod, and write the status."""
        value = self._client.find("daemonsets.apps", *key)
        if value is None or is_deleting(value):
            return None
        digest = _digest(value)
        pods = owned_by(value, self._client.all("pods", key[0]))
        for pod in pods:
            if labels_of(pod).get(_HASH) != digest and not is_deleting(pod):
                self._api.delete(self._client.type("pods"), key[0], name_of(pod), Deletion())
        if not pods:
            made = pod_from(value["spec"]["template"], value, {"generateName": f"{name_of(value)}-"})
            made["metadata"]["labels"] = {**made["metadata"].get("labels", {}), _HASH: digest}
            pods = [self._client.create("pods", made)]
        changed = clone(value)
        ready, current = sum(map(is_ready, pods)), sum(labels_of(pod).get(_HASH) == digest for pod in pods)
        changed["status"] = {
            **changed.get("status", {}), "desiredNumberScheduled": 1, "currentNumberScheduled": len(pods),
            "numberMisscheduled": 0, "numberReady": ready, "numberAvailable": ready,
            "updatedNumberScheduled": current,
            "observedGeneration": value["metadata"]["generation"],
        }  # fmt: skip
        if changed != value:
            self._client.update_status("daemonsets.apps", changed)
        return None
