"""Resource quotas: what a namespace uses."""

from collections.abc import Iterable

from standins.kubernetes.admission import used_in
from standins.kubernetes.api import Api
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.objects import clone, name_of
from standins.kubernetes.quantities import format_quantity
from standins.kubernetes.store import Change


class QuotaController:
    """Keeps `status.used`."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._client = Client(api, "kube-controller-manager")

    def keys(self, change: Change) -> Iterable[Key]:
        """Quotas, and those of a namespace in which something came or went."""
        namespace = change.value["metadata"].get("namespace")
        if change.type_key == ("", "resourcequotas"):
            yield str(namespace), name_of(change.value)
        elif namespace and (change.kind != "MODIFIED" or change.type_key[1] in {"pods", "services"}):
            for quota in self._client.all("resourcequotas", namespace):
                yield namespace, name_of(quota)

    def reconcile(self, key: Key) -> float | None:
        """Write the status."""
        quota = self._client.find("resourcequotas", *key)
        if quota is None:
            return None
        hard = (quota.get("spec") or {}).get("hard") or {}
        with self._api.store.lock:
            used = used_in(self._api.store, key[0], hard)
        changed = clone(quota)
        changed["status"] = {
            "hard": dict(hard),
            "used": {name: format_quantity(used[name], hard[name]) for name in hard},
        }
        if changed != quota:
            self._client.update_status("resourcequotas", changed)
        return None
