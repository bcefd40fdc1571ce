"""What the API does to an object, or refuses, before it is stored: namespaces, limit ranges, quotas."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from standins.kubernetes.errors import forbidden, not_found
from standins.kubernetes.objects import Object, is_deleting, name_of
from standins.kubernetes.quantities import format_quantity, parse_quantity
from standins.kubernetes.resources import ResourceType
from standins.kubernetes.store import Store

PROTECTED_NAMESPACES: Final = frozenset({"default", "kube-system", "kube-public"})

_COMPUTE: Final = ("cpu", "memory", "ephemeral-storage")


def admit_create(store: Store, resource: ResourceType, namespace: str | None, value: Object) -> None:
    """Let an object in, filling in a namespace's defaults in place.

    Raises:
        StatusError: 404 or 403 as the real admission plugins answer.
    """
    if namespace is None:
        return
    _require_namespace(store, resource, namespace, value)
    if resource.qualified == "pods":
        _require_service_account(store, namespace, value)
        _apply_limit_ranges(store, namespace, value)
    _check_quotas(store, resource, namespace, value)


def _require_namespace(store: Store, resource: ResourceType, namespace: str, value: Object) -> None:
    home = store.get(("", "namespaces"), None, namespace)
    if home is None:
        raise not_found("namespaces", namespace)
    if is_deleting(home):
        why = f"unable to create new content in namespace {namespace} because it is being terminated"
        cause = {
            "reason": "NamespaceTerminating",
            "message": f"namespace {namespace} is being terminated",
            "field": "metadata.namespace",
        }
        raise forbidden(resource.qualified, name_of(value), why, [cause])


def _require_service_account(store: Store, namespace: str, pod: Object) -> None:
    name = pod["spec"]["serviceAccountName"]
    # The default account follows its namespace a moment later; nobody should have to wait for that here.
    if name != "default" and store.get(("", "serviceaccounts"), namespace, name) is None:
        why = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
        raise forbidden("pods", name_of(pod), why)


def _apply_limit_ranges(store: Store, namespace: str, pod: Object) -> None:
    items = [
        item
        for limit_range in store.all(("", "limitranges"), namespace)
        for item in (limit_range.get("spec") or {}).get("limits") or []
    ]
    for item in items:
        if item["type"] == "Container":
            for container in _containers(pod):
                _fill_container(container, item)
    problems = [problem for item in items for problem in _out_of_range(pod, item)]
    if problems:
        text = problems[0] if len(problems) == 1 else "[" + ", ".join(problems) + "]"
        raise forbidden("pods", name_of(pod), text)


def _containers(pod: Object) -> list[Object]:
    spec = pod["spec"]
    return [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]


def _fill_container(container: Object, item: Object) -> None:
    resources = container.setdefault("resources", {})
    for kind, source in (("limits", "default"), ("requests", "defaultRequest")):
        for name, amount in (item.get(source) or {}).items():
            if name not in (resources.get(kind) or {}):
                resources.setdefault(kind, {})[name] = amount


def _out_of_range(pod: Object, item: Object) -> Iterator[str]:
    if item["type"] == "Container":
        amounts = [(container.get("resources") or {}) for container in _containers(pod)]
    elif item["type"] == "Pod":
        amounts = [
            {kind: {name: str(_total(pod, kind, name)) for name in _COMPUTE} for kind in ("limits", "requests")}
        ]
    else:
        return
    for resources in amounts:
        for name, most in (item.get("max") or {}).items():
            limit = (resources.get("limits") or {}).get(name)
            if limit is None:
                yield f"maximum {name} usage per {item['type']} is {most}.  No limit is specified"
            elif parse_quantity(limit) > parse_quantity(most):
                yield f"maximum {name} usage per {item['type']} is {most}, but limit is {limit}"
        for name, least in (item.get("min") or {}).items():
            request = (resources.get("requests") or {}).get(name)
            if request is None:
                yield f"minimum {name} usage per {item['type']} is {least}.  No request is specified"
            elif parse_quantity(request) < parse_quantity(least):
                yield f"minimum {name} usage per {item['type']} is {least}, but request is {request}"


def _total(pod: Object, kind: str, name: str) -> Decimal:
    def amount(container: Object) -> Decimal:
        return parse_quantity(((container.get("resources") or {}).get(kind) or {}).get(name, 0))

    spec = pod["spec"]
    running = sum((amount(container) for container in spec.get("containers") or []), Decimal())
    starting = max((amount(container) for container in spec.get("initContainers") or []), default=Decimal())
    return max(running, starting)


def _check_quotas(store: Store, resource: ResourceType, namespace: str, value: Object) -> None:
    for quota in store.all(("", "resourcequotas"), namespace):
        hard = (quota.get("spec") or {}).get("hard") or {}
        if missing := sorted(_unspecified(resource, value, hard)):
            raise forbidden(
                resource.qualified,
                name_of(value),
                f"failed quota: {name_of(quota)}: must specify " + "; ".join(missing),
            )
        requested = usage_of(resource.qualified, value, hard)
        used = used_in(store, namespace, hard)
        over = sorted(
            key
            for key, amount in requested.items()
            if amount > 0 and used[key] + amount > parse_quantity(hard[key])
        )
        if over:
            listed = {
                "requested": [f"{key}={format_quantity(requested[key], hard[key])}" for key in over],
                "used": [f"{key}={format_quantity(used[key], hard[key])}" for key in over],
                "limited": [f"{key}={hard[key]}" for key in over],
            }
            text = ", ".join(f"{title}: {','.join(items)}" for title, items in listed.items())
            raise forbidden(resource.qualified, name_of(value), f"exceeded quota: {name_of(quota)}, {text}")


def _unspecified(resource: ResourceType, value: Object, hard: Object) -> Iterator[str]:
    if resource.qualified != "pods":
        return
    for key in hard:
        kind, name = _compute_key(key)
        if name is None:
            continue
        lacking = [
            container["name"]
            for container in _containers(value)
            if name not in ((container.get("resources") or {}).get(kind) or {})
        ]
        if lacking:
            yield f"{key} for: {','.join(sorted(lacking))}"


def _compute_key(key: str) -> tuple[str, str | None]:
    kind, dot, name = key.partition(".")
    if dot and kind in {"limits", "requests"} and name in _COMPUTE:
        return kind, name
    return "requests", key if key in _COMPUTE else None


def usage_of(qualified: str, value: Object, hard: Object) -> dict[str, Decimal]:
    """What an object counts for against each of a quota's limits."""
    usage = dict.fromkeys(hard, Decimal())
    for key in hard:
        kind, compute = _compute_key(key)
        if compute is not None:
            if qualified == "pods" and not _is_finished(value):
                usage[key] = _total(value, kind, compute)
        elif key == f"count/{qualified}" or (key == qualified and not (key == "pods" and _is_finished(value))):
            usage[key] = Decimal(1)
        elif key == "services.loadbalancers" and qualified == "services":
            usage[key] = Decimal(value["spec"].get("type") == "LoadBalancer")
        elif key == "services.nodeports" and qualified == "services":
            exposed = value["spec"].get("type") in {"NodePort", "LoadBalancer"}
            usage[key] = Decimal(len(value["spec"].get("ports") or []) * exposed)
        elif key == "requests.storage" and qualified == "persistentvolumeclaims":
            resources = value["spec"].get("resources") or {}
            usage[key] = parse_quantity((resources.get("requests") or {}).get("storage", 0))
    return usage


def _is_finished(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}


def used_in(store: Store, namespace: str, hard: Object) -> dict[str, Decimal]:
    """What a namespace uses of each of a quota's limits."""
    total = dict.fromkeys(hard, Decimal())
    for group, plural in store.types():
        qualified = f"{plural}.{group}" if group else plural
        for value in store.all((group, plural), namespace):
            for key, amount in usage_of(qualified, value, hard).items():
                total[key] += amount
    return total
