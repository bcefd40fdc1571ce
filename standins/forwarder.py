"""A plain HTTP server on a free loopback port that hands every request on to another one."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3
from msgspec import Struct

_HOP_BY_HOP = {"connection", "host", "transfer-encoding", "content-length"}


class Request(Struct, frozen=True, kw_only=True):
    """What somebody asks."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(Struct, frozen=True, kw_only=True):
    """What they get."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Forwarder:
    """Forwards to `endpoint`; `url` is its own address. What is done with a request is up to `meddle`."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._pool = urllib3.PoolManager(retries=False, maxsize=64)
        forwarder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(
                    method=self.command, path=self.path, headers=dict(self.headers.items()), body=body
                )
                answer = forwarder.meddle(request, self)
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                length = str(len(answer.body))
                for name, text in answer.headers:
                    if name.lower() not in _HOP_BY_HOP:
                        self.send_header(name, text)
                    elif name.lower() == "content-length" and self.command == "HEAD":
                        length = text
                self.send_header("Content-Length", length)
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815 - the names that are looked for

            def log_message(self, *arguments: object) -> None:
                """Nobody reads it."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *arguments: object) -> None:
                """Whoever asked was killed: that is what this is for."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def meddle(self, request: Request, _connection: BaseHTTPRequestHandler) -> Answer | None:
        """What to answer; `None` closes the connection without a word."""
        return self.forward(request)

    def forward(self, request: Request) -> Answer | None:
        """What the other server answers; `None` if it does not."""
        headers = {name: text for name, text in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        try:
            answer = self._pool.request(
                request.method,
                self._endpoint + request.path,
                body=request.body,
                headers=headers,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError:
            return None
        return Answer(status=answer.status, headers=tuple(answer.headers.items()), body=answer.data)

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._pool.clear()
