"""A GitHub that knows nothing but open pull requests."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


def pull(
    number: int, sha: str, branch: str = "feature/a_b", labels: tuple[str, ...] = ("preview",)
) -> dict[str, Any]:
    return {
        "number": number,
        "title": f"Change {number}",
        "head": {"ref": branch, "sha": sha},
        "base": {"ref": "main"},
        "labels": [{"name": name} for name in labels],
        "user": {"login": "octocat"},
        "state": "open",
    }


class PullRequests:
    """Serves `GET /api/v3/repos/OWNER/REPO/pulls`, or fails with a status."""

    def __init__(self) -> None:
        self.open: list[dict[str, Any]] = []
        self.failure: int | None = None
        self.asked: list[str] = []
        self.tokens: list[str] = []

        class Handler(_Handler):
            owner = self

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: ClassVar[PullRequests]

    def do_GET(self) -> None:
        self.owner.asked.append(self.path)
        if token := self.headers.get("Authorization"):
            self.owner.tokens.append(token)
        code = self.owner.failure or (200 if "/repos/acme/shop/pulls" in self.path else 404)
        body = json.dumps(self.owner.open if code == 200 else {"message": "no"}).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass
