"""A server on the loopback interface that answers what a test tells it to."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Script:
    """Answers in order; the last one repeats. Each is `(status, body)` or `(status, body, headers)`.

    A body that is a list is sent as a stream of lines; `None` as a status closes the connection without an answer.
    """

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def next(self, request):
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Routes:
    """Answers by path (without its query): each path has its own list; what is not listed is a 404."""

    def __init__(self, routes):
        self.scripts = {path: Script(*answers) for path, answers in routes.items()}
        self.requests = []

    def next(self, request):
        self.requests.append(request)
        path = request["path"].partition("?")[0]
        script = self.scripts.get(f"{request['method']} {path}") or self.scripts.get(path)
        return script.next(request) if script else (404, {"details": {"name": path.rpartition("/")[2]}})


@contextlib.contextmanager
def serving(script):
    """Run `script` and give its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            request = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": sent}
            status, body, *more = script.next(request)
            if status is None:
                self.close_connection = True
                return
            if isinstance(body, list):
                self.stream(status, body)
                return
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            for key, value in (more[0] if more else {}).items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(data)

        def stream(self, status, lines):
            self.send_response(status)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for line in lines:
                if line is None:
                    self.close_connection = True
                    return
                data = line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *args):
            pass

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
