"""Reading and writing the status of Applications."""

from collections.abc import Iterable
from typing import Any, Final

from standins.argocd.comparison import SYNC_OPTIONS, Comparison, Managed, has_option, wave_of
from standins.kubernetes.objects import Object, clone

REFRESH: Final = "argocd.argoproj.io/refresh"
FINALIZER: Final = "resources-finalizer.argocd.argoproj.io"
FINISHED: Final = frozenset({"Succeeded", "Failed", "Error"})


def merge_diff(old: Any, new: Any) -> Any:
    """The JSON merge patch that leads from one value to another."""
    patch: Object = {}
    for key in old.keys() - new.keys():
        patch[key] = None
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            if changed := merge_diff(before, value):
                patch[key] = changed
        elif value != before or key not in old:
            patch[key] = value
    return patch


def set_conditions(status: Object, new: Iterable[tuple[str, str]], evaluated: set[str], now: str) -> None:
    """Replace the conditions of the evaluated types; one that says the same keeps its time."""
    old = status.get("conditions") or []
    kept = [item for item in old if item["type"] not in evaluated]
    for kind, message in new:
        same = next((item for item in old if (item["type"], item["message"]) == (kind, message)), None)
        kept.append(same or {"type": kind, "message": message, "lastTransitionTime": now})
    if kept:
        status["conditions"] = sorted(kept, key=lambda item: str(item["type"]))
    else:
        status.pop("conditions", None)


def set_health(status: Object, health: str, now: str) -> None:
    """Set the health; its transition time moves with it."""
    if (status.get("health") or {}).get("status") != health:
        status["health"] = {"status": health, "lastTransitionTime": now}


def with_comparison(status: Object, application: Object, comparison: Comparison, now: str) -> Object:
    """The status after a comparison."""
    new = clone(status)
    spec = application["spec"]
    compared: Object = {"source": spec["source"], "destination": spec["destination"]}
    if spec.get("ignoreDifferences"):
        compared["ignoreDifferences"] = spec["ignoreDifferences"]
    new["sync"] = {"status": comparison.status, "comparedTo": compared}
    if comparison.revision:
        new["sync"]["revision"] = comparison.revision
    set_health(new, comparison.health, now)
    resources = [_resource(item) for item in comparison.resources]
    new["resources"] = sorted(resources, key=lambda item: (item.get("group", ""), item["kind"], item["name"]))
    if not resources:
        new.pop("resources")
    if comparison.source_type:
        new["sourceType"] = comparison.source_type
    new["resourceHealthSource"] = "appTree"
    new["controllerNamespace"] = application["metadata"]["namespace"]
    new["summary"] = _summary(comparison)
    kinds = {
        "ComparisonError",
        "SharedResourceWarning",
        "RepeatedResourceWarning",
        "InvalidSpecError",
        "UnknownError",
    }
    set_conditions(new, comparison.conditions, kinds, now)
    return new


def _resource(item: Managed) -> Object:
    value = item.any
    result: Object = {
        "version": value["apiVersion"].rpartition("/")[2],
        "kind": item.key.kind,
        "name": item.key.name,
        "status": item.status,
    }
    if item.key.group:
        result["group"] = item.key.group
    if item.key.namespace:
        result["namespace"] = item.key.namespace
    if item.wanted is None:
        result["requiresPruning"] = True
    elif wave_of(item.wanted):
        result["syncWave"] = wave_of(item.wanted)
    if has_option(value, SYNC_OPTIONS, "Delete=confirm"):
        result["requiresDeletionConfirmation"] = True
    return result


def _summary(comparison: Comparison) -> Object:
    images: set[str] = set()
    urls: set[str] = set()
    for item in comparison.resources:
        if item.live is None:
            continue
        spec = item.live.get("spec") or {}
        template = (spec.get("template") or {}).get("spec") or {}
        images.update(container["image"] for container in template.get("containers") or [])
        if item.key.kind == "Ingress":
            secure = {host for entry in spec.get("tls") or [] for host in entry.get("hosts") or []}
            for rule in spec.get("rules") or []:
                if rule.get("host"):
                    urls.add(f"{'https' if rule['host'] in secure else 'http'}://{rule['host']}/")
    summary: Object = {}
    if images:
        summary["images"] = sorted(images)
    if urls:
        summary["externalURLs"] = sorted(urls)
    return summary
