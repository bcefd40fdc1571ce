"""Garbage collection by owner references: background, foreground and orphaning."""

from collections.abc import Iterable, Iterator

from standins.kubernetes.api import Api, Deletion, Write
from standins.kubernetes.controllers.runtime import Key
from standins.kubernetes.objects import Object, clone, finalizers_of, is_deleting, name_of, namespace_of
from standins.kubernetes.resources import ResourceType
from standins.kubernetes.store import Change

_FOREGROUND = "foregroundDeletion"
_ORPHAN = "orphan"


class GarbageCollector:
    """Deletes what has lost its owners. Its keys are (kind of work, uid)."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._how = Write(manager="kube-controller-manager")

    def keys(self, change: Change) -> Iterable[Key]:
        """Owners that are gone or going, and dependents that name an owner."""
        meta = change.value["metadata"]
        if change.kind == "DELETED":
            yield "gone", meta["uid"]
        elif is_deleting(change.value):
            yield "going", meta["uid"]
        for reference in meta.get("ownerReferences") or []:
            if change.kind == "DELETED":
                yield "going", reference["uid"]
            elif change.kind == "ADDED":
                yield "gone", reference["uid"]

    def reconcile(self, key: Key) -> float | None:
        """Deal with the dependents of one owner."""
        work, uid = key
        owner = self._find(uid)
        if work == "gone" and owner is None:
            for resource, dependent in self._dependents(uid):
                self._collect(resource, dependent)
        elif owner is not None and is_deleting(owner[1]):
            self._release(*owner)
        return None

    def _find(self, uid: str) -> tuple[ResourceType, Object] | None:
        return next(
            ((resource, value) for resource, value in self._everything() if value["metadata"]["uid"] == uid), None
        )

    def _everything(self) -> Iterator[tuple[ResourceType, Object]]:
        for type_key in list(self._api.store.types()):
            resource = self._api.catalogue.stored(type_key)
            if resource is not None:
                yield from ((resource, value) for value in self._api.all(resource))

    def _dependents(self, uid: str) -> list[tuple[ResourceType, Object]]:
        return [
            (resource, value)
            for resource, value in self._everything()
            if any(item["uid"] == uid for item in value["metadata"].get("ownerReferences") or [])
        ]

    def _collect(self, resource: ResourceType, dependent: Object) -> None:
        alive = [
            reference
            for reference in dependent["metadata"]["ownerReferences"]
            if self._find(reference["uid"]) is not None
        ]
        if alive:
            self._set_owners(resource, dependent, alive)
        elif not is_deleting(dependent):
            policy = Deletion(propagation=self._inherited(dependent))
            self._api.delete(resource, namespace_of(dependent), name_of(dependent), policy)

    @staticmethod
    def _inherited(dependent: Object) -> str:
        finalizers = finalizers_of(dependent)
        return "Foreground" if _FOREGROUND in finalizers else "Orphan" if _ORPHAN in finalizers else "Background"

    def _release(self, resource: ResourceType, owner: Object) -> None:
        dependents = self._dependents(owner["metadata"]["uid"])
        if _ORPHAN in finalizers_of(owner):
            for kind, dependent in dependents:
                others = [
                    item
                    for item in dependent["metadata"]["ownerReferences"]
                    if item["uid"] != owner["metadata"]["uid"]
                ]
                self._set_owners(kind, dependent, others)
            self._drop_finalizer(resource, owner, _ORPHAN)
        elif _FOREGROUND in finalizers_of(owner):
            blocking = False
            for kind, dependent in dependents:
                if not is_deleting(dependent):
                    policy = Deletion(propagation="Foreground")
                    self._api.delete(kind, namespace_of(dependent), name_of(dependent), policy)
                references = dependent["metadata"]["ownerReferences"]
                mine = next(item for item in references if item["uid"] == owner["metadata"]["uid"])
                blocking |= bool(mine.get("blockOwnerDeletion"))
            if not blocking or not self._dependents(owner["metadata"]["uid"]):
                self._drop_finalizer(resource, owner, _FOREGROUND)

    def _set_owners(self, resource: ResourceType, value: Object, owners: list[Object]) -> None:
        changed = clone(value)
        changed["metadata"]["ownerReferences"] = owners
        if not owners:
            del changed["metadata"]["ownerReferences"]
        self._api.update(resource, namespace_of(value), name_of(value), changed, self._how)

    def _drop_finalizer(self, resource: ResourceType, value: Object, finalizer: str) -> None:
        current = self._api.find(resource, namespace_of(value), name_of(value))
        if current is None:
            return
        changed = clone(current)
        changed["metadata"]["finalizers"] = [item for item in finalizers_of(current) if item != finalizer]
        self._api.update(resource, namespace_of(value), name_of(value), changed, self._how)
