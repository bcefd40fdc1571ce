"""Jobs: run to completion, or to their backoff limit."""

from collections.abc import Iterable

from standins.kubernetes.api import Api
from standins.kubernetes.controllers.replicas import owned_by, owner_key, pod_from
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.objects import Object, clone, condition, is_deleting, name_of, set_condition
from standins.kubernetes.store import Change


class JobController:
    """Creates a Job's pods and counts how they end."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._client = Client(api, "kube-controller-manager")

    def keys(self, change: Change) -> Iterable[Key]:
        """Jobs and their pods."""
        yield from owner_key(change, "jobs", "Job")

    def reconcile(self, key: Key) -> float | None:
        """Create what is missing, and conclude."""
        job = self._client.find("jobs.batch", *key)
        if job is None or is_deleting(job) or job["spec"].get("suspend"):
            return None
        pods = owned_by(job, self._client.all("pods", key[0]))
        succeeded = sum(pod["status"].get("phase") == "Succeeded" for pod in pods)
        failed = sum(pod["status"].get("phase") == "Failed" for pod in pods)
        active = len(pods) - succeeded - failed
        finished = any(condition(job, kind) for kind in ("Complete", "Failed"))
        wanted = job["spec"].get("completions", 1)
        gave_up = failed > job["spec"]["backoffLimit"]
        if not finished and not gave_up:
            missing = min(wanted - succeeded, job["spec"]["parallelism"]) - active
            for _ in range(max(missing, 0)):
                self._client.create(
                    "pods", pod_from(job["spec"]["template"], job, {"generateName": f"{name_of(job)}-"})
                )
                active += 1
        self._write_status(job, active, succeeded, failed, done=succeeded >= wanted, gave_up=gave_up)
        return None

    def _write_status(
        self, job: Object, active: int, succeeded: int, failed: int, *, done: bool, gave_up: bool
    ) -> None:
        changed = clone(job)
        status = changed.setdefault("status", {})
        now = self._api.now()
        status.setdefault("startTime", now)
        for name, count in (("active", active), ("succeeded", succeeded), ("failed", failed), ("ready", 0)):
            if count or name == "ready":
                status[name] = count
            else:
                status.pop(name, None)
        if done:
            status.setdefault("completionTime", now)
            message = "Reached expected number of succeeded pods"
            for kind in ("SuccessCriteriaMet", "Complete"):
                found = {"type": kind, "status": "True", "reason": "CompletionsReached", "message": message}
                set_condition(status, found, now)
        elif gave_up:
            message = "Job has reached the specified backoff limit"
            for kind in ("FailureTarget", "Failed"):
                found = {"type": kind, "status": "True", "reason": "BackoffLimitExceeded", "message": message}
                set_condition(status, found, now)
        if changed != job:
            self._client.update_status("jobs.batch", changed)
