"""The payment service: accepts charges on port 8081 and hands each to the queue once."""

import json
import os
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from payments.charge import Charge, RefusedError, parse

LARGEST_BODY = 10_000


def enqueue(charge: Charge, queue_url: str) -> None:
    """Put the charge into the queue, from which the bank's connector takes it."""
    import boto3

    body = json.dumps({"order": charge.order, "cents": charge.cents})
    boto3.client("sqs").send_message(QueueUrl=queue_url, MessageBody=body)


class Handler(BaseHTTPRequestHandler):
    """`GET /healthz`, `POST /api/charges`."""

    def do_GET(self) -> None:
        """Say that the service is there."""
        self._reply(HTTPStatus.OK, {"status": "ok"})

    def do_POST(self) -> None:
        """Accept a charge, or say why not."""
        if self.path != "/api/charges":
            self._reply(HTTPStatus.NOT_FOUND, {"error": "there is only /api/charges"})
            return
        length = min(int(self.headers.get("Content-Length", "0")), LARGEST_BODY)
        try:
            charge = parse(json.loads(self.rfile.read(length)))
        except ValueError as error:
            reason = str(error) if isinstance(error, RefusedError) else "the body is not JSON"
            self._reply(HTTPStatus.BAD_REQUEST, {"error": reason})
            return
        enqueue(charge, os.environ["QUEUE_URL"])
        self._reply(HTTPStatus.ACCEPTED, {"order": charge.order})

    def _reply(self, status: HTTPStatus, value: dict[str, str]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8081), Handler).serve_forever()
