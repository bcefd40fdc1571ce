"""Deleting a namespace, and finding out why one stays."""

from eod.cluster.answers import unexpected
from eod.cluster.api import MERGE, KubeApi, Object
from eod.cluster.diagnosis import explain, holds_load_balancer
from eod.cluster.items import items_of
from eod.cluster.listing import Found, objects_in
from eod.cluster.ownership import require_preview
from eod.cluster.resources import (
    CONFLICT,
    NAMESPACES,
    NOT_FOUND,
    get,
    list_all,
    namespaced,
    readings,
    wait_until,
)
from eod.cluster.waiting import Clock, Deadline
from eod.errors import EodError, NamespaceStuckError
from eod.model.kube import NamespaceRemoval

_AFTER_FORCE_SECONDS = 30.0
_FORCE_AGAIN_SECONDS = 2.0
_ACCEPTED = {200, 202, NOT_FOUND, CONFLICT}


def delete(
    api: KubeApi, clock: Clock, name: str, timeout_seconds: float, *, force_finalizers: bool
) -> NamespaceRemoval:
    """Delete a preview's namespace and wait until it is gone.

    Raises:
        ClusterError: It is no preview's namespace.
        NamespaceStuckError: It is still there after `timeout_seconds`.
    """
    path = f"{NAMESPACES}/{name}"
    namespace = get(api, path)
    if namespace is None:
        return NamespaceRemoval(existed=False)
    require_preview(namespace)
    deadline = Deadline(clock, timeout_seconds)
    before = items_of(namespace, objects_in(api, name))
    uid = namespace["metadata"]["uid"]
    _request_delete(api, name, uid)
    if not _gone(api, clock, name, uid, deadline):
        if not force_finalizers:
            raise stuck(
                api, get(api, path) or namespace, f"Namespace `{name}` did not go away in {timeout_seconds:.0f} s"
            )
        if not _forced(api, clock, name, uid):
            raise stuck(
                api, get(api, path) or namespace, f"Namespace `{name}` stays although finalizers were removed"
            )
    return NamespaceRemoval(existed=True, removed=before, seconds=deadline.elapsed)


def stuck(api: KubeApi, namespace: Object, what: str) -> NamespaceStuckError:
    """The error for a namespace that stays, with its diagnosis."""
    name = namespace["metadata"]["name"]
    lines, fix = explain(namespace, _api_services(api), _remaining(api, name))
    return NamespaceStuckError(
        f"{what}.",
        detail="\n".join(lines),
        why="Something in it cannot be deleted, or the cluster cannot tell what is in it.",
        fix=fix,
    )


def _request_delete(api: KubeApi, name: str, uid: str) -> None:
    # The precondition keeps us from deleting another namespace that took the name a moment ago.
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}}
    status, answer = api.request("DELETE", f"{NAMESPACES}/{name}", body=body)
    if status not in _ACCEPTED:
        raise unexpected(f"Deleting namespace `{name}`", status, answer)


def _gone(api: KubeApi, clock: Clock, name: str, uid: str, deadline: Deadline) -> bool:
    found = readings(api, clock, NAMESPACES, deadline, query={"fieldSelector": f"metadata.name={name}"})
    over, _ = wait_until(found, lambda items: all(item["metadata"]["uid"] != uid for item in items))
    return over


def _forced(api: KubeApi, clock: Clock, name: str, uid: str) -> bool:
    """Strip finalizers until the namespace is gone: its objects are asked to go only a few seconds after it."""
    deadline = Deadline(clock, _AFTER_FORCE_SECONDS)
    while not deadline.passed:
        _force(api, name)
        if _gone(api, clock, name, uid, Deadline(clock, min(_FORCE_AGAIN_SECONDS, deadline.left))):
            return True
    return False


def _force(api: KubeApi, namespace: str) -> None:
    """Remove finalizers of what remains, but for those that stand before a load balancer."""
    for thing in _remaining(api, namespace):
        kept = [finalizer for finalizer in thing.finalizers if holds_load_balancer(finalizer)]
        if thing.deleting and len(kept) < len(thing.finalizers):
            path = namespaced(thing.kind.group_version, namespace, thing.kind.plural, thing.name)
            api.request("PATCH", path, body={"metadata": {"finalizers": kept}}, content_type=MERGE)


def _remaining(api: KubeApi, namespace: str) -> tuple[Found, ...]:
    try:
        return objects_in(api, namespace)
    except EodError:
        return ()


def _api_services(api: KubeApi) -> list[Object]:
    try:
        return list_all(api, "/apis/apiregistration.k8s.io/v1/apiservices")
    except EodError:
        return []
