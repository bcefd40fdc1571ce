"""A gate before AWS: while it is shut, nobody's state is saved; everything else passes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

_HOP_BY_HOP = {"connection", "host", "transfer-encoding", "content-length"}


class Gate:
    """Forwards to `endpoint`; `url` is its own address."""

    def __init__(self, endpoint: str) -> None:
        self._open = threading.Event()
        self._open.set()
        self._reached = threading.Event()
        pool = urllib3.PoolManager(retries=False)
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.command == "PUT" and self.path.partition("?")[0].endswith(".tfstate"):
                    gate._pass()
                headers = {name: text for name, text in self.headers.items() if name.lower() not in _HOP_BY_HOP}
                try:
                    answer = pool.request(
                        self.command, endpoint + self.path, body=body, headers=headers, decode_content=False
                    )
                except urllib3.exceptions.HTTPError:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, text in answer.headers.items():
                    if name.lower() not in _HOP_BY_HOP:
                        self.send_header(name, text)
                length = answer.headers.get("Content-Length") if self.command == "HEAD" else str(len(answer.data))
                self.send_header("Content-Length", length or "0")
                self.end_headers()
                self.wfile.write(answer.data)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward  # noqa: N815 - the names that are looked for

            def log_message(self, *arguments: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def shut(self) -> None:
        """From now on, whoever saves a state waits."""
        self._reached.clear()
        self._open.clear()

    def open(self) -> None:
        """Let everybody through."""
        self._open.set()

    def wait_until_reached(self, seconds: float) -> bool:
        """Wait until somebody waits at the gate; whether anybody does."""
        return self._reached.wait(seconds)

    def close(self) -> None:
        """End it."""
        self.open()
        self._server.shutdown()
        self._server.server_close()

    def _pass(self) -> None:
        self._reached.set()
        self._open.wait()


@contextmanager
def gate_before(endpoint: str) -> Iterator[Gate]:
    """A gate that is there while the block runs."""
    gate = Gate(endpoint)
    try:
        yield gate
    finally:
        gate.close()
