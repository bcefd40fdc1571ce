"""Namespaces: what a new one holds, and how one goes, or says why it cannot."""

from collections import Counter
from collections.abc import Iterable

from standins.kubernetes.api import Api, Deletion, Write
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.discovery import remote_services
from standins.kubernetes.objects import Object, clone, finalizers_of, is_deleting, name_of, set_condition
from standins.kubernetes.resources import ResourceType
from standins.kubernetes.store import Change


class NamespaceController:
    """Empties namespaces that are being deleted, then lets them go."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._client = Client(api, "kube-controller-manager")

    def keys(self, change: Change) -> Iterable[Key]:
        """Namespaces, and those that something was removed from or changed in while they go."""
        if change.type_key == ("", "namespaces"):
            yield "", name_of(change.value)
        elif change.type_key == ("apiregistration.k8s.io", "apiservices"):
            yield from (("", name_of(value)) for value in self._client.all("namespaces") if is_deleting(value))
        else:
            namespace = change.value["metadata"].get("namespace")
            home = self._client.find("namespaces", "", namespace) if namespace else None
            if home is not None and is_deleting(home):
                yield "", str(namespace)

    def reconcile(self, key: Key) -> float | None:
        """Delete the content, say what holds it, or finish."""
        value = self._client.find("namespaces", *key)
        if value is None:
            return None
        if not is_deleting(value):
            self._furnish(value)
            return None
        if "kubernetes" not in (value.get("spec") or {}).get("finalizers", []):
            return None
        left = self._delete_content(name_of(value))
        dead = list(remote_services(self._api))
        value = self._client.find("namespaces", *key)
        if value is None:
            return None
        if not left and not dead:
            self._finish(value)
            return None
        self._write_conditions(value, left, dead)
        return 1.0

    def _furnish(self, value: Object) -> None:
        namespace = name_of(value)
        if self._client.find("serviceaccounts", namespace, "default") is None:
            self._client.create("serviceaccounts", {"metadata": {"name": "default", "namespace": namespace}})
        if self._client.find("configmaps", namespace, "kube-root-ca.crt") is None:
            meta = {"name": "kube-root-ca.crt", "namespace": namespace}
            self._client.create("configmaps", {"metadata": meta, "data": {"ca.crt": ""}})

    def _types(self) -> list[ResourceType]:
        return [item for item in self._api.catalogue.all() if item.namespaced and item.is_stored]

    def _delete_content(self, namespace: str) -> list[tuple[ResourceType, Object]]:
        for resource in self._types():
            for value in self._api.all(resource, namespace):
                if not is_deleting(value) or resource.qualified == "pods":
                    self._api.delete(resource, namespace, name_of(value), Deletion(propagation="Background"))
        return [(resource, value) for resource in self._types() for value in self._api.all(resource, namespace)]

    def _finish(self, value: Object) -> None:
        finished = clone(value)
        finished["spec"]["finalizers"] = [item for item in finished["spec"]["finalizers"] if item != "kubernetes"]
        resource = self._client.type("namespaces")
        how = Write(manager="kube-controller-manager")
        self._api.update(resource, None, name_of(value), finished, how, subresource="finalize")

    def _write_conditions(
        self, value: Object, left: list[tuple[ResourceType, Object]], dead: list[Object]
    ) -> None:
        changed = clone(value)
        for found in (
            _discovery(dead),
            {
                "type": "NamespaceDeletionGroupVersionParsingFailure", "status": "False",
                "reason": "ParsedGroupVersions", "message": "All legacy kube types successfully parsed",
            },
            {
                "type": "NamespaceDeletionContentFailure", "status": "False", "reason": "ContentDeleted",
                "message": "All content successfully deleted, may be waiting on finalization",
            },
            _remaining(left),
            _finalizers(left),
        ):  # fmt: skip
            set_condition(changed["status"], found, self._api.now())
        if changed != value:
            self._client.update_status("namespaces", changed)


def _discovery(dead: list[Object]) -> Object:
    kind = "NamespaceDeletionDiscoveryFailure"
    if not dead:
        message = "All resources successfully discovered"
        return {"type": kind, "status": "False", "reason": "ResourcesDiscovered", "message": message}
    versions = [f"{item['spec']['group']}/{item['spec']['version']}" for item in dead]
    details = ", ".join(f"{version}: stale GroupVersion discovery: {version}" for version in versions)
    message = (
        f"Discovery failed for some groups, {len(dead)} failing: unable to retrieve the complete list of server "
        f"APIs: {details}"
    )
    return {"type": kind, "status": "True", "reason": "DiscoveryFailed", "message": message}


def _remaining(left: list[tuple[ResourceType, Object]]) -> Object:
    kind = "NamespaceContentRemaining"
    if not left:
        return {
            "type": kind,
            "status": "False",
            "reason": "ContentRemoved",
            "message": "All content successfully removed",
        }
    counts = Counter(f"{resource.plural}.{resource.group}" for resource, _ in left)
    listed = ", ".join(f"{name} has {count} resource instances" for name, count in sorted(counts.items()))
    return {
        "type": kind, "status": "True", "reason": "SomeResourcesRemain",
        "message": f"Some resources are remaining: {listed}",
    }  # fmt: skip


def _finalizers(left: list[tuple[ResourceType, Object]]) -> Object:
    kind = "NamespaceFinalizersRemaining"
    counts = Counter(name for _, value in left for name in finalizers_of(value))
    if not counts:
        message = "All content-preserving finalizers finished"
        return {"type": kind, "status": "False", "reason": "ContentHasNoFinalizers", "message": message}
    listed = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(counts.items()))
    return {
        "type": kind, "status": "True", "reason": "SomeFinalizersRemain",
        "message": f"Some content in the namespace has finalizers remaining: {listed}",
    }  # fmt: skip
