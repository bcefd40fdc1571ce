"""The destination cluster as Argo CD sees it: objects by identity, across all types."""

from collections.abc import Iterator
from typing import Final

from standins.argocd.documents import ManifestError
from standins.argocd.tracking import ResourceKey, tracked_by
from standins.kubernetes.api import Api, Deletion, Write
from standins.kubernetes.objects import Object, clone, name_of, namespace_of
from standins.kubernetes.patches import merge_patch
from standins.kubernetes.resources import ResourceType

CONTROLLER: Final = "argocd-application-controller"


class Cluster:
    """Reads and writes objects of any kind."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._how = Write(manager=CONTROLLER)

    def type_of(self, value: Object) -> ResourceType | None:
        """The type of an object, if the cluster knows it."""
        return self.api.catalogue.by_kind(value["apiVersion"], value["kind"])

    def settle(self, value: Object, namespace: str) -> None:
        """Give an object that lives in a namespace but names none the destination's, in place."""
        resource = self.type_of(value)
        if resource is None or resource.namespaced:
            value["metadata"].setdefault("namespace", namespace)
        else:
            value["metadata"].pop("namespace", None)

    def live(self, value: Object) -> Object | None:
        """The live object for a wanted one."""
        resource = self.type_of(value)
        if resource is None:
            return None
        return self.api.find(resource, namespace_of(value), name_of(value))

    def managed(self, application: str) -> Iterator[Object]:
        """All live objects that belong to an Application."""
        for type_key in list(self.api.store.types()):
            resource = self.api.catalogue.stored(type_key)
            if resource is not None and resource.plural != "events":
                yield from (value for value in self.api.all(resource) if tracked_by(value) == application)

    def create(self, value: Object, *, dry_run: bool = False) -> Object:
        """Create an object."""
        how = Write(manager=CONTROLLER, dry_run=dry_run)
        return self.api.create(self._require(value), namespace_of(value), value, how)

    def update(self, value: Object, *, dry_run: bool = False) -> Object:
        """Replace an object."""
        how = Write(manager=CONTROLLER, dry_run=dry_run)
        return self.api.update(self._require(value), namespace_of(value), name_of(value), value, how)

    def apply(self, value: Object, *, manager: str, dry_run: bool = False) -> Object:
        """Server-side apply, taking over fields from others."""
        how = Write(manager=manager, force=True, dry_run=dry_run)
        applied, _ = self.api.patch(
            self._require(value), namespace_of(value), name_of(value), value, kind="apply", how=how
        )
        return applied

    def delete(self, value: Object, propagation: str) -> None:
        """Delete an object."""
        policy = Deletion(propagation=propagation, uid=value["metadata"]["uid"])
        self.api.delete(self._require(value), namespace_of(value), name_of(value), policy)

    def patch(self, value: Object, patch: Object) -> Object:
        """Merge a patch into an object, if that changes anything."""
        if merge_patch(value, patch) == value:
            return value
        patched, _ = self.api.patch(
            self._require(value), namespace_of(value), name_of(value), clone(patch), kind="merge", how=self._how
        )
        return patched

    def exists(self, key: ResourceKey) -> bool:
        """Whether there is an object of that identity."""
        resource = self.api.catalogue.by_group_kind(key.group, key.kind)
        return resource is not None and self.api.find(resource, key.namespace or None, key.name) is not None

    def _require(self, value: Object) -> ResourceType:
        resource = self.type_of(value)
        if resource is None:
            raise ManifestError(
                f"the server could not find the requested resource: {value['apiVersion']} {value['kind']}"
            )
        return resource
