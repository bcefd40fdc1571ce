"""Health of objects, by kind, as Argo CD judges it."""

from collections.abc import Callable
from typing import Final

from standins.kubernetes.objects import Object, condition, is_deleting

Health = tuple[str, str]
"""Status and message."""

ORDER: Final = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")


def worse(one: str, other: str) -> str:
    """The worse of two statuses."""
    return max(one, other, key=ORDER.index)


def has_check(group: str, kind: str) -> bool:
    """Whether objects of that kind have a health at all."""
    return (group, kind) in _CHECKS


def health_of(value: Object) -> Health | None:
    """An object's health; None for kinds that have none."""
    if is_deleting(value):
        return "Progressing", "Pending deletion"
    group = value["apiVersion"].rpartition("/")[0]
    check = _CHECKS.get((group, value["kind"]))
    return None if check is None else check(value)


def _deployment(value: Object) -> Health:
    spec, status = value["spec"], value.get("status") or {}
    if spec.get("paused"):
        return "Suspended", "Deployment is paused"
    if value["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return (
            "Progressing",
            "Waiting for rollout to finish: observed deployment generation less than desired generation",
        )
    progressing = condition(value, "Progressing")
    if progressing is not None and progressing.get("reason") == "ProgressDeadlineExceeded":
        return "Degraded", f'Deployment "{value["metadata"]["name"]}" exceeded its progress deadline'
    wanted, updated = spec.get("replicas", 1), status.get("updatedReplicas", 0)
    if updated < wanted:
        return (
            "Progressing",
            f"Waiting for rollout to finish: {updated} out of {wanted} new replicas have been updated...",
        )
    if status.get("replicas", 0) > updated:
        pending = status["replicas"] - updated
        return "Progressing", f"Waiting for rollout to finish: {pending} old replicas are pending termination..."
    if status.get("availableReplicas", 0) < updated:
        available = status.get("availableReplicas", 0)
        return (
            "Progressing",
            f"Waiting for rollout to finish: {available} of {updated} updated replicas are available...",
        )
    return "Healthy", ""


def _replica_set(value: Object) -> Health:
    status = value.get("status") or {}
    if value["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return (
            "Progressing",
            "Waiting for rollout to finish: observed replica set generation less than desired generation",
        )
    failure = condition(value, "ReplicaFailure")
    if failure is not None and failure["status"] == "True":
        return "Degraded", failure.get("message", "")
    if status.get("availableReplicas", 0) < value["spec"].get("replicas", 1):
        return "Progressing", "Waiting for rollout to finish"
    return "Healthy", ""


def _stateful_set(value: Object) -> Health:
    spec, status = value["spec"], value.get("status") or {}
    if value["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Progressing", "Waiting for statefulset spec update to be observed..."
    if status.get("readyReplicas", 0) < spec.get("replicas", 1):
        return (
            "Progressing",
            f"Waiting for {spec.get('replicas', 1) - status.get('readyReplicas', 0)} pods to be ready...",
        )
    if status.get("updateRevision") != status.get("currentRevision"):
        return "Progressing", "waiting for statefulset rolling update to complete"
    return "Healthy", ""


def _daemon_set(value: Object) -> Health:
    status = value.get("status") or {}
    if value["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return (
            "Progressing",
            "Waiting for rollout to finish: observed daemon set generation less than desired generation",
        )
    if status.get("updatedNumberScheduled", 0) < status.get("desiredNumberScheduled", 0):
        return "Progressing", "Waiting for daemon set rollout to finish"
    if status.get("numberAvailable", 0) < status.get("desiredNumberScheduled", 0):
        return "Progressing", "Waiting for daemon set rollout to finish"
    return "Healthy", ""


def _pod(value: Object) -> Health:
    status = value.get("status") or {}
    for container in status.get("containerStatuses") or []:
        waiting = (container.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason", "")
        if reason.startswith("Err") or reason.endswith(("Error", "BackOff")):
            return "Degraded", waiting.get("message", reason)
    match status.get("phase"):
        case "Succeeded":
            return "Healthy", ""
        case "Failed":
            return "Degraded", status.get("message", "")
        case "Running":
            ready = condition(value, "Ready")
            return ("Healthy", "") if ready is not None and ready["status"] == "True" else ("Progressing", "")
        case _:
            return "Progressing", status.get("message", "")


def _job(value: Object) -> Health:
    for kind, health in (("Failed", "Degraded"), ("Complete", "Healthy"), ("Suspended", "Suspended")):
        found = condition(value, kind)
        if found is not None and found["status"] == "True":
            return health, found.get("message", "")
    return "Progressing", ""


def _service(value: Object) -> Health:
    if value["spec"].get("type") != "LoadBalancer":
        return "Healthy", ""
    balancer = (value.get("status") or {}).get("loadBalancer") or {}
    return ("Healthy", "") if balancer.get("ingress") else ("Progressing", "")


def _ingress(value: Object) -> Health:
    balancer = (value.get("status") or {}).get("loadBalancer") or {}
    return ("Healthy", "") if balancer.get("ingress") else ("Progressing", "")


def _claim(value: Object) -> Health:
    phase = (value.get("status") or {}).get("phase")
    return {"Bound": "Healthy", "Pending": "Progressing", "Lost": "Degraded"}.get(str(phase), "Unknown"), ""


def _autoscaler(value: Object) -> Health:
    return "Healthy", ""


def _api_service(value: Object) -> Health:
    found = condition(value, "Available")
    if found is None:
        return "Progressing", "Waiting to be processed"
    return ("Healthy" if found["status"] == "True" else "Progressing"), found.get("message", "")


_CHECKS: Final[dict[tuple[str, str], Callable[[Object], Health]]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("", "Pod"): _pod,
    ("batch", "Job"): _job,
    ("", "Service"): _service,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("", "PersistentVolumeClaim"): _claim,
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("apiregistration.k8s.io", "APIService"): _api_service,
}
