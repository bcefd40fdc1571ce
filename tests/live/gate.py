"""A gate before AWS: while it is shut, nobody's state is saved; everything else passes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from standins.forwarder import Answer, Forwarder, Request


class Gate(Forwarder):
    """Forwards to `endpoint`; `url` is its own address."""

    def __init__(self, endpoint: str) -> None:
        self._open = threading.Event()
        self._open.set()
        self._reached = threading.Event()
        super().__init__(endpoint)

    def meddle(self, request: Request, _connection: BaseHTTPRequestHandler) -> Answer | None:
        """Have whoever saves a state wait."""
        if request.method == "PUT" and request.path.partition("?")[0].endswith(".tfstate"):
            self._reached.set()
            self._open.wait()
        return self.forward(request)

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
        super().close()


@contextmanager
def gate_before(endpoint: str) -> Iterator[Gate]:
    """A gate that is there while the block runs."""
    gate = Gate(endpoint)
    try:
        yield gate
    finally:
        gate.close()
