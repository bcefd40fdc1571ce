"""Where a state lies that is written when, and if, the test wants it to be."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class StateServer:
    """An http backend. What it is told to do to a write, it does."""

    def __init__(self) -> None:
        outer = self
        self.state = b""
        self.lock = b""
        self.refuse = 0
        self.delay = 0.0
        self.writing = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def answer(self, code, body=b""):
                self.send_response(code)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def body(self):
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))

            def do_GET(self):
                self.answer(200 if outer.state else 404, outer.state)

            def do_POST(self):
                body = self.body()
                outer.writing.set()
                time.sleep(outer.delay)
                if outer.refuse > 0:
                    outer.refuse -= 1
                    self.answer(403)
                    return
                outer.state = body
                self.answer(200)

            def do_LOCK(self):
                body = self.body()
                if outer.lock:
                    self.answer(423, outer.lock)
                    return
                outer.lock = body
                self.answer(200)

            def do_UNLOCK(self):
                self.body()
                outer.lock = b""
                self.answer(200)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        address = f"http://127.0.0.1:{self.server.server_port}/pr-1"
        self.backend = {"address": address, "lock_address": address, "unlock_address": address, "retry_max": "0"}

    def addresses(self):
        return {r["name"] for r in json.loads(self.state)["resources"]}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
