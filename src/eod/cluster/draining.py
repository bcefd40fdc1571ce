"""Giving load balancers back before what stands behind them goes.

A cloud's controller removes a load balancer when its Ingress or Service is deleted, and holds that by a finalizer
until it is done. The controller must be alive for that; the finalizer is never stripped, since security groups and
target groups would leak.
"""

from collections.abc import Callable

from msgspec import Struct

from eod.cluster.addresses import is_load_balancer
from eod.cluster.answers import unexpected
from eod.cluster.api import KubeApi, Object
from eod.cluster.resources import CONFLICT, NOT_FOUND, list_all, namespaced, readings, wait_until
from eod.cluster.waiting import Clock, Deadline
from eod.errors import ClusterError
from eod.model.cloud import Item


class _Sort(Struct, frozen=True, kw_only=True):
    """One sort of object behind which a load balancer may stand."""

    group_version: str
    plural: str
    singular: str
    counts: Callable[[Object], bool]

    def select(self, things: list[Object]) -> list[Object]:
        return [thing for thing in things if self.counts(thing)]


_SORTS = (
    _Sort(
        group_version="networking.k8s.io/v1", plural="ingresses", singular="ingress", counts=lambda _ingress: True
    ),
    _Sort(group_version="v1", plural="services", singular="service", counts=is_load_balancer),
)


def drain(
    api: KubeApi, clock: Clock, namespace: str, environment: str, timeout_seconds: float
) -> tuple[Item, ...]:
    """Delete Ingresses and load-balancer Services and wait until they are gone; what was there.

    One that is made anew meanwhile (by a sync that still heals) is deleted again.

    Raises:
        ClusterError: One is still there after `timeout_seconds`.
    """
    deadline = Deadline(clock, timeout_seconds)
    drained = []
    # All are asked to go before the first is waited for: their load balancers go at the same time.
    for sort in _SORTS:
        path = namespaced(sort.group_version, namespace, sort.plural)
        for thing in sort.select(list_all(api, path)):
            _delete(api, path, thing)
            drained.append(Item(kind=sort.singular, id=f"{namespace}/{_name(thing)}", environment=environment))
    for sort in _SORTS if drained else ():
        _wait(api, clock, namespaced(sort.group_version, namespace, sort.plural), sort, deadline)
    return tuple(drained)


def _wait(api: KubeApi, clock: Clock, path: str, sort: _Sort, deadline: Deadline) -> None:
    def gone(things: list[Object]) -> bool:
        left = sort.select(things)
        for thing in left:
            if not thing["metadata"].get("deletionTimestamp"):
                _delete(api, path, thing)
        return not left

    over, last = wait_until(readings(api, clock, path, deadline), gone)
    if not over:
        raise _stuck(sort.singular, sort.select(last), deadline.elapsed)


def _delete(api: KubeApi, path: str, thing: Object) -> None:
    name = _name(thing)
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": thing["metadata"]["uid"]}}
    status, answer = api.request("DELETE", f"{path}/{name}", body=body)
    if status not in {200, 202, NOT_FOUND, CONFLICT}:
        raise unexpected(f"Deleting {path}/{name}", status, answer)


def _stuck(kind: str, left: list[Object], seconds: float) -> ClusterError:
    lines = []
    for thing in left:
        finalizers = ", ".join(thing["metadata"].get("finalizers") or ()) or "nothing, it was made anew"
        lines.append(f"{kind} {_name(thing)} is held by {finalizers}")
    return ClusterError(
        f"Load balancers were not given back in {seconds:.0f} s.",
        detail="\n".join(lines),
        why="The controller that set the finalizer (for instance the AWS load balancer controller) is not "
        "running, or may not delete in the cloud.",
        fix="Bring that controller back and re-run the job. Do not strip the finalizer: security groups and "
        "target groups would leak.",
    )


def _name(thing: Object) -> str:
    return str(thing["metadata"]["name"])
