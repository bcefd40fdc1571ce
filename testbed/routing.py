"""What the load balancer answers: a decision on plain objects, without any network."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import msgspec

Manifest = Mapping[str, Any]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A response: its status and one line that says why."""

    status: HTTPStatus
    text: str


def answer(host: str, path: str, *, ingresses: Iterable[Manifest], slices: Iterable[Manifest]) -> Answer:
    """Answer a request as a load balancer does whose targets all say 200.

    Args:
        host: The request's host without its port.
        path: The request's path.
        ingresses: Every Ingress of the cluster.
        slices: Every EndpointSlice of the cluster.

    Returns:
        200 when the host and path belong to an Ingress whose Service has a ready endpoint, else 503.
    """
    matching = [
        (len(path_rule.get("path") or "/"), ingress["metadata"]["namespace"], path_rule["backend"])
        for ingress in ingresses
        for rule in ingress["spec"].get("rules") or ()
        if _host_matches(rule.get("host") or "", host)
        for path_rule in (rule.get("http") or {}).get("paths") or ()
        if _path_matches(path_rule, path)
    ]
    if not matching:
        return Answer(status=HTTPStatus.SERVICE_UNAVAILABLE, text=f"no Ingress for {host}{path}")
    _, namespace, backend = max(matching, key=lambda match: match[0])
    service = (backend.get("service") or {}).get("name", "")
    if (namespace, service) not in set(_ready_services(slices)):
        return Answer(
            status=HTTPStatus.SERVICE_UNAVAILABLE, text=f"no ready endpoint behind Service {namespace}/{service}"
        )
    return Answer(status=HTTPStatus.OK, text=f"{host}{path} is served by Service {namespace}/{service}")


def _host_matches(rule: str, host: str) -> bool:
    if rule.startswith("*."):
        return host.partition(".")[2] == rule.removeprefix("*.")
    return rule in {"", host}


def _path_matches(rule: Manifest, path: str) -> bool:
    wanted = rule.get("path") or "/"
    if rule.get("pathType") == "Exact":
        return path == wanted
    return f"{path}/".startswith(f"{wanted.rstrip('/')}/")


def _ready_services(slices: Iterable[Manifest]) -> Iterator[tuple[str, str]]:
    for one in slices:
        service = (one["metadata"].get("labels") or {}).get("kubernetes.io/service-name")
        endpoints = one.get("endpoints") or ()
        if service and any((endpoint.get("conditions") or {}).get("ready") for endpoint in endpoints):
            yield one["metadata"]["namespace"], service
