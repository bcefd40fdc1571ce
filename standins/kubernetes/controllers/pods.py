"""The node agent: pods run, become ready, fail where they would fail, and end.

Nothing is executed. A pod whose image comes from a host under `.invalid` cannot be pulled; a container
whose command is `false` ends with an error; a Secret or ConfigMap that a pod needs has to exist; a pod of
a Job completes.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Final

from standins.kubernetes.api import Api, Deletion
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.objects import Object, clone, is_deleting, name_of, owner_of
from standins.kubernetes.store import Change

NODE: Final = "node-0"


class PodController:
    """Plays scheduler and node agent."""

    def __init__(self, api: Api, *, ready_after: float = 0.0) -> None:
        self._api = api
        self._client = Client(api, "kubelet")
        self._ready_after = ready_after
        self._addresses = 0
        self._first_seen: dict[str, float] = {}

    def keys(self, change: Change) -> Iterable[Key]:
        """A pod's own changes; a new Secret or ConfigMap may be what pods wait for."""
        group, plural = change.type_key
        if (group, plural) == ("", "pods"):
            yield change.value["metadata"]["namespace"], name_of(change.value)
        elif group == "" and plural in {"secrets", "configmaps"} and change.kind == "ADDED":
            namespace = change.value["metadata"]["namespace"]
            for pod in self._client.all("pods", namespace):
                if pod["status"].get("phase") == "Pending":
                    yield namespace, name_of(pod)

    def reconcile(self, key: Key) -> float | None:
        """Move a pod one step on."""
        pod = self._client.find("pods", *key)
        if pod is None:
            return None
        if is_deleting(pod):
            if pod["metadata"].get("deletionGracePeriodSeconds"):
                self._api.delete(self._client.type("pods"), key[0], key[1], Deletion(grace_seconds=0))
            return None
        if "nodeName" not in pod["spec"]:
            pod = clone(pod)
            pod["spec"]["nodeName"] = NODE
            pod = self._client.update("pods", pod)
        if pod["status"].get("phase") in {"Succeeded", "Failed"}:
            return None
        return self._run(pod)

    def _run(self, pod: Object) -> float | None:
        started = pod["status"].get("startTime") or self._api.now()
        waiting = self._why_waiting(pod)
        now = time.monotonic()
        age = now - self._first_seen.setdefault(pod["metadata"]["uid"], now)
        if waiting:
            self._write(pod, "Pending", started, ready=False, waiting=waiting)
            return None
        if age < self._ready_after:
            self._write(pod, "Running", started, ready=False, waiting=None)
            return self._ready_after - age
        owner = owner_of(pod)
        fails = any(
            container.get("command") in (["false"], ["/bin/false"]) for container in pod["spec"]["containers"]
        )
        if owner is not None and owner["kind"] == "Job":
            self._write(pod, "Failed" if fails else "Succeeded", started, ready=False, waiting=None)
        elif fails:
            reason = ("CrashLoopBackOff", "back-off restarting failed container")
            self._write(pod, "Running", started, ready=False, waiting=reason)
        else:
            self._write(pod, "Running", started, ready=True, waiting=None)
        return None

    def _why_waiting(self, pod: Object) -> tuple[str, str] | None:
        for container in pod["spec"]["containers"]:
            image = str(container["image"])
            if image.partition("/")[0].partition(":")[0].endswith(".invalid"):
                return "ImagePullBackOff", f'Back-off pulling image "{image}"'
        for plural, name in _needed(pod["spec"]):
            if self._client.find(plural, pod["metadata"]["namespace"], name) is None:
                return "CreateContainerConfigError", f'{plural.removesuffix("s")} "{name}" not found'
        return None

    def _write(
        self, pod: Object, phase: str, started: str, *, ready: bool, waiting: tuple[str, str] | None
    ) -> None:
        new = clone(pod)
        status = new["status"]
        old = {item["type"]: item for item in status.get("conditions") or []}
        done = phase == "Succeeded"
        flags = {
            "PodScheduled": True,
            "Initialized": True,
            "ContainersReady": ready,
            "Ready": ready,
        }
        conditions = []
        for kind, flag in flags.items():
            text = "True" if flag else "False"
            before = old.get(kind)
            same = before is not None and before["status"] == text
            item = {"type": kind, "status": text}
            item["lastTransitionTime"] = before["lastTransitionTime"] if same and before else self._api.now()
            if not flag:
                item["reason"] = "PodCompleted" if done else "ContainersNotReady"
            conditions.append(item)
        status |= {
            "phase": phase, "startTime": started, "conditions": conditions, "hostIP": "10.0.0.1",
            "containerStatuses": [
                self._container(container, phase, started, ready=ready, waiting=waiting)
                for container in pod["spec"]["containers"]
            ],
        }  # fmt: skip
        if "podIP" not in status:
            self._addresses += 1
            address = f"10.244.{self._addresses // 250 % 250}.{self._addresses % 250 + 1}"
            status |= {"podIP": address, "podIPs": [{"ip": address}]}
        if new != pod:
            self._client.update_status("pods", new)
            if waiting:
                self._client.event(pod, reason="Failed", message=f"Error: {waiting[0]}", warning=True)

    def _container(
        self, container: Object, phase: str, started: str, *, ready: bool, waiting: tuple[str, str] | None
    ) -> Object:
        state: Object
        if waiting:
            state = {"waiting": {"reason": waiting[0], "message": waiting[1]}}
        elif phase in {"Succeeded", "Failed"}:
            good = phase == "Succeeded"
            state = {
                "terminated": {
                    "exitCode": 0 if good else 1, "reason": "Completed" if good else "Error", "startedAt": started,
                    "finishedAt": started,
                }
            }  # fmt: skip
        else:
            state = {"running": {"startedAt": started}}
        return {
            "name": container["name"], "image": container["image"], "imageID": "", "restartCount": 0,
            "ready": ready,
            "started": "running" in state, "state": state,
        }  # fmt: skip


def _needed(spec: Object) -> Iterator[tuple[str, str]]:
    for volume in spec.get("volumes") or []:
        for kind, plural, key in (("secret", "secrets", "secretName"), ("configMap", "configmaps", "name")):
            source = volume.get(kind)
            if source and not source.get("optional") and source.get(key):
                yield plural, source[key]
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        for source in container.get("envFrom") or []:
            for kind, plural in (("secretRef", "secrets"), ("configMapRef", "configmaps")):
                if kind in source and not source[kind].get("optional"):
                    yield plural, source[kind]["name"]
        for variable in container.get("env") or []:
            for kind, plural in (("secretKeyRef", "secrets"), ("configMapKeyRef", "configmaps")):
                reference = (variable.get("valueFrom") or {}).get(kind)
                if reference and not reference.get("optional"):
                    yield plural, reference["name"]
