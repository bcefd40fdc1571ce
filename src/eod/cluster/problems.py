"""What keeps pods from being ready, in words. Pure."""

from collections.abc import Iterable
from typing import Any

Object = dict[str, Any]

_MOST = 12
_HARMLESS = {"ContainerCreating", "PodInitializing", "Completed"}


def explain_pods(
    pods: list[Object], workloads: list[Object], claims: list[Object], events: list[Object]
) -> tuple[str, ...]:
    """One sentence for each thing that is wrong, the most telling first, at most a dozen.

    Args:
        pods: The namespace's pods.
        workloads: Its ReplicaSets, StatefulSets and Jobs, each with its `kind`.
        claims: Its PersistentVolumeClaims.
        events: Its warnings; only those of things that are not ready count.
    """
    unready = [pod for pod in pods if not _ready(pod)]
    lines = [line for pod in unready for line in _pod_lines(pod)]
    lines += [line for workload in workloads for line in _workload_lines(workload)]
    lines += [line for claim in claims for line in _claim_lines(claim)]
    lines += _event_lines(events, {_name(thing) for thing in (*unready, *workloads, *claims)})
    return tuple(dict.fromkeys(lines))[:_MOST]


def _ready(pod: Object) -> bool:
    status = pod.get("status") or {}
    if status.get("phase") == "Succeeded" or pod["metadata"].get("deletionTimestamp"):
        return True
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in status.get("conditions") or ())


def _pod_lines(pod: Object) -> Iterable[str]:
    status, name = pod.get("status") or {}, _name(pod)
    containers = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    told = False
    for container in containers:
        line = _container_line(container)
        if line:
            told = True
            yield f"Pod {name}: container {container.get('name', '')} {line}"
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            told = True
            yield f"Pod {name} cannot be scheduled: {_text(condition.get('message'))}"
    if status.get("phase") == "Failed":
        told = True
        yield f"Pod {name} failed: {_text(status.get('message') or status.get('reason') or 'no reason given')}"
    if not told and containers:
        waiting = [
            str(c.get("name", ""))
            for c in containers
            if not c.get("ready") and "running" in (c.get("state") or {})
        ]
        if waiting:
            yield f"Pod {name}: {', '.join(waiting)} runs and is not ready: its readiness probe does not pass"


def _container_line(container: Object) -> str:
    state, last = container.get("state") or {}, container.get("lastState") or {}
    waiting, ended = state.get("waiting") or {}, (state.get("terminated") or {})
    if waiting.get("reason") and waiting["reason"] not in _HARMLESS:
        before = last.get("terminated") or {}
        code = f"; it ended with exit code {before['exitCode']}" if "exitCode" in before else ""
        oom = " (out of memory)" if before.get("reason") == "OOMKilled" else ""
        return f"waits: {waiting['reason']}: {_text(waiting.get('message'))}{code}{oom}".rstrip(": ")
    if ended and ended.get("exitCode", 0) != 0:
        return f"ended with exit code {ended['exitCode']}: {_text(ended.get('reason'))}".rstrip(": ")
    return ""


def _workload_lines(workload: Object) -> Iterable[str]:
    kind, name = workload.get("kind", "workload"), _name(workload)
    for condition in (workload.get("status") or {}).get("conditions") or ():
        if condition.get("type") in {"ReplicaFailure", "Failed"} and condition.get("status") == "True":
            yield f"{kind} {name}: {_text(condition.get('reason'))}: {_text(condition.get('message'))}"


def _claim_lines(claim: Object) -> Iterable[str]:
    phase = (claim.get("status") or {}).get("phase", "Pending")
    if phase != "Bound":
        yield f"PersistentVolumeClaim {_name(claim)} is {phase}"


def _event_lines(events: list[Object], names: set[str]) -> list[str]:
    telling = [
        event
        for event in events
        if event.get("type") == "Warning" and (event.get("involvedObject") or {}).get("name") in names
    ]
    return [_event_line(event) for event in telling[-_MOST:]]


def _event_line(event: Object) -> str:
    about = event["involvedObject"]
    what = f"{about.get('kind', '')} {about['name']}".strip()
    return f"{what}: {_text(event.get('reason'))}: {_text(event.get('message'))}"


def _text(value: object) -> str:
    return " ".join(str(value or "").split())[:300]


def _name(thing: Object) -> str:
    return str(thing["metadata"]["name"])
