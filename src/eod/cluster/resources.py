"""Lists and watches on top of plain requests: all pages, or an error; never a part."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from typing import Any

from eod.cluster.answers import unexpected
from eod.cluster.api import KubeApi, Object, path_of
from eod.cluster.waiting import Clock, Deadline
from eod.errors import ClusterError

PAGE = 500
WINDOW_SECONDS = 10.0
"""Watches are cut after so long, so that a cancelled worker notices."""

_PAUSE_SECONDS = 0.2

NOT_FOUND = 404
CONFLICT = 409
GONE = 410
OK = 200

NAMESPACES = path_of("api", "v1", "namespaces")


def namespaced(group_version: str, namespace: str, plural: str, name: str = "") -> str:
    """The path of a namespaced collection, or of one object in it. The core group is `v1`."""
    root = ("api", "v1") if group_version == "v1" else ("apis", *group_version.split("/"))
    return path_of(*root, "namespaces", namespace, plural, *((name,) if name else ()))


def get(api: KubeApi, path: str) -> Object | None:
    """One object, or `None` when there is none."""
    status, body = api.request("GET", path)
    if status == NOT_FOUND:
        return None
    if status != OK:
        raise unexpected(f"Reading {path}", status, body)
    return body


def list_all(api: KubeApi, path: str, query: Mapping[str, str] | None = None, *, accept: str = "") -> list[Object]:
    """Every item of a collection.

    A listing that expires between two pages is begun again. A kind that the cluster does not know is an empty one.
    """
    for _ in range(3):
        items = _pages(api, path, dict(query or {}), accept or "application/json")
        if items is not None:
            return items
    raise ClusterError(
        f"Listing {path} was interrupted three times.",
        why="The API server forgets a listing faster than it can be read.",
        fix="Re-run the job; if it stays, look at the API server's load.",
    )


def _pages(api: KubeApi, path: str, query: dict[str, str], accept: str) -> list[Object] | None:
    items: list[Object] = []
    token = ""
    while True:
        parameters = {**query, "limit": str(PAGE), **({"continue": token} if token else {})}
        status, body = api.request("GET", path, query=parameters, accept=accept)
        if status == GONE and token:
            return None
        if status == NOT_FOUND:
            return items
        if status != OK:
            raise unexpected(f"Listing {path}", status, body)
        items += body.get("items") or []
        token = (body.get("metadata") or {}).get("continue") or ""
        if not token:
            return items


def readings(
    api: KubeApi, clock: Clock, path: str, deadline: Deadline, *, query: Mapping[str, str] | None = None
) -> Generator[list[Object], None, None]:
    """A collection as it changes: first as it is now, then after each event, until the deadline.

    Lost connections, expired watches and a restarting API server are sat out until the deadline.

    Raises:
        ClusterError: At the deadline the cluster cannot be reached.
    """
    while True:
        began = deadline.elapsed
        try:
            yield from _one_window(api, path, dict(query or {}), deadline)
        except ClusterError:
            if deadline.passed:
                raise
            clock.wait(min(1.0, deadline.left))
        if deadline.passed:
            return
        # A watch that ends at once, again and again, must not become a flood of listings.
        clock.wait(_PAUSE_SECONDS if deadline.elapsed - began < _PAUSE_SECONDS else 0.0)


def _one_window(api: KubeApi, path: str, query: dict[str, str], deadline: Deadline) -> Iterator[list[Object]]:
    status, body = api.request("GET", path, query=query)
    if status == NOT_FOUND:
        yield []
        return
    if status != OK:
        raise unexpected(f"Listing {path}", status, body)
    known = {_key(item): item for item in body.get("items") or []}
    yield list(known.values())
    since = {"resourceVersion": str((body.get("metadata") or {}).get("resourceVersion", ""))}
    for event in api.stream(path, query={**query, **since}, seconds=min(WINDOW_SECONDS, deadline.left)):
        if event.get("type") == "ERROR":
            return
        item = event.get("object") or {}
        if event.get("type") == "DELETED":
            known.pop(_key(item), None)
        elif event.get("type") in {"ADDED", "MODIFIED"}:
            known[_key(item)] = item
        yield list(known.values())
        if deadline.passed:
            return


def wait_until(
    found: Generator[list[Object], None, None], done: Callable[[list[Object]], bool]
) -> tuple[bool, list[Object]]:
    """Follow `readings` until `done`; whether it came to that, and the last reading."""
    last: list[Object] = []
    with closing(found):  # lest an error that somebody holds keeps the connection open
        for last in found:
            if done(last):
                return True, last
    return False, last


def _key(item: Object) -> tuple[str, str]:
    metadata: dict[str, Any] = item.get("metadata") or {}
    return str(metadata.get("namespace", "")), str(metadata.get("name", ""))
