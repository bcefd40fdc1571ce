"""Runs controllers: each is told which objects changed and brings one key at a time to where it should be."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from standins.kubernetes.api import Api, Write
from standins.kubernetes.errors import StatusError
from standins.kubernetes.objects import Object
from standins.kubernetes.resources import ResourceType
from standins.kubernetes.store import Change

log: Final = logging.getLogger(__name__)

Key = tuple[str, str]
"""Namespace ("" for none) and name."""


class Controller(Protocol):
    """One control loop."""

    def keys(self, change: Change) -> Iterable[Key]:
        """Which keys a change concerns."""
        ...

    def reconcile(self, key: Key) -> float | None:
        """Bring one key to where it should be; seconds until it wants to be called again, or None."""
        ...


class ControllerManager:
    """Runs controllers in one thread of its own."""

    def __init__(self, api: Api, controllers: Sequence[Controller], name: str) -> None:
        self._api = api
        self._controllers = controllers
        self._queue: dict[tuple[int, Key], None] = {}
        self._later: list[tuple[float, int, tuple[int, Key]]] = []
        self._failures: dict[tuple[int, Key], int] = {}
        self._order = itertools.count()
        self._position = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin with everything that exists already."""
        with self._api.store.lock:
            self._resync()
        self._thread.start()

    def stop(self) -> None:
        """Finish the key in hand and stop."""
        with self._api.store.changed:
            self._stopping = True
            self._api.store.changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            item = self._next()
            if item is None:
                return
            self._work(item)

    def _next(self) -> tuple[int, Key] | None:
        store = self._api.store
        with store.changed:
            while not self._stopping:
                self._collect()
                now = time.monotonic()
                while self._later and self._later[0][0] <= now:
                    self._queue.setdefault(heapq.heappop(self._later)[2])
                if self._queue:
                    item = next(iter(self._queue))
                    del self._queue[item]
                    return item
                store.changed.wait(self._later[0][0] - now if self._later else None)
        return None

    def _collect(self) -> None:
        store = self._api.store
        if store.revision == self._position:
            return
        try:
            changes = store.changes_since(self._position)
        except StatusError:
            self._resync()
            return
        self._position = store.revision
        for change in changes:
            self._enqueue(change)

    def _resync(self) -> None:
        store = self._api.store
        self._position = store.revision
        for type_key in list(store.types()):
            for value in store.all(type_key):
                self._enqueue(
                    Change(revision=store.revision, type_key=type_key, kind="ADDED", value=value, before=None)
                )

    def _enqueue(self, change: Change) -> None:
        for index, controller in enumerate(self._controllers):
            for key in controller.keys(change):
                self._queue.setdefault((index, key))

    def _work(self, item: tuple[int, Key]) -> None:
        index, key = item
        controller = self._controllers[index]
        try:
            again = controller.reconcile(key)
        except StatusError as error:
            failures = self._failures.get(item, 0)
            self._failures[item] = failures + 1
            again = min(0.02 * 2**failures, 5.0)
            log.debug("%s %s: %s; again in %.2f s", type(controller).__name__, key, error, again)
        except Exception:
            log.exception("%s %s", type(controller).__name__, key)
            again = 1.0
        else:
            self._failures.pop(item, None)
        if again is not None:
            heapq.heappush(self._later, (time.monotonic() + again, next(self._order), item))


class Client:
    """The API as a controller uses it: by qualified type names, writing under the controller's own name."""

    def __init__(self, api: Api, manager: str) -> None:
        self.api = api
        self._write = Write(manager=manager)

    def type(self, qualified: str) -> ResourceType:
        """A type by its qualified name."""
        return self.api.type(qualified)

    def find(self, qualified: str, namespace: str, name: str) -> Object | None:
        """The object, or None."""
        return self.api.find(self.type(qualified), namespace or None, name)

    def all(self, qualified: str, namespace: str | None = None) -> list[Object]:
        """All objects of a type."""
        return self.api.all(self.type(qualified), namespace)

    def create(self, qualified: str, value: Object) -> Object:
        """Create an object in the namespace that it names."""
        resource = self.type(qualified)
        value = {"apiVersion": resource.api_version, "kind": resource.kind, **value}
        return self.api.create(resource, value["metadata"].get("namespace"), value, self._write)

    def update(self, qualified: str, value: Object) -> Object:
        """Replace an object."""
        meta = value["metadata"]
        return self.api.update(self.type(qualified), meta.get("namespace"), meta["name"], value, self._write)

    def update_status(self, qualified: str, value: Object) -> Object:
        """Replace an object's status."""
        meta = value["metadata"]
        resource = self.type(qualified)
        return self.api.update(
            resource, meta.get("namespace"), meta["name"], value, self._write, subresource="status"
        )

    def event(self, about: Object, *, reason: str, message: str, warning: bool = False) -> None:
        """Record an Event about an object; a repeated one only counts up."""
        meta = about["metadata"]
        namespace = meta.get("namespace") or "default"
        now = self.api.now()
        for event in self.all("events", namespace):
            same = event["involvedObject"].get("uid") == meta["uid"] and event.get("reason") == reason
            if same and event.get("message") == message:
                again = {**event, "count": event.get("count", 1) + 1, "lastTimestamp": now}
                self.update("events", again)
                return
        self.create(
            "events",
            {
                "metadata": {"generateName": f"{meta['name']}.", "namespace": namespace},
                "involvedObject": {
                    "apiVersion": about["apiVersion"], "kind": about["kind"], "name": meta["name"],
                    "namespace": namespace, "uid": meta["uid"],
                },
                "reason": reason, "message": message, "type": "Warning" if warning else "Normal", "count": 1,
                "firstTimestamp": now, "lastTimestamp": now, "source": {"component": self._write.manager},
            },
        )  # fmt: skip
