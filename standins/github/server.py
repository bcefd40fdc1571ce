"""The loopback HTTP server: sockets in, plain requests to the application or to git, bytes out."""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Any, Final, NoReturn, cast
from urllib.parse import parse_qsl, urlsplit

from standins.github import smart_http
from standins.github.app import Application, ConnectionCutError
from standins.github.errors import ApiError
from standins.github.faults import Fault, Faults
from standins.github.http import Request
from standins.github.journal import Exchange, Journal
from standins.github.state import Hub

_PREFIX: Final = "/api/v3"
_IN_MEMORY: Final = 8 * 1024 * 1024
_CUT: Final = struct.pack("ii", 1, 0)  # linger for no time: the other side sees a reset


class Server(ThreadingHTTPServer):
    """One thread a connection; `close` leaves neither threads nor sockets behind."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, hub: Hub, application: Application, faults: Faults, journal: Journal, *, address: str
    ) -> None:
        super().__init__((address, 0), _Handler)
        self.hub = hub
        self.application = application
        self.faults = faults
        self.journal = journal
        self.stopping = threading.Event()
        self._live: dict[threading.Thread, socket.socket] = {}
        """Whose thread has ended is forgotten when the next one comes; only the serving thread writes to it."""
        self._serving = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> str:
        """Begin to serve; the server's URL."""
        self._serving.start()
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def close(self) -> None:
        """Stop: no new connections, the open ones are cut, their threads are waited for."""
        self.stopping.set()
        self.shutdown()
        self._serving.join()
        for connection in self._live.values():
            _shut(connection)
        for thread in self._live:
            thread.join(timeout=30)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        thread.start()
        self._live = {each: its for each, its in self._live.items() if each.is_alive()} | {thread: request}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error; anything else is shown."""
        if not self.stopping.is_set():
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "github-stand-in"
    disable_nagle_algorithm = True

    @property
    def _ours(self) -> Server:
        return cast("Server", self.server)

    def log_message(self, *arguments: Any) -> None:
        """The journal is the log."""

    def do_GET(self) -> None:
        try:
            self._dispatch()
        except ConnectionCutError:
            self._cut()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the names that http.server looks for

    def _dispatch(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): text for name, text in self.headers.items()}
        path = parts.path.removeprefix(_PREFIX) or "/"
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
            size = self._read_body(cast("IO[bytes]", body))
            git = smart_http.parse(self.command, parts.path, parts.query, headers)
            fault = self._ours.faults.meet(self.command, path)
            if fault is not None and fault.seconds and self._ours.stopping.wait(fault.seconds):
                raise ConnectionCutError
            if git is not None:
                self._answer_git(git, cast("IO[bytes]", body), size, fault)
                return
            web = f"http://{headers.get('host', '')}"
            request = Request(
                method=self.command,
                path=path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers=headers,
                body=body.read(),
                base=web + (_PREFIX if parts.path.startswith(f"{_PREFIX}/") else ""),
                web=web,
            )
        response = self._ours.application.handle(request, fault)
        self._send(response.status, response.headers, response.body or b"")

    def _read_body(self, into: IO[bytes]) -> int:
        """Spool what was sent, by length or in chunks; how much it was."""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            while length := int(self.rfile.readline().split(b";")[0], 16):
                into.write(self.rfile.read(length))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        else:
            into.write(self.rfile.read(int(self.headers.get("content-length") or 0)))
        size = into.tell()
        into.seek(0)
        return size

    def _answer_git(self, git: smart_http.GitRequest, body: IO[bytes], size: int, fault: Fault | None) -> None:
        hub = self._ours.hub
        login = None
        try:
            if fault is not None and fault.replaces and not fault.applied:
                self._refuse_git(git, fault, login)
            with hub.lock:
                repository, token = smart_http.admit(hub, git)
            login = token.account.login if token else None
            # a file that lives in memory cannot be a process's input
            body_file = cast("Any", body)
            body_file.rollover()
            with smart_http.backend(hub, repository, token, git, body=body, size=size) as output:
                status, headers = smart_http.head(output)
                if git.service == "git-receive-pack":
                    told = output.read()
                    smart_http.received(hub, repository, token)
                    if fault is not None and fault.replaces:
                        self._refuse_git(git, fault, login)
                    self._note(git, login, status)
                    self._send(status, headers, told)
                else:
                    self._note(git, login, status)
                    self._stream(status, headers, output)
        except ApiError as refusal:
            self._note(git, login, refusal.status)
            text = {"content-type": "text/plain; charset=utf-8", **refusal.headers}
            self._send(refusal.status, text, refusal.message.encode())

    def _refuse_git(self, git: smart_http.GitRequest, fault: Fault, login: str | None) -> NoReturn:
        if fault.cut:
            self._note(git, login, 0)
            raise ConnectionCutError
        status = fault.status or HTTPStatus.BAD_GATEWAY
        raise ApiError(status, fault.message, headers=fault.headers)

    def _note(self, git: smart_http.GitRequest, login: str | None, status: int) -> None:
        self._ours.journal.note(
            Exchange(
                method=git.method,
                path=f"/{git.owner}/{git.name}.git/{git.service}",
                query=dict(parse_qsl(git.query)),
                login=login,
                status=status,
            )
        )

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and body:
            self.wfile.write(body)

    def _stream(self, status: int, headers: dict[str, str], output: IO[bytes]) -> None:
        self.send_response(status)
        for name, text in headers.items():
            if name != "content-length":
                self.send_header(name, text)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for chunk in smart_http.chunks(output):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def _cut(self) -> None:
        """End the connection in a way that the client cannot take for an answer."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CUT)
        self.rfile.close()
        self.connection.close()
