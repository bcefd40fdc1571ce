"""Compares what a commit wants with what lives: sync status, health, and each resource's part in them."""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from standins.argocd.cluster import Cluster
from standins.argocd.documents import ManifestError
from standins.argocd.health import has_check, health_of, worse
from standins.argocd.projects import permits_kind
from standins.argocd.tracking import ResourceKey, track, tracked_by
from standins.kubernetes.errors import StatusError
from standins.kubernetes.objects import Object, annotations_of, clone
from standins.kubernetes.patches import three_way_merge

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
HOOK: Final = "argocd.argoproj.io/hook"
SYNC_OPTIONS: Final = "argocd.argoproj.io/sync-options"
SYNC_WAVE: Final = "argocd.argoproj.io/sync-wave"
COMPARE_OPTIONS: Final = "argocd.argoproj.io/compare-options"
SERVER_SIDE_MANAGER: Final = "argocd-controller"


_NOTHING: Final[Object] = {"apiVersion": "", "kind": ""}


@dataclass(frozen=True, kw_only=True)
class Managed:
    """One resource: what is wanted (None: to be pruned) and what lives (None: missing)."""

    key: ResourceKey
    wanted: Object | None
    live: Object | None
    status: str
    in_sync: bool

    @property
    def any(self) -> Object:
        """Whichever of the two there is."""
        value = self.live or self.wanted
        assert value is not None
        return value


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The outcome of comparing an Application at a revision."""

    status: str
    revision: str
    health: str
    source_type: str = ""
    resources: list[Managed] = field(default_factory=list)
    hooks: list[Object] = field(default_factory=list)
    conditions: list[tuple[str, str]] = field(default_factory=list)


def has_option(value: Object, annotation: str, option: str) -> bool:
    """Whether an object's annotation lists an option."""
    return option in [item.strip() for item in annotations_of(value).get(annotation, "").split(",")]


def wave_of(value: Object) -> int:
    """The sync wave of an object."""
    try:
        return int(annotations_of(value).get(SYNC_WAVE, "0"))
    except ValueError:
        return 0


def compare(
    cluster: Cluster,
    application: Object,
    project: Object,
    wanted: Iterable[Object],
    *,
    revision: str,
    source_type: str,
    error: str | None = None,
) -> Comparison:
    """Compare the objects of a commit with the cluster."""
    name = application["metadata"]["name"]
    conditions: list[tuple[str, str]] = [] if error is None else [("ComparisonError", error)]
    targets, hooks = _targets(cluster, application, wanted, conditions)
    lives = {ResourceKey.of(value): value for value in cluster.managed(name) if HOOK not in annotations_of(value)}
    for key, target in targets.items():
        found = cluster.live(target)
        if found is not None:
            lives[key] = found
            if (owner := tracked_by(found)) not in {None, name}:
                mine = f"{application['metadata']['namespace']}/{name}"
                text = f"{key.kind}/{key.name} is part of applications {mine} and {owner}"
                conditions.append(("SharedResourceWarning", text))
    resources = []
    for key in sorted(targets.keys() | lives.keys()):
        try:
            item = _pair(cluster, application, project, key=key, target=targets.get(key), live=lives.get(key))
        except (ManifestError, StatusError) as problem:
            error = f"Failed to compare desired state to live state: {problem}"
            conditions.append(("ComparisonError", error))
            item = Managed(
                key=key, wanted=targets.get(key), live=lives.get(key), status="OutOfSync", in_sync=False
            )
        resources.append(item)
    if error is not None:
        resources = [dataclasses.replace(item, status="Unknown", in_sync=False) for item in resources]
    return Comparison(
        status=_overall(resources) if error is None else "Unknown",
        revision=revision,
        health=_health(resources),
        source_type=source_type,
        resources=resources,
        hooks=hooks,
        conditions=conditions,
    )


def _targets(
    cluster: Cluster, application: Object, wanted: Iterable[Object], conditions: list[tuple[str, str]]
) -> tuple[dict[ResourceKey, Object], list[Object]]:
    targets: dict[ResourceKey, Object] = {}
    hooks: list[Object] = []
    for item in wanted:
        target = clone(item)
        cluster.settle(target, application["spec"]["destination"].get("namespace", ""))
        track(target, application["metadata"]["name"])
        if HOOK in annotations_of(target):
            hooks.append(target)
            continue
        key = ResourceKey.of(target)
        if key in targets:
            identity = f"{key.group}/{key.kind}/{key.namespace}/{key.name}"
            text = f"Resource {identity} appeared 2 times among application resources."
            conditions.append(("RepeatedResourceWarning", text))
        targets[key] = target
    return targets, hooks


def _pair(
    cluster: Cluster,
    application: Object,
    project: Object,
    *,
    key: ResourceKey,
    target: Object | None,
    live: Object | None,
) -> Managed:
    same = False
    if target is not None and live is not None:
        try:
            same = _matches(cluster, target, live, application)
        except StatusError as error:
            if error.reason != "NotFound":
                raise
            live = None
    resource_type = cluster.type_of(target or live or _NOTHING)
    namespaced = resource_type is None or resource_type.namespaced
    status = "Synced" if same else "OutOfSync"
    if not permits_kind(project, key.group, key.kind, namespaced=namespaced):
        status = "Unknown"
    return Managed(key=key, wanted=target, live=live, status=status, in_sync=same)


def _overall(resources: Iterable[Managed]) -> str:
    for item in resources:
        extraneous = item.wanted is None and has_option(item.any, COMPARE_OPTIONS, "IgnoreExtraneous")
        if not item.in_sync and not extraneous:
            return "OutOfSync"
    return "Synced"


def _health(resources: Iterable[Managed]) -> str:
    overall = "Healthy"
    for item in resources:
        if item.live is None:
            found = "Missing" if has_check(item.key.group, item.key.kind) else None
        elif annotations_of(item.live).get("argocd.argoproj.io/ignore-healthcheck") == "true":
            found = None
        else:
            health = health_of(item.live)
            found = None if health is None else health[0]
        if found is not None:
            overall = worse(overall, found)
    return overall


def _matches(cluster: Cluster, target: Object, live: Object, application: Object) -> bool:
    predicted = predict(cluster, target, live, application, dry_run=True)
    ignored = _ignored_pointers(application, ResourceKey.of(target))
    return _comparable(predicted, ignored) == _comparable(live, ignored)


def _comparable(value: Object, ignored: list[str]) -> Object:
    made = clone(value)
    meta = made["metadata"]
    for name in ("managedFields", "resourceVersion", "generation"):
        meta.pop(name, None)
    if meta.get("annotations"):
        meta["annotations"].pop(LAST_APPLIED, None)
    made.pop("status", None)
    for pointer in ignored:
        _drop(made, pointer)
    return made


def uses_server_side_apply(application: Object, target: Object) -> bool:
    """Whether an object is synced by server-side apply."""
    options = ((application["spec"].get("syncPolicy") or {}).get("syncOptions")) or []
    return "ServerSideApply=true" in options or has_option(target, SYNC_OPTIONS, "ServerSideApply=true")


def predict(cluster: Cluster, target: Object, live: Object, application: Object, *, dry_run: bool) -> Object:
    """The live object once the wanted one is applied to it.

    Raises:
        StatusError: The API would refuse it.
    """
    if uses_server_side_apply(application, target):
        return cluster.apply(target, manager=SERVER_SIDE_MANAGER, dry_run=dry_run)
    return cluster.update(merged(cluster, target, live), dry_run=dry_run)


def merged(cluster: Cluster, target: Object, live: Object) -> Object:
    """The object that client-side apply would send."""
    resource = cluster.type_of(target)
    if resource is None:
        raise ManifestError(
            f"the server could not find the requested resource: {target['apiVersion']} {target['kind']}"
        )
    recorded = annotations_of(live).get(LAST_APPLIED)
    original: Any = json.loads(recorded) if recorded else {}
    wanted = with_last_applied(target)
    new: Object = three_way_merge(original, wanted, live, resource.schema, strategic=not resource.is_custom)
    new["metadata"].pop("resourceVersion", None)
    return new


def with_last_applied(target: Object) -> Object:
    """The object with a record of itself, as client-side apply keeps it."""
    made = clone(target)
    text = json.dumps(target, sort_keys=True, separators=(",", ":")) + "\n"
    made["metadata"]["annotations"] = {**(target["metadata"].get("annotations") or {}), LAST_APPLIED: text}
    return made


def _ignored_pointers(application: Object, key: ResourceKey) -> list[str]:
    pointers: list[str] = []
    for rule in application["spec"].get("ignoreDifferences") or []:
        fits = rule.get("kind") in {"*", key.kind} and rule.get("group", "") in {"*", key.group}
        if fits and rule.get("name") in {None, key.name} and rule.get("namespace") in {None, key.namespace}:
            if rule.get("jqPathExpressions") or rule.get("managedFieldsManagers"):
                raise ManifestError("ignoreDifferences: only jsonPointers are supported here")
            pointers += rule.get("jsonPointers") or []
    return pointers


def _drop(value: Any, pointer: str) -> None:
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.strip("/").split("/")]
    for part in parents:
        if isinstance(value, list):
            value = value[int(part)] if part.isdigit() and int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value.pop(last, None)
