"""A layer of faults before AWS, by a seed: what a cloud and its network do to a client now and then.

Each fault is given in the form that the service itself has for it, so that the SDKs take it for the real one:
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, https://smithy.io/2.0/aws/protocols/index.html
"""

import random
import socket
import threading
import time
from collections import Counter
from enum import StrEnum
from http.server import BaseHTTPRequestHandler

from msgspec import Struct

from standins.forwarder import Answer, Forwarder, Request


class Kind(StrEnum):
    """What may happen to a request."""

    THROTTLED = "throttled"
    BROKEN = "broken"
    RESET = "reset"
    LOST_ANSWER = "lost answer"
    HALF_ANSWER = "half answer"
    SLOW = "slow"
    STUCK = "stuck"


class Rates(Struct, frozen=True, kw_only=True):
    """How often each of them happens, as a share of all requests, and how slow slow is, in seconds."""

    throttled: float = 0.03
    broken: float = 0.02
    reset: float = 0.01
    lost_answer: float = 0.01
    half_answer: float = 0.01
    slow: float = 0.15
    stuck: float = 0.003
    slow_seconds: float = 0.5
    stuck_seconds: float = 5.0


class FaultLayer(Forwarder):
    """Forwards to `endpoint`, but for what `rates` let happen. `told` counts what did."""

    def __init__(self, endpoint: str, seed: int, rates: Rates | None = None) -> None:
        self._random = random.Random(seed)
        self._guard = threading.Lock()
        self.rates = rates or Rates()
        self.told: Counter[str] = Counter()
        self.quiet = False
        super().__init__(endpoint)

    def meddle(self, request: Request, connection: BaseHTTPRequestHandler) -> Answer | None:
        """Let something happen to the request, or nothing."""
        kind, amount = self._throw()
        if kind is None:
            return self.forward(request)
        self.told[kind] += 1
        match kind:
            case Kind.THROTTLED:
                return _refusal(request, throttled=True)
            case Kind.BROKEN:
                return _refusal(request, throttled=False)
            case Kind.SLOW:
                time.sleep(amount * self.rates.slow_seconds)
                return self.forward(request)
            case Kind.RESET:
                _reset(connection)
            case Kind.LOST_ANSWER:
                self.forward(request)
                _reset(connection)
            case Kind.HALF_ANSWER:
                _half(self.forward(request), connection)
            case Kind.STUCK:
                time.sleep(self.rates.stuck_seconds)
                _reset(connection)
        return None

    def _throw(self) -> tuple[Kind | None, float]:
        with self._guard:
            thrown, amount = self._random.random(), self._random.random()
        if self.quiet:
            return None, amount
        for kind in Kind:
            share = float(getattr(self.rates, kind.replace(" ", "_")))
            if thrown < share:
                return kind, amount
            thrown -= share
        return None, amount


def _refusal(request: Request, *, throttled: bool) -> Answer:
    headers = {name.lower(): text for name, text in request.headers.items()}
    code = "ThrottlingException" if throttled else "InternalFailure"
    if "json" in headers.get("content-type", "") or "x-amz-target" in headers:
        body = f'{{"__type":"{code}","message":"Rate exceeded"}}'
        status, kind = (400 if throttled else 500), "application/x-amz-json-1.0"
    elif "x-www-form-urlencoded" in headers.get("content-type", ""):
        code = "Throttling" if throttled else "InternalFailure"
        body = f"<ErrorResponse><Error><Code>{code}</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
        status, kind = (400 if throttled else 500), "text/xml"
    else:
        code = "SlowDown" if throttled else "InternalError"
        body = f"<Error><Code>{code}</Code><Message>Please reduce your request rate.</Message></Error>"
        status, kind = (503 if throttled else 500), "application/xml"
    return Answer(status=status, headers=(("Content-Type", kind),), body=body.encode())


def _reset(connection: BaseHTTPRequestHandler) -> None:
    """Not an orderly end: a reset, as of a machine that went away."""
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    connection.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _half(answer: Answer | None, connection: BaseHTTPRequestHandler) -> None:
    """All the headers, and half of the body that they promise."""
    if answer is None:
        return
    connection.send_response(answer.status)
    connection.send_header("Content-Length", str(len(answer.body)))
    connection.end_headers()
    connection.wfile.write(answer.body[: len(answer.body) // 2])
