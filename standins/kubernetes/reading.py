"""The verbs that read: get, list and watch."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from standins.kubernetes import errors
from standins.kubernetes.objects import Object, name_of, namespace_of
from standins.kubernetes.options import Clock, Page, utc_now
from standins.kubernetes.resources import Catalogue, ResourceType
from standins.kubernetes.selectors import Predicate
from standins.kubernetes.store import Change, Store


class Reader:
    """All verbs that change nothing."""

    def __init__(self, *, clock: Clock = utc_now, history: int = 20_000) -> None:
        self.store = Store(history=history)
        self.catalogue = Catalogue()
        self._clock = clock

    def now(self, *, seconds_ahead: float = 0) -> str:
        """A time stamp as the API writes it: UTC, whole seconds."""
        return (self._clock() + timedelta(seconds=seconds_ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def time(self) -> datetime:
        """The time now."""
        return self._clock()

    def type(self, qualified: str) -> ResourceType:
        """The stored version of a type, by its name: `deployments.apps`, `pods`.

        Raises:
            StatusError: 404 when the type is not served.
        """
        plural, _, group = qualified.partition(".")
        found = self.catalogue.stored((group, plural))
        if found is None:
            raise errors.no_such_path()
        return found

    def find(self, resource: ResourceType, namespace: str | None, name: str) -> Object | None:
        """The object in the version asked for, or None."""
        with self.store.lock:
            value = self.store.get(resource.key, namespace, name)
        return None if value is None else self._in_version(value, resource)

    def get(self, resource: ResourceType, namespace: str | None, name: str) -> Object:
        """The object in the version asked for.

        Raises:
            StatusError: 404.
        """
        value = self.find(resource, namespace, name)
        if value is None:
            raise errors.not_found(resource.qualified, name)
        return value

    def all(self, resource: ResourceType, namespace: str | None = None) -> list[Object]:
        """All objects of a type in a namespace, or everywhere."""
        with self.store.lock:
            values = self.store.all(resource.key, namespace)
        return [self._in_version(value, resource) for value in values]

    def list(
        self,
        resource: ResourceType,
        namespace: str | None,
        matches: Predicate,
        *,
        limit: int = 0,
        continue_token: str = "",
    ) -> Page:
        """A page of the objects that match."""
        with self.store.lock:
            revision = self.store.revision
            values = [value for value in self.store.all(resource.key, namespace) if matches(value)]
        if continue_token:
            position = _read_token(continue_token)
            revision = position["rv"]
            after = tuple(position["after"])
            values = [value for value in values if (namespace_of(value) or "", name_of(value)) > after]
        token, remaining = "", 0
        if limit and len(values) > limit:
            remaining = len(values) - limit
            values = values[:limit]
            token = _write_token(revision, values[-1])
        items = [self._in_version(value, resource) for value in values]
        return Page(items=items, revision=revision, next=token, remaining=remaining)

    def watch(
        self,
        resource: ResourceType,
        namespace: str | None,
        matches: Predicate,
        *,
        revision: int | None,
        seconds: float,
        bookmarks: bool = False,
    ) -> Iterator[Object]:
        """Events from a resource version on, until the time is up; None yields the present state first."""
        deadline = self._clock() + timedelta(seconds=seconds)
        with self.store.lock:
            position = self.store.revision if revision is None else revision
            initial = [] if revision is not None else self.store.all(resource.key, namespace)
        for value in initial:
            if matches(value):
                yield {"type": "ADDED", "object": self._in_version(value, resource)}
        while not self.store.closed:
            with self.store.changed:
                changes = self.store.changes_since(position)
                if not changes:
                    left = (deadline - self._clock()).total_seconds()
                    if left <= 0:
                        break
                    self.store.changed.wait(min(left, 0.5))
                    continue
                position = changes[-1].revision
            for change in changes:
                event = self._event(change, resource, namespace, matches)
                if event is not None:
                    yield event
        if bookmarks:
            mark = {"kind": resource.kind, "apiVersion": resource.api_version}
            yield {"type": "BOOKMARK", "object": {**mark, "metadata": {"resourceVersion": str(position)}}}

    def _event(
        self, change: Change, resource: ResourceType, namespace: str | None, matches: Predicate
    ) -> Object | None:
        if change.type_key != resource.key or (namespace is not None and namespace_of(change.value) != namespace):
            return None
        was = change.before is not None and matches(change.before)
        present = change.kind != "DELETED" and matches(change.value)
        if not was and not present:
            return None
        kind = "DELETED" if was and not present else "MODIFIED" if was else "ADDED"
        return {"type": kind, "object": self._in_version(change.value, resource)}

    @staticmethod
    def _in_version(value: Object, resource: ResourceType) -> Object:
        if value.get("apiVersion") == resource.api_version:
            return value
        return {**value, "apiVersion": resource.api_version, "kind": resource.kind}


def _write_token(revision: int, last: Object) -> str:
    position = {"rv": revision, "after": [namespace_of(last) or "", name_of(last)]}
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def _read_token(token: str) -> Object:
    try:
        position: Object = json.loads(base64.urlsafe_b64decode(token))
    except ValueError as error:
        raise errors.bad_request("continue key is not valid") from error
    return position
