"""Aggregated APIs: an APIService whose Service nobody answers for is not available."""

from collections.abc import Iterable

from standins.kubernetes.api import Api
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.objects import clone, name_of, set_condition
from standins.kubernetes.store import Change


class ApiServiceController:
    """Writes the `Available` condition."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._client = Client(api, "kube-aggregator")

    def keys(self, change: Change) -> Iterable[Key]:
        """APIServices."""
        if change.type_key == ("apiregistration.k8s.io", "apiservices"):
            yield "", name_of(change.value)

    def reconcile(self, key: Key) -> float | None:
        """Say that nobody answers."""
        value = self._client.find("apiservices.apiregistration.k8s.io", *key)
        if value is None:
            return None
        changed = clone(value)
        status = changed.setdefault("status", {})
        service = value["spec"].get("service")
        found = {
            "type": "Available",
            "status": "True",
            "reason": "Local",
            "message": "Local APIServices are always available",
        }
        if service:
            where = f"{service['namespace']}/{service['name']}"
            message = f'service/{service["name"]} in "{service["namespace"]}" is not present'
            if self._client.find("services", *where.split("/")) is not None:
                message = f'endpoints for service/{service["name"]} in "{service["namespace"]}" have no addresses'
            found = {"type": "Available", "status": "False", "reason": "ServiceNotFound", "message": message}
        set_condition(status, found, self._api.now())
        if changed != value:
            self._client.update_status("apiservices.apiregistration.k8s.io", changed)
        return None
