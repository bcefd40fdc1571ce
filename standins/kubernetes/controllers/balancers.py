"""Load balancers: Ingresses and Services get an address, held by finalizers like those of the AWS controllers."""

from collections.abc import Iterable
from typing import Final

from standins.kubernetes.api import Api
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.objects import Object, annotations_of, clone, finalizers_of, is_deleting
from standins.kubernetes.store import Change

INGRESS_FINALIZER: Final = "ingress.k8s.aws/resources"
SERVICE_FINALIZER: Final = "service.k8s.aws/resources"
HOLD_ANNOTATION: Final = "testbed.eod/hold-load-balancer"
"""Keeps the finalizer on an object that is being deleted: a load balancer that will not go away."""


class _BalancerController:
    """What Ingresses and Services have in common."""

    qualified: str
    finalizer: str

    def __init__(self, api: Api, *, port: int, released_after: float = 0.0) -> None:
        self._api = api
        self._client = Client(api, "aws-load-balancer-controller")
        self._port = port
        self._released_after = released_after
        self._draining: set[str] = set()

    def keys(self, change: Change) -> Iterable[Key]:
        """The objects themselves."""
        group, plural = change.type_key
        if (f"{plural}.{group}" if group else plural) == self.qualified:
            meta = change.value["metadata"]
            yield meta["namespace"], meta["name"]

    def reconcile(self, key: Key) -> float | None:
        """Hand out an address, or take it back."""
        value = self._client.find(self.qualified, *key)
        if value is None:
            return None
        held = self.finalizer in finalizers_of(value)
        if is_deleting(value) or not self._wants(value):
            return self._release(value) if held else None
        if not held:
            value = clone(value)
            value["metadata"]["finalizers"] = [*finalizers_of(value), self.finalizer]
            value = self._client.update(self.qualified, value)
        address = {"ip": "127.0.0.1", "ports": [{"port": self._port, "protocol": "TCP"}]}
        status = {"loadBalancer": {"ingress": [address | self._extra()]}}
        if (value.get("status") or {}).get("loadBalancer") != status["loadBalancer"]:
            self._client.update_status(self.qualified, {**value, "status": {**value.get("status", {}), **status}})
        return None

    def _release(self, value: Object) -> float | None:
        if HOLD_ANNOTATION in annotations_of(value):
            return None
        uid = value["metadata"]["uid"]
        if self._released_after and uid not in self._draining:
            self._draining.add(uid)
            return self._released_after
        self._draining.discard(uid)
        value = clone(value)
        value["metadata"]["finalizers"] = [item for item in finalizers_of(value) if item != self.finalizer]
        self._client.update(self.qualified, value)
        return None

    def _wants(self, value: Object) -> bool:
        raise NotImplementedError

    def _extra(self) -> Object:
        return {}


class IngressController(_BalancerController):
    """Every Ingress gets the one load balancer."""

    qualified = "ingresses.networking.k8s.io"
    finalizer = INGRESS_FINALIZER

    def _wants(self, value: Object) -> bool:
        return True


class ServiceController(_BalancerController):
    """Every Service of type LoadBalancer gets the one load balancer."""

    qualified = "services"
    finalizer = SERVICE_FINALIZER

    def _wants(self, value: Object) -> bool:
        return bool(value["spec"].get("type") == "LoadBalancer")

    def _extra(self) -> Object:
        return {"ipMode": "VIP"}
