"""The objects, their resource versions, and the log of changes that watches read."""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from standins.kubernetes.errors import expired
from standins.kubernetes.objects import Object, name_of, namespace_of

TypeKey = tuple[str, str]
ObjectKey = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one object."""

    revision: int
    type_key: TypeKey
    kind: str
    value: Object
    before: Object | None


class Store:
    """Everything in memory. All access happens under `lock`; stored objects are never changed in place."""

    def __init__(self, *, history: int = 20_000) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.revision = 100
        self.closed = False
        self._objects: dict[TypeKey, dict[ObjectKey, Object]] = {}
        self._log: deque[Change] = deque(maxlen=history)
        self._forgotten = self.revision

    def get(self, type_key: TypeKey, namespace: str | None, name: str) -> Object | None:
        """The object, or None."""
        return self._objects.get(type_key, {}).get((namespace or "", name))

    def all(self, type_key: TypeKey, namespace: str | None = None) -> list[Object]:
        """All objects of a type, in one namespace or in all, ordered by namespace and name."""
        objects = self._objects.get(type_key, {})
        return [value for key, value in sorted(objects.items()) if namespace is None or key[0] == namespace]

    def types(self) -> Iterator[TypeKey]:
        """The types of which there are objects."""
        return (key for key, objects in list(self._objects.items()) if objects)

    def put(self, type_key: TypeKey, value: Object) -> Object:
        """Store an object under the next resource version, which is written into it."""
        objects = self._objects.setdefault(type_key, {})
        key = (namespace_of(value) or "", name_of(value))
        before = objects.get(key)
        self._advance(value)
        objects[key] = value
        self._record(type_key, "MODIFIED" if before else "ADDED", value, before)
        return value

    def remove(self, type_key: TypeKey, value: Object) -> Object:
        """Remove an object; what watchers see last is `value` with a resource version of its own."""
        before = self._objects[type_key].pop((namespace_of(value) or "", name_of(value)))
        self._advance(value)
        self._record(type_key, "DELETED", value, before)
        return value

    def changes_since(self, revision: int) -> list[Change]:
        """All changes after a resource version.

        Raises:
            StatusError: 410 when they are no longer all known.
        """
        if revision < self._forgotten:
            raise expired(f"too old resource version: {revision} ({self._forgotten})")
        if not self._log or self._log[-1].revision <= revision:
            return []
        recent: list[Change] = []
        for change in reversed(self._log):
            if change.revision <= revision:
                break
            recent.append(change)
        recent.reverse()
        return recent

    def forget(self) -> None:
        """Forget all changes so far, as compaction does."""
        with self.lock:
            self._log.clear()
            self._forgotten = self.revision

    def close(self) -> None:
        """Wake everything that waits, for the last time."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _advance(self, value: Object) -> None:
        self.revision += 1
        value["metadata"]["resourceVersion"] = str(self.revision)

    def _record(self, type_key: TypeKey, kind: str, value: Object, before: Object | None) -> None:
        if self._log.maxlen is not None and len(self._log) == self._log.maxlen:
            self._forgotten = self._log[0].revision
        self._log.append(Change(revision=self.revision, type_key=type_key, kind=kind, value=value, before=before))
        self.changed.notify_all()
