"""One question to one address."""

from typing import Any

import requests
from msgspec import Struct
from requests.adapters import HTTPAdapter

from eod.probe.target import Target

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 10.0


class Answer(Struct, frozen=True, kw_only=True):
    """What came back: a status, or the reason why nothing did.

    `kind` is `status`, `dns`, `refused`, `timeout`, `tls` or `broken`.
    """

    kind: str
    status: int = 0
    text: str = ""
    location: str = ""


def ask(target: Target, seconds: float) -> Answer:
    """Send one GET and read no more than the status and the headers.

    Certificates are always verified, against the environment's name and not the load balancer's address. Nothing
    of a `.netrc` is sent and no cookie is kept.

    Args:
        target: What is asked.
        seconds: At most; never more than a few.
    """
    with requests.Session() as session:
        session.auth = _anonymous
        session.mount("https://", _Named(target.hostname))
        timeout = (min(_CONNECT_SECONDS, seconds), min(_READ_SECONDS, seconds))
        headers = {"Host": target.host_header, "User-Agent": "eod-action", "Accept": "*/*"}
        try:
            with session.get(
                target.url, headers=headers, timeout=timeout, allow_redirects=False, stream=True
            ) as answer:
                location = answer.headers.get("Location", "")[:2000]
                return Answer(kind="status", status=answer.status_code, location=location)
        except (requests.RequestException, ValueError, OSError) as error:
            return Answer(kind=_kind(error), text=str(error)[:300])


class _Named(HTTPAdapter):
    """Presents and verifies the environment's name, whatever address is connected to."""

    def __init__(self, hostname: str) -> None:
        self._hostname = hostname
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Build the pool with our name in the TLS handshake."""
        super().init_poolmanager(*args, server_hostname=self._hostname, assert_hostname=self._hostname, **kwargs)


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep `requests` from looking for credentials."""
    return request


def _kind(error: BaseException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, requests.Timeout):
        return "timeout"
    names = " ".join(type(cause).__name__ for cause in _causes(error))
    if "NameResolutionError" in names or "gaierror" in names:
        return "dns"
    return "refused" if "NewConnectionError" in names or "ConnectionRefusedError" in names else "broken"


def _causes(error: BaseException) -> list[BaseException]:
    """The error and everything that it wraps: `requests` and `urllib3` use `args`, `reason` and chaining."""
    found: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        cause = todo.pop()
        if isinstance(cause, BaseException) and cause not in found:
            found.append(cause)
            todo += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
    return found
