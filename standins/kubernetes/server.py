"""An HTTP server on the loopback interface."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standins.kubernetes.http_api import Answer, HttpApi, Request
from standins.kubernetes.objects import Object


class Server(ThreadingHTTPServer):
    """Serves in threads of its own until it is closed."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError, ValueError)):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self._thread.join()
        self.server_close()


def api_handler(api: HttpApi) -> type[BaseHTTPRequestHandler]:
    """A handler class that answers from an API."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_request(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            request = Request.parse(
                self.command,
                self.path,
                content_type=self.headers.get("Content-Type", ""),
                user_agent=self.headers.get("User-Agent", ""),
                host=self.headers.get("Host", ""),
                body=self.rfile.read(length) if length else b"",
            )
            answer = api.answer(request)
            if answer.events is not None:
                self._stream(answer.events)
            else:
                self._respond(answer)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request  # noqa: N815 (the base class's names)

        def _respond(self, answer: Answer) -> None:
            plain = answer.text is not None
            body = (answer.text or "").encode() if plain else json.dumps(answer.body).encode()
            self.send_response(answer.code)
            self.send_header("Content-Type", "text/plain" if plain else "application/json")
            self.send_header("Content-Length", str(len(body)))
            for warning in answer.warnings:
                self.send_header("Warning", f"299 - {json.dumps(warning)}")
            self.end_headers()
            self.wfile.write(body)

        def _stream(self, events: Iterator[Object]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.flush()
            for event in events:
                line = json.dumps(event).encode() + b"\n"
                self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
            """Say nothing: a stand-in's requests are its user's business."""

    return Handler
