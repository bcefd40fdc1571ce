"""Plain requests to the Kubernetes API: JSON in, JSON out, faults that pass are sat out.

The generated models of the `kubernetes` package are not used: plain objects carry every field of every version,
and server-side apply must send exactly what we own. The package gives us what it is good at: kubeconfig,
credential plugins and their renewal, TLS and proxies.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import tenacity
import urllib3

from eod.cluster.answers import refusal, unreachable
from eod.cluster.waiting import Clock

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON = "application/json"

Object = dict[str, Any]
_Reply = tuple[int, Object, float]
"""Status, body, and the seconds that the server asks us to wait."""

_PASSING = frozenset({429, 502, 503, 504})
_INTERNAL = 500
_ATTEMPTS = 5
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 30.0


class KubeApi:
    """The Kubernetes API of one cluster. Safe to use from several threads.

    Args:
        client: A `kubernetes.client.ApiClient`.
        clock: Paces retries.
    """

    def __init__(self, client: Any, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    def close(self) -> None:
        """Close the connections that are kept for the next request."""
        self._client.rest_client.pool_manager.clear()

    @property
    def host(self) -> str:
        """The cluster's URL."""
        return str(self._client.configuration.host).rstrip("/")

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        content_type: str = JSON,
        accept: str = JSON,
        patient: bool = True,
    ) -> tuple[int, Object]:
        """Send one request and return its status and body, whatever the status but 401 and 403.

        Args:
            method: GET, POST, PATCH or DELETE. All are sent again after a fault that passes: what we send is
                idempotent by name.
            path: From the root, with names already made safe by `path_of`.
            query: Parameters.
            body: Sent as JSON.
            content_type: Of the body; `APPLY` for server-side apply.
            accept: Of the answer.
            patient: Whether to sit out faults that pass.

        Raises:
            ClusterError: The cluster cannot be reached.
            CredentialsError: It knows us not, or does not let us.
        """

        def once() -> _Reply:
            answer = self._send(method, path, query=query, body=body, content_type=content_type, accept=accept)
            try:
                return answer.status, _parse(answer.data), _retry_after(answer.headers)
            finally:
                answer.release_conn()

        try:
            status, parsed, _ = self._sit_out(once, method) if patient else once()
        except urllib3.exceptions.HTTPError as error:
            raise unreachable(self.host, error) from error
        if status in {401, 403}:
            raise refusal(self.host, method, path, status, parsed)
        return status, parsed

    def stream(self, path: str, *, query: Mapping[str, str], seconds: float) -> Iterator[Object]:
        """The events of a watch, for at most about `seconds`.

        The iterator ends when the server or the time ends it; what was missed is not sent again.

        Raises:
            ClusterError: The cluster cannot be reached, or the connection broke.
            CredentialsError: It knows us not, or does not let us.
        """
        parameters = {**query, "watch": "true", "timeoutSeconds": str(max(1, round(seconds + 0.5)))}
        try:
            answer = self._send("GET", path, query=parameters, read_seconds=max(seconds, 0.05), stream=True)
            try:
                if answer.status != 200:  # noqa: PLR2004  # HTTP OK
                    yield from self._refused_watch(path, answer)
                    return
                yield from _lines(answer)
            finally:
                answer.close()
        except urllib3.exceptions.ReadTimeoutError:
            return
        except urllib3.exceptions.HTTPError as error:
            raise unreachable(self.host, error) from error

    def _refused_watch(self, path: str, answer: Any) -> Iterator[Object]:
        parsed = _parse(answer.data)
        if answer.status in {401, 403}:
            raise refusal(self.host, "WATCH", path, answer.status, parsed)
        yield {"type": "ERROR", "object": {"code": answer.status, **parsed}}

    def _sit_out(self, once: Callable[[], _Reply], method: str) -> _Reply:
        def pause(state: tenacity.RetryCallState) -> float:
            backoff = min(0.25 * 2.0**state.attempt_number, 4.0)
            asked: float = state.outcome.result()[2] if state.outcome and not state.outcome.failed else 0.0
            return max(backoff, asked)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_passes) | tenacity.retry_if_result(partial(_passing, method)),
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            wait=pause,
            sleep=self._clock.wait,
            retry_error_callback=_last,
        )
        result: _Reply = retrying(once)
        return result

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        content_type: str = JSON,
        accept: str = JSON,
        read_seconds: float = _READ_SECONDS,
        stream: bool = False,
    ) -> Any:
        headers = {
            "Accept": accept,
            "User-Agent": self._client.default_headers.get("User-Agent", "eod-action"),
            **self._authorization(),
        }
        if body is not None:
            headers["Content-Type"] = content_type
        return self._client.rest_client.pool_manager.request(
            method,
            f"{self.host}{path}" + (f"?{urlencode(query)}" if query else ""),
            headers=headers,
            body=None if body is None else json.dumps(body),
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=read_seconds),
            retries=False,
            redirect=False,
            preload_content=not stream,
        )

    def _authorization(self) -> dict[str, str]:
        # Asking the configuration renews a token that has run out: EKS tokens live for 15 minutes.
        settings = self._client.configuration.auth_settings()
        return {s["key"]: s["value"] for s in settings.values() if s["in"] == "header" and s["value"]}


def path_of(*segments: str) -> str:
    """A path of `segments`, each made safe: a name can never reach another resource."""
    return "/" + "/".join(quote(segment, safe="") for segment in segments)


def _passing(method: str, reply: _Reply) -> bool:
    """Whether it is worth asking again.

    A write that ends in 500 was mostly refused for good: server-side apply answers so to a malformed quantity. One
    that an admission webhook did not answer is another matter.
    """
    status, body, _ = reply
    if status == _INTERNAL:
        return method == "GET" or "failed calling webhook" in str(body.get("message", ""))
    return status in _PASSING


def _passes(error: BaseException) -> bool:
    certificate_refused = isinstance(error, urllib3.exceptions.SSLError)
    return isinstance(error, urllib3.exceptions.HTTPError) and not certificate_refused


def _last(state: tenacity.RetryCallState) -> Any:
    assert state.outcome is not None  # noqa: S101  # tenacity calls this after an attempt only
    return state.outcome.result()


def _retry_after(headers: Mapping[str, str]) -> float:
    value = headers.get("Retry-After", "")
    return min(float(value), 30.0) if value.isdecimal() else 0.0


def _parse(data: bytes) -> Object:
    try:
        parsed = json.loads(data)
    except ValueError:
        return {"message": data.decode(errors="replace")[:2000]}
    return parsed if isinstance(parsed, dict) else {}


def _lines(answer: Any) -> Iterator[Object]:
    buffer = b""
    for chunk in answer.stream(amt=None, decode_content=True):
        buffer += chunk
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            if line.strip():
                yield json.loads(line)
