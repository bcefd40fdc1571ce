"""The load balancer itself: answers for the hosts of Ingresses whose Services have ready pods behind them."""

import html
from http.server import BaseHTTPRequestHandler
from typing import Any

from standins.kubernetes.api import Api
from standins.kubernetes.objects import Object, labels_of


def respond(api: Api, host: str, path: str) -> tuple[int, str]:
    """Status and HTML page for a request: 404 for an unknown host or path, 503 when no pod is ready, else 200."""
    for ingress in api.all(api.type("ingresses.networking.k8s.io")):
        for rule in ingress["spec"].get("rules") or []:
            if not _is_for(rule.get("host", ""), host):
                continue
            backend = _backend(rule, path)
            if backend is None:
                continue
            namespace = ingress["metadata"]["namespace"]
            if not _has_ready_endpoints(api, namespace, backend):
                return 503, _page("503 Service Temporarily Unavailable", f"No ready endpoints of {backend}.")
            return 200, _page(host, f"Served by {backend} in {namespace}.")
    return 404, _page("404 Not Found", "default backend")


def _is_for(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:]
    return pattern in {"", host}


def _backend(rule: Object, path: str) -> str | None:
    matching = [
        item
        for item in (rule.get("http") or {}).get("paths") or []
        if (item.get("pathType") == "Exact" and path == item.get("path"))
        or (item.get("pathType") != "Exact" and path.startswith(item.get("path", "/")))
    ]
    if not matching:
        return None
    best = max(matching, key=lambda item: len(item.get("path", "/")))
    service = (best["backend"].get("service") or {}).get("name")
    return None if service is None else str(service)


def _has_ready_endpoints(api: Api, namespace: str, service: str) -> bool:
    return any(
        endpoint["conditions"].get("ready")
        for item in api.all(api.type("endpointslices.discovery.k8s.io"), namespace)
        if labels_of(item).get("kubernetes.io/service-name") == service
        for endpoint in item.get("endpoints") or []
    )


def _page(title: str, text: str) -> str:
    return (
        f"<!doctype html><html><head><title>{html.escape(title)}</title></head>"
        f"<body><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p></body></html>\n"
    )


def balancer_handler(api: Api) -> type[BaseHTTPRequestHandler]:
    """A handler class for the load balancer's port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = self.headers.get("Host", "").partition(":")[0].lower()
            code, page = respond(api, host, self.path.partition("?")[0])
            body = page.encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 (the base class's name)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
            """Say nothing."""

    return Handler
