"""Services: which ready pods are behind them."""

from collections.abc import Iterable

from standins.kubernetes.api import Api, Deletion
from standins.kubernetes.controllers.replicas import is_ready
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.objects import Object, clone, is_deleting, labels_of, name_of
from standins.kubernetes.store import Change

_SERVICE_NAME = "kubernetes.io/service-name"


class EndpointSliceController:
    """Keeps one EndpointSlice for each Service that has a selector."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._client = Client(api, "endpointslice-controller")

    def keys(self, change: Change) -> Iterable[Key]:
        """Services, and those whose pods changed."""
        meta = change.value["metadata"]
        if change.type_key == ("", "services"):
            yield meta["namespace"], meta["name"]
        elif change.type_key == ("", "pods"):
            for service in self._client.all("services", meta["namespace"]):
                if _selects(service, change.value):
                    yield meta["namespace"], name_of(service)

    def reconcile(self, key: Key) -> float | None:
        """Write the slice."""
        service = self._client.find("services", *key)
        if service is None or is_deleting(service) or not service["spec"].get("selector"):
            return None
        pods = [pod for pod in self._client.all("pods", key[0]) if _selects(service, pod)]
        endpoints = [
            {
                "addresses": [pod["status"]["podIP"]],
                "conditions": {"ready": is_ready(pod), "serving": is_ready(pod), "terminating": is_deleting(pod)},
                "nodeName": pod["spec"].get("nodeName", ""),
                "targetRef": {
                    "kind": "Pod", "name": name_of(pod), "namespace": key[0], "uid": pod["metadata"]["uid"],
                },
            }
            for pod in pods
            if pod["status"].get("podIP") and pod["status"].get("phase") == "Running"
        ]  # fmt: skip
        ports = [
            {"name": port.get("name", ""), "protocol": port["protocol"], "port": _number(port, pods)}
            for port in service["spec"].get("ports") or []
        ]
        self._write(service, {"addressType": "IPv4", "endpoints": endpoints, "ports": ports})
        return None

    def _write(self, service: Object, content: Object) -> None:
        namespace, name = service["metadata"]["namespace"], name_of(service)
        found = [
            item
            for item in self._client.all("endpointslices.discovery.k8s.io", namespace)
            if labels_of(item).get(_SERVICE_NAME) == name
        ]
        for extra in found[1:]:
            resource = self._client.type("endpointslices.discovery.k8s.io")
            self._api.delete(resource, namespace, name_of(extra), Deletion())
        if not found:
            owner = {
                "apiVersion": "v1", "kind": "Service", "name": name, "uid": service["metadata"]["uid"],
                "controller": True, "blockOwnerDeletion": True,
            }  # fmt: skip
            labels = {
                _SERVICE_NAME: name,
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            }
            meta = {
                "generateName": f"{name}-", "namespace": namespace, "labels": labels, "ownerReferences": [owner],
            }  # fmt: skip
            self._client.create("endpointslices.discovery.k8s.io", {"metadata": meta, **content})
        elif any(found[0].get(key) != value for key, value in content.items()):
            self._client.update("endpointslices.discovery.k8s.io", {**clone(found[0]), **content})


def _selects(service: Object, pod: Object) -> bool:
    selector = service["spec"].get("selector")
    return bool(selector) and all(labels_of(pod).get(key) == value for key, value in selector.items())


def _number(port: Object, pods: list[Object]) -> int:
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for candidate in container.get("ports") or []:
                if candidate.get("name") == target:
                    return int(candidate["containerPort"])
    return int(port["port"])
