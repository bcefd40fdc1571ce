"""A stand-in for a cloud's load balancer controller, and for the load balancers that it makes.

It treats Ingresses and Services of type LoadBalancer as the AWS Load Balancer Controller does: its finalizer
is on them before they get an address, and goes a moment after their deletion was asked for
(https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/configurations/). Every load
balancer it "makes" is one and the same HTTP server on the loopback interface, which tells them apart by host.
"""

import logging
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec

from testbed import objects, routing
from testbed.ports import LOOPBACK, free_ports

HOLD_ANNOTATION = "testbed.eod/hold-load-balancer"
"""Keeps the finalizer on an object that is being deleted: the load balancer that will not go away."""

_DELETION_SECONDS = 1.0
_RETRY_SECONDS = 1.0
_log = logging.getLogger(__name__)

Manifest = Mapping[str, Any]


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of object that the load balancer follows.

    Attributes:
        api_version: Its API group and version.
        kind: Its kind.
        finalizer: What the controller puts on those that get a load balancer; empty for those that never do.
    """

    api_version: str
    kind: str
    finalizer: str = ""


INGRESS = Watched(api_version="networking.k8s.io/v1", kind="Ingress", finalizer="ingress.k8s.aws/resources")
SERVICE = Watched(api_version="v1", kind="Service", finalizer="service.k8s.aws/resources")
ENDPOINTS = Watched(api_version="discovery.k8s.io/v1", kind="EndpointSlice")


class LoadBalancer:
    """Follows the cluster and serves what its Ingresses say, from `start` on.

    Args:
        kubeconfig: An identity that may do everything.
        state: The testbed's folder.
    """

    def __init__(self, *, kubeconfig: Path, state: Path) -> None:
        self._kubeconfig = kubeconfig
        self._state = state
        self._known: dict[Watched, dict[str, Manifest]] = {kind: {} for kind in (INGRESS, SERVICE, ENDPOINTS)}
        self._stopping = threading.Event()
        self.port = free_ports("load-balancer")["load-balancer"]
        self._server = ThreadingHTTPServer((LOOPBACK, self.port), self._handler())

    def start(self) -> None:
        """Start serving and following, in threads that end with the process."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        for kind in self._known:
            client = objects.connect(self._kubeconfig, self._state / f"discovery-{kind.kind}.json")
            threading.Thread(target=self._follow, args=(client, kind), daemon=True).start()

    def stop(self) -> None:
        """Stop serving and start nothing new."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, host: str, path: str) -> routing.Answer:
        """What the load balancer says to a request."""
        return routing.answer(
            host,
            path,
            ingresses=list(self._known[INGRESS].values()),
            slices=list(self._known[ENDPOINTS].values()),
        )

    def _follow(self, client: Any, kind: Watched) -> None:
        resource = client.resources.get(api_version=kind.api_version, kind=kind.kind)
        while not self._stopping.is_set():
            try:
                self._follow_once(resource, kind)
            except Exception as error:  # noqa: BLE001 - whatever ended a watch, the next one starts afresh
                _log.warning("watching %s: %s", kind.kind, error)
                self._stopping.wait(_RETRY_SECONDS)

    def _follow_once(self, resource: Any, kind: Watched) -> None:
        listed = resource.get()
        present = {_key(found): found for found in (one.to_dict() for one in listed.items)}
        self._known[kind] = present
        for found in list(present.values()):
            self._reconcile(resource, kind, found)
        for event in resource.watch(resource_version=listed.metadata.resourceVersion):
            found = event["raw_object"]
            if event["type"] == "DELETED":
                present.pop(_key(found), None)
            else:
                present[_key(found)] = found
                self._reconcile(resource, kind, found)

    def _reconcile(self, resource: Any, kind: Watched, found: Manifest) -> None:
        if not kind.finalizer:
            return
        metadata = found["metadata"]
        finalized = kind.finalizer in (metadata.get("finalizers") or ())
        wanted = kind is INGRESS or found["spec"].get("type") == "LoadBalancer"
        if metadata.get("deletionTimestamp") or not wanted:
            held = HOLD_ANNOTATION in (metadata.get("annotations") or {})
            if finalized and not held:
                threading.Timer(_DELETION_SECONDS, self._let_go, (resource, kind, found)).start()
        elif not finalized:
            # The address follows with the event that this change causes.
            _set_finalizers(resource, found, [*(metadata.get("finalizers") or ()), kind.finalizer])
        elif not ((found.get("status") or {}).get("loadBalancer") or {}).get("ingress"):
            self._give_address(resource, found)

    def _let_go(self, resource: Any, kind: Watched, found: Manifest) -> None:
        if not self._stopping.is_set():
            others = [one for one in found["metadata"]["finalizers"] if one != kind.finalizer]
            _set_finalizers(resource, found, others)

    def _give_address(self, resource: Any, found: Manifest) -> None:
        ports = [{"port": self.port, "protocol": "TCP"}]
        address = {"loadBalancer": {"ingress": [{"ip": LOOPBACK, "ports": ports}]}}
        _patch(resource.status, found, {"status": address})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        class Handler(_Handler):
            load_balancer = self

        return Handler


class _Handler(BaseHTTPRequestHandler):
    load_balancer: ClassVar[LoadBalancer]

    def do_GET(self) -> None:
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        said = self.load_balancer.answer(host, urlsplit(self.path).path)
        body = f"{said.text}\n".encode()
        self.send_response(said.status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the base class's name for it

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name for it
        _log.info(format, *args)


def _set_finalizers(resource: Any, found: Manifest, finalizers: list[str]) -> None:
    # With the resource version, so that a finalizer that someone else has just added is not taken away.
    version = found["metadata"]["resourceVersion"]
    _patch(resource, found, {"metadata": {"finalizers": finalizers, "resourceVersion": version}})


def _patch(resource: Any, found: Manifest, change: Manifest) -> None:
    from kubernetes.client import ApiException

    metadata = found["metadata"]
    try:
        resource.patch(
            body=change,
            name=metadata["name"],
            namespace=metadata["namespace"],
            content_type="application/merge-patch+json",
        )
    except ApiException as refused:
        if refused.status not in {404, 409}:
            raise
        # It has changed or gone meanwhile, and the event that says so comes next.


def _key(found: Manifest) -> str:
    return f"{found['metadata']['namespace']}/{found['metadata']['name']}"
