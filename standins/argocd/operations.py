"""A sync operation: tasks by phase and wave, applied step by step, waited for between waves."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from standins.argocd.cluster import Cluster
from standins.argocd.comparison import (
    HOOK,
    SYNC_OPTIONS,
    Comparison,
    Managed,
    has_option,
    predict,
    uses_server_side_apply,
    wave_of,
    with_last_applied,
)
from standins.argocd.documents import ManifestError
from standins.argocd.health import health_of
from standins.argocd.projects import permits_kind, permits_namespace
from standins.argocd.tracking import ResourceKey
from standins.kubernetes.errors import StatusError
from standins.kubernetes.objects import Object, annotations_of, is_deleting, name_of

PHASES: Final = ("PreSync", "Sync", "PostSync")
_KIND_ORDER: Final = (
    "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodDisruptionBudget", "ServiceAccount", "Secret",
    "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding", "Role", "RoleBinding", "Service", "DaemonSet", "Pod", "ReplicaSet", "Deployment",
    "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService",
)  # fmt: skip
_KNOWN_OPTIONS: Final = {
    "CreateNamespace", "ServerSideApply", "PrunePropagationPolicy", "PruneLast", "ApplyOutOfSyncOnly", "Validate",
    "RespectIgnoreDifferences", "FailOnSharedResource", "SkipDryRunOnMissingResource",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do in an operation."""

    phase: str
    wave: int
    key: ResourceKey
    wanted: Object | None
    live: Object | None
    hook: bool = False

    @property
    def is_prune(self) -> bool:
        """Whether the object is to go."""
        return self.wanted is None


@dataclass(frozen=True, kw_only=True)
class Step:
    """How far the operation got."""

    phase: str
    message: str
    results: list[Object]


def advance(cluster: Cluster, application: Object, project: Object, comparison: Comparison, state: Object) -> Step:
    """Take an operation as far as it gets without waiting."""
    sync = state["operation"]["sync"]
    results: list[Object] = list((state.get("syncResult") or {}).get("resources") or [])
    try:
        _check_options(sync.get("syncOptions") or [])
        tasks = _tasks(cluster, application, comparison, sync)
    except ManifestError as error:
        return Step(phase="Error", message=str(error), results=results)
    if state["phase"] == "Terminating":
        return _terminate(cluster, tasks, results)
    groups = sorted({(PHASES.index(task.phase), task.wave) for task in tasks})
    ran = False
    for group in groups:
        members = [task for task in tasks if (PHASES.index(task.phase), task.wave) == group]
        pending = [task for task in members if _result_of(results, task) is None]
        failed = [task for task in pending if not _run(cluster, application, project, task, results)]
        ran = ran or bool(pending)
        if failed:
            reasons = "; ".join(str((_result_of(results, task) or {}).get("message")) for task in failed)
            return Step(
                phase="Failed", message=f"one or more objects failed to apply, reason: {reasons}", results=results
            )
        last = group == groups[-1]
        waiting = _unfinished(cluster, members, results, last=last)
        if any((_result_of(results, task) or {}).get("hookPhase") == "Failed" for task in members):
            message = "one or more synchronization tasks completed unsuccessfully"
            return Step(phase="Failed", message=message, results=results)
        if waiting and pending:
            later = [task for task in tasks if task.hook or (PHASES.index(task.phase), task.wave) != group]
            waiting = sorted(later, key=lambda task: task not in waiting)
        if waiting:
            return Step(phase="Running", message=_waiting_message(waiting), results=results)
    _delete_hooks(cluster, tasks, "HookSucceeded")
    message = "successfully synced (all tasks run)" if ran else "successfully synced (no more tasks)"
    return Step(phase="Succeeded", message=message, results=results)


def _check_options(options: Iterable[str]) -> None:
    for option in options:
        if option.partition("=")[0] not in _KNOWN_OPTIONS:
            raise ManifestError(f"sync option {option} is not supported here")


def _tasks(cluster: Cluster, application: Object, comparison: Comparison, sync: Object) -> list[Task]:
    only = sync.get("resources") or []
    tasks = [_task(item) for item in comparison.resources if _is_selected(item.key, only)]
    if not only:
        for hook in comparison.hooks:
            tasks += _hook_tasks(cluster, hook)
        tasks += _namespace_task(cluster, application, sync, tasks)
    if sync.get("dryRun"):
        raise ManifestError("a dry run is not supported here")
    return sorted(tasks, key=_order)


def _order(task: Task) -> tuple[int, int, bool, int, str]:
    kind = task.key.kind
    place = _KIND_ORDER.index(kind) if kind in _KIND_ORDER else len(_KIND_ORDER)
    return PHASES.index(task.phase), task.wave, task.is_prune, place, task.key.name


def _is_selected(key: ResourceKey, only: list[Object]) -> bool:
    if not only:
        return True
    return any(
        (item.get("group", ""), item["kind"], item["name"]) == (key.group, key.kind, key.name)
        and item.get("namespace") in {None, "", key.namespace}
        for item in only
    )


def _task(item: Managed) -> Task:
    return Task(phase="Sync", wave=wave_of(item.any), key=item.key, wanted=item.wanted, live=item.live)


def _hook_tasks(cluster: Cluster, hook: Object) -> list[Task]:
    tasks = []
    for name in annotations_of(hook)[HOOK].split(","):
        phase = name.strip()
        if phase == "Skip":
            continue
        if phase not in PHASES:
            raise ManifestError(f"hook {phase} is not supported here")
        if not hook["metadata"].get("name"):
            raise ManifestError("hooks with generateName are not supported here")
        key = ResourceKey.of(hook)
        tasks.append(
            Task(phase=phase, wave=wave_of(hook), key=key, wanted=hook, live=cluster.live(hook), hook=True)
        )
    return tasks


def _namespace_task(cluster: Cluster, application: Object, sync: Object, tasks: list[Task]) -> list[Task]:
    name = application["spec"]["destination"].get("namespace")
    if "CreateNamespace=true" not in (sync.get("syncOptions") or []) or not name:
        return []
    key = ResourceKey(group="", kind="Namespace", namespace="", name=name)
    if any(task.key == key for task in tasks) or cluster.exists(key):
        return []
    metadata = (application["spec"].get("syncPolicy") or {}).get("managedNamespaceMetadata") or {}
    wanted = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, **metadata}}
    return [
        Task(
            phase="PreSync",
            wave=min((task.wave for task in tasks), default=0) - 1,
            key=key,
            wanted=wanted,
            live=None,
        )
    ]


def _result_of(results: list[Object], task: Task) -> Object | None:
    for result in results:
        key = ResourceKey(
            group=result["group"], kind=result["kind"], namespace=result["namespace"], name=result["name"]
        )
        if key == task.key and result["syncPhase"] == task.phase:
            return result
    return None


def _run(cluster: Cluster, application: Object, project: Object, task: Task, results: list[Object]) -> bool:
    value = task.wanted or task.live or {}
    result: Object = {
        "group": task.key.group, "version": value["apiVersion"].rpartition("/")[2], "kind": task.key.kind,
        "namespace": task.key.namespace, "name": task.key.name, "syncPhase": task.phase,
    }  # fmt: skip
    results.append(result)
    try:
        _check_permission(cluster, project, task)
        if task.is_prune:
            result |= _prune(cluster, task, application["operation"]["sync"])
        else:
            result |= {"status": "Synced", "message": _apply(cluster, application, task), "hookPhase": "Running"}
        if task.hook:
            result["hookType"] = task.phase
    except (ManifestError, StatusError) as error:
        result |= {"status": "SyncFailed", "message": str(error), "hookPhase": "Failed"}
        return False
    return True


def _check_permission(cluster: Cluster, project: Object, task: Task) -> None:
    resource = cluster.type_of(task.wanted or task.live or {})
    namespaced = resource is None or resource.namespaced
    name = project["metadata"]["name"]
    if not permits_kind(project, task.key.group, task.key.kind, namespaced=namespaced):
        raise ManifestError(f"resource {task.key.group}:{task.key.kind} is not permitted in project {name}")
    if namespaced and not permits_namespace(project, task.key.namespace):
        raise ManifestError(f"namespace {task.key.namespace} is not permitted in project '{name}'")


def _apply(cluster: Cluster, application: Object, task: Task) -> str:
    wanted = task.wanted
    assert wanted is not None
    resource = cluster.type_of(wanted)
    title = f"{resource.singular}.{resource.group}" if resource and resource.group else wanted["kind"].lower()
    live = cluster.live(wanted)
    if task.hook and live is not None and _deletes_hook(wanted, "BeforeHookCreation"):
        cluster.delete(live, "Background")
        live = cluster.live(wanted)
        if live is not None:
            raise ManifestError(f"{title}/{name_of(wanted)} is still being deleted")
    if uses_server_side_apply(application, wanted):
        predict(cluster, wanted, live or wanted, application, dry_run=False)
        return f"{title}/{name_of(wanted)} serverside-applied"
    if live is None:
        cluster.create(with_last_applied(wanted))
        return f"{title}/{name_of(wanted)} created"
    applied = predict(cluster, wanted, live, application, dry_run=False)
    changed = applied["metadata"]["resourceVersion"] != live["metadata"]["resourceVersion"]
    return f"{title}/{name_of(wanted)} {'configured' if changed else 'unchanged'}"


def _prune(cluster: Cluster, task: Task, sync: Object) -> Object:
    live = task.live
    assert live is not None
    if not sync.get("prune"):
        return {"status": "PruneSkipped", "message": "ignored (requires pruning)", "hookPhase": "Succeeded"}
    if has_option(live, SYNC_OPTIONS, "Prune=false"):
        return {"status": "PruneSkipped", "message": "ignored (no prune)", "hookPhase": "Succeeded"}
    if not is_deleting(live):
        cluster.delete(live, _propagation(sync))
    return {"status": "Pruned", "message": "pruned", "hookPhase": "Succeeded"}


def _propagation(sync: Object) -> str:
    for option in sync.get("syncOptions") or []:
        name, _, value = option.partition("=")
        if name == "PrunePropagationPolicy":
            return str(value).capitalize()
    return "Foreground"


def _unfinished(cluster: Cluster, tasks: list[Task], results: list[Object], *, last: bool) -> list[Task]:
    waiting = []
    for task in tasks:
        result = _result_of(results, task)
        if result is None or result.get("hookPhase") != "Running":
            continue
        live = cluster.live(task.wanted or task.live or {})
        if task.hook:
            result["hookPhase"] = _hook_phase(live)
            if result["hookPhase"] == "Running":
                waiting.append(task)
        elif not last:
            health = None if live is None else health_of(live)
            status = "Healthy" if health is None else health[0]
            if status in {"Healthy", "Degraded"}:
                result["hookPhase"] = "Succeeded" if status == "Healthy" else "Failed"
            else:
                waiting.append(task)
    return waiting


def _hook_phase(live: Object | None) -> str:
    if live is None:
        return "Succeeded"
    if live["kind"] not in {"Job", "Pod"}:
        return "Succeeded"
    if live["kind"] == "Pod":
        return {"Succeeded": "Succeeded", "Failed": "Failed"}.get(live["status"].get("phase", ""), "Running")
    health = health_of(live)
    return {"Healthy": "Succeeded", "Degraded": "Failed"}.get(health[0] if health else "", "Running")


def _waiting_message(tasks: list[Task]) -> str:
    first = tasks[0]
    more = f" and {len(tasks) - 1} more {'hooks' if first.hook else 'resources'}" if len(tasks) > 1 else ""
    return f"waiting for {'completion of hook' if first.hook else 'healthy state of'} {first.key}{more}"


def _deletes_hook(hook: Object, when: str) -> bool:
    policies = annotations_of(hook).get("argocd.argoproj.io/hook-delete-policy", "BeforeHookCreation")
    return when in [policy.strip() for policy in policies.split(",")]


def _delete_hooks(cluster: Cluster, tasks: list[Task], when: str) -> None:
    for task in tasks:
        if task.hook and task.wanted is not None and _deletes_hook(task.wanted, when):
            live = cluster.live(task.wanted)
            if live is not None and not is_deleting(live):
                cluster.delete(live, "Background")


def _terminate(cluster: Cluster, tasks: list[Task], results: list[Object]) -> Step:
    for task in tasks:
        result = _result_of(results, task)
        if task.hook and result is not None and result.get("hookPhase") == "Running":
            live = cluster.live(task.wanted or {})
            if live is not None and not is_deleting(live):
                cluster.delete(live, "Background")
            result |= {"hookPhase": "Succeeded", "message": "Deleted"}
    return Step(phase="Failed", message="Operation terminated", results=results)
