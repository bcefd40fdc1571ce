"""The API over HTTP: which verb a request asks for, and how its answer is written."""

import json
import logging
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from standins.kubernetes import discovery, errors
from standins.kubernetes.api import Api, Deletion, PatchKind, Write
from standins.kubernetes.objects import Object, clone
from standins.kubernetes.resources import ResourceType
from standins.kubernetes.selectors import Predicate, field_predicate, label_predicate

_PATCH_KINDS: Final[dict[str, PatchKind]] = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
}
log: Final = logging.getLogger(__name__)

_DEFAULT_WATCH_SECONDS: Final = 1800.0


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    query: dict[str, str]
    content_type: str = ""
    user_agent: str = ""
    host: str = ""
    body: bytes = b""

    @classmethod
    def parse(cls, method: str, target: str, **rest: Any) -> "Request":
        """A request from its request line."""
        parts = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        return cls(method=method, path=urllib.parse.unquote(parts.path), query=query, **rest)

    def flag(self, name: str) -> bool:
        """A boolean parameter."""
        return self.query.get(name, "").lower() in {"true", "1"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back: one body, or a stream of events."""

    code: int = 200
    body: Any = None
    events: Iterator[Object] | None = None
    text: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Target:
    resource: ResourceType
    namespace: str | None
    name: str | None
    subresource: str


class HttpApi:
    """Answers requests from an `Api`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def answer(self, request: Request) -> Answer:
        """The answer to a request; refusals are `Status` objects."""
        try:
            return self._answer(request)
        except errors.StatusError as error:
            return Answer(code=error.code, body=error.status())
        except Exception as error:
            log.exception("%s %s", request.method, request.path)
            failure = errors.StatusError(500, "InternalError", f"Internal error occurred: {error!r}")
            return Answer(code=500, body=failure.status())

    def _answer(self, request: Request) -> Answer:
        parts = [part for part in request.path.split("/") if part]
        fixed = self._fixed(parts, request)
        if fixed is not None:
            return fixed
        target = self._target(parts)
        if target is None:
            raise errors.no_such_path()
        if target.resource.group == "authorization.k8s.io":
            return Answer(code=201, body=_allowed(_read_body(request)))
        if target.subresource not in {"", "status", "finalize"}:
            return self._subresource(target, request)
        if target.name is None:
            return self._collection(target, request)
        return self._object(target, request)

    def _fixed(self, parts: list[str], request: Request) -> Answer | None:
        match parts:
            case ["version"]:
                return Answer(body=discovery.VERSION)
            case ["readyz" | "livez" | "healthz", *_]:
                return Answer(text="ok")
            case []:
                return Answer(body={"paths": ["/api", "/api/v1", "/apis", "/healthz", "/readyz", "/version"]})
            case ["api"]:
                return Answer(body=discovery.core_versions(request.host))
            case ["apis"]:
                return Answer(body=discovery.groups(self._api))
            case ["apis", group]:
                return _found(discovery.group(self._api, group))
            case ["api", "v1"]:
                return _found(discovery.resources(self._api, "", "v1"))
            case ["apis", group, version]:
                return _found(discovery.resources(self._api, group, version))
            case _:
                return None

    def _target(self, parts: list[str]) -> _Target | None:
        match parts:
            case ["api", version, *rest]:
                group = ""
            case ["apis", group, version, *rest]:
                pass
            case _:
                return None
        namespace = None
        if len(rest) >= 3 and rest[0] == "namespaces" and self._api.catalogue.find(group, version, rest[2]):
            namespace, rest = rest[1], rest[2:]
        if not 1 <= len(rest) <= 3:
            return None
        resource = self._api.catalogue.find(group, version, rest[0])
        if resource is None or (namespace is not None and not resource.namespaced):
            return None
        subresource = rest[2] if len(rest) == 3 else ""
        if subresource and subresource not in resource.subresources:
            return None
        name = rest[1] if len(rest) > 1 else None
        if name is not None and resource.namespaced and namespace is None:
            return None
        return _Target(resource=resource, namespace=namespace, name=name, subresource=subresource)

    def _collection(self, target: _Target, request: Request) -> Answer:
        resource = target.resource
        if request.method == "GET" and request.flag("watch"):
            return Answer(events=self._watch(target, request))
        if request.method == "GET":
            page = self._api.list(
                resource,
                target.namespace,
                _matches(request, resource),
                limit=_number(request, "limit"),
                continue_token=request.query.get("continue", ""),
            )
            meta: Object = {"resourceVersion": str(page.revision)}
            if page.next:
                meta |= {"continue": page.next, "remainingItemCount": page.remaining}
            items = [{k: v for k, v in item.items() if k not in {"kind", "apiVersion"}} for item in page.items]
            if resource.is_custom:
                items = page.items
            kind = f"{resource.kind}List"
            return Answer(
                body={"kind": kind, "apiVersion": resource.api_version, "metadata": meta, "items": items}
            )
        if request.method == "POST":
            if resource.namespaced and target.namespace is None:
                raise errors.method_not_allowed()
            how = _write(request)
            created = self._api.create(resource, target.namespace, _read_body(request), how)
            return Answer(code=201, body=created, warnings=tuple(how.warnings))
        if request.method == "DELETE":
            return self._delete_collection(target, request)
        raise errors.method_not_allowed()

    def _delete_collection(self, target: _Target, request: Request) -> Answer:
        if "deletecollection" not in target.resource.verbs:
            raise errors.method_not_allowed()
        page = self._api.list(target.resource, target.namespace, _matches(request, target.resource))
        for value in page.items:
            meta = value["metadata"]
            self._api.delete(target.resource, meta.get("namespace"), meta["name"], _deletion(request))
        return Answer(body={"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})

    def _object(self, target: _Target, request: Request) -> Answer:
        resource, namespace, name = target.resource, target.namespace, str(target.name)
        if request.method == "GET" and request.flag("watch"):
            return Answer(events=self._watch(target, request))
        if request.method == "GET":
            return Answer(body=self._api.get(resource, namespace, name))
        if request.method == "DELETE" and not target.subresource:
            return Answer(body=self._api.delete(resource, namespace, name, _deletion(request)))
        how = _write(request)
        if request.method == "PUT":
            body = _read_body(request)
            updated = self._api.update(resource, namespace, name, body, how, subresource=target.subresource)
            return Answer(body=updated, warnings=tuple(how.warnings))
        if request.method == "PATCH":
            kind = _PATCH_KINDS.get(request.content_type.partition(";")[0].strip())
            if kind is None:
                raise errors.unsupported_media_type(tuple(_PATCH_KINDS))
            if kind == "apply":
                how = Write(
                    manager=request.query.get("fieldManager", ""),
                    dry_run=how.dry_run,
                    strict=how.strict,
                    force=request.flag("force"),
                )
            patch = _read_body(request)
            patched, created = self._api.patch(
                resource, namespace, name, patch, kind=kind, how=how, subresource=target.subresource
            )
            return Answer(code=201 if created else 200, body=patched, warnings=tuple(how.warnings))
        raise errors.method_not_allowed()

    def _watch(self, target: _Target, request: Request) -> Iterator[Object]:
        matches = _matches(request, target.resource)
        if target.name is not None:
            name = target.name
            matches = lambda value: value["metadata"]["name"] == name  # noqa: E731 (a one-line predicate)
        version = request.query.get("resourceVersion", "")
        try:
            revision = None if version in {"", "0"} else int(version)
        except ValueError as error:
            raise errors.bad_request(f"invalid resource version {version!r}") from error
        events = self._api.watch(
            target.resource,
            target.namespace,
            matches,
            revision=revision,
            seconds=float(request.query.get("timeoutSeconds") or _DEFAULT_WATCH_SECONDS),
            bookmarks=request.flag("allowWatchBookmarks"),
        )
        return _with_errors(events)

    def _subresource(self, target: _Target, request: Request) -> Answer:
        resource, namespace, name = target.resource, target.namespace, str(target.name)
        if target.subresource == "log" and request.method == "GET":
            self._api.get(resource, namespace, name)
            return Answer(text="")
        if target.subresource == "eviction" and request.method == "POST":
            self._api.delete(resource, namespace, name, Deletion())
            return Answer(
                code=201, body={"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
            )
        if target.subresource == "scale":
            return self._scale(target, request)
        raise errors.method_not_allowed()

    def _scale(self, target: _Target, request: Request) -> Answer:
        value = self._api.get(target.resource, target.namespace, str(target.name))
        if request.method in {"PUT", "PATCH"}:
            replicas = (_read_body(request).get("spec") or {}).get("replicas", 0)
            value = clone(value)
            value["spec"]["replicas"] = replicas
            how = _write(request)
            value = self._api.update(target.resource, target.namespace, str(target.name), value, how)
        meta = {
            key: value["metadata"][key]
            for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        }
        labels = (value["spec"].get("selector") or {}).get("matchLabels") or {}
        scale = {
            "kind": "Scale",
            "apiVersion": "autoscaling/v1",
            "metadata": meta,
            "spec": {"replicas": value["spec"].get("replicas", 0)},
            "status": {
                "replicas": value.get("status", {}).get("replicas", 0),
                "selector": ",".join(f"{key}={text}" for key, text in labels.items()),
            },
        }
        return Answer(body=scale)


def _with_errors(events: Iterator[Object]) -> Iterator[Object]:
    try:
        yield from events
    except errors.StatusError as error:
        yield {"type": "ERROR", "object": error.status()}


def _found(body: Object | None) -> Answer:
    if body is None:
        raise errors.no_such_path()
    return Answer(body=body)


def _matches(request: Request, resource: ResourceType) -> Predicate:
    labels = label_predicate(request.query.get("labelSelector"))
    fields = field_predicate(request.query.get("fieldSelector"), resource.plural)
    return lambda value: labels(value) and fields(value)


def _number(request: Request, name: str) -> int:
    text = request.query.get(name) or "0"
    if not text.isdigit():
        raise errors.bad_request(f"{name}: not a number: {text}")
    return int(text)


def _write(request: Request) -> Write:
    return Write(
        manager=request.query.get("fieldManager") or request.user_agent.partition("/")[0] or "unknown",
        dry_run="dryRun" in request.query,
        strict=request.query.get("fieldValidation") == "Strict",
        warnings=[],
    )


def _deletion(request: Request) -> Deletion:
    options = _read_body(request) if request.body else {}
    preconditions = options.get("preconditions") or {}
    propagation = options.get("propagationPolicy") or request.query.get("propagationPolicy")
    if propagation is None and options.get("orphanDependents") is not None:
        propagation = "Orphan" if options["orphanDependents"] else "Background"
    grace = options.get("gracePeriodSeconds", request.query.get("gracePeriodSeconds"))
    return Deletion(
        propagation=propagation,
        grace_seconds=None if grace is None else int(grace),
        uid=preconditions.get("uid"),
        resource_version=preconditions.get("resourceVersion"),
        dry_run="dryRun" in request.query or bool(options.get("dryRun")),
    )


def _read_body(request: Request) -> Any:
    if "protobuf" in request.content_type or "cbor" in request.content_type:
        raise errors.unsupported_media_type(("application/json", "application/yaml"))
    try:
        text = request.body.decode()
        return yaml.safe_load(text) if "yaml" in request.content_type else json.loads(text)
    except (ValueError, yaml.YAMLError) as error:
        raise errors.bad_request(f"the object provided is unrecognized: {error}") from error


def _allowed(review: Object) -> Object:
    status: Object = {"allowed": True}
    if review.get("kind") == "SelfSubjectRulesReview":
        every = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
        status = {"resourceRules": [every], "nonResourceRules": [], "incomplete": False}
    return {**review, "metadata": review.get("metadata") or {}, "status": status}
