"""When and how long GitHub is asked again.

PyGithub's `GithubRetry` reads GitHub's rate limits, but only in a 403, never for PATCH, sleeps as long as
`Retry-After` says without a bound, and says so to nobody. A POST that ended in a 5xx or a broken connection may
have been carried out, so it is not repeated here; whoever sent it looks first.
Rules: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from github.GithubException import RateLimitExceededExceedsMaxWait
from github.GithubRetry import GithubRetry
from urllib3 import Retry
from urllib3.exceptions import MaxRetryError

if TYPE_CHECKING:
    from types import TracebackType

    from urllib3.connectionpool import ConnectionPool
    from urllib3.response import BaseHTTPResponse

TRIES = 5
_LIMITED = frozenset({int(HTTPStatus.FORBIDDEN), int(HTTPStatus.TOO_MANY_REQUESTS)})
_PASSING = (500, 502, 503, 504)
_TELL_FROM_SECONDS = 5.0


class Patience:
    """How waiting is done.

    Args:
        wait: Waits some seconds; may raise when the run is cancelled.
        say: Tells the log.
        longest: The longest single wait that is worth it, in seconds; asked each time.
    """

    def __init__(
        self, wait: Callable[[float], None], say: Callable[[str], None], longest: Callable[[], float]
    ) -> None:
        self._wait = wait
        self._say = say
        self.longest = longest

    def pause(self, seconds: float) -> None:
        """Wait, and say so when it takes a while."""
        if seconds >= _TELL_FROM_SECONDS:
            until = time.strftime("%H:%M:%S", time.gmtime(time.time() + seconds))
            self._say(f"GitHub asks for patience: waiting {seconds:.0f} s, until {until} UTC.")
        self._wait(seconds)


class PatientRetry(GithubRetry):
    """`GithubRetry` for 403, 429 and all methods, bounded, and waiting as `patience` does."""

    def __init__(self, *, patience: Patience, **options: Any) -> None:
        self._patience = patience
        options.setdefault("total", TRIES)
        options.setdefault("backoff_factor", 1.0)
        options.setdefault("allowed_methods", Retry.DEFAULT_ALLOWED_METHODS | {"PATCH"})
        options.setdefault("status_forcelist", [int(HTTPStatus.TOO_MANY_REQUESTS), *_PASSING])
        super().__init__(**options)

    @property
    def max_rate_limit_wait(self) -> float | None:
        """The bound on waiting for a rate limit, as it is now."""
        return self._patience.longest()

    @max_rate_limit_wait.setter
    def max_rate_limit_wait(self, _: float | None) -> None:
        """Nothing: `patience` knows."""

    def new(self, **changes: Any) -> Self:
        """The next attempt's."""
        return super().new(patience=self._patience, **changes)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: FBT001, FBT002  # urllib3's signature
        """Rate limits always (nothing was done), 5xx only where doing it twice does no harm and time allows."""
        if method.upper() == "POST" or not self._patience.longest():
            return status_code in _LIMITED
        return super().is_retry(method, status_code, has_retry_after)

    def increment(  # type: ignore[override]  # `GithubRetry` narrows the response's type, urllib3 passes any
        self,
        method: str | None = None,
        url: str | None = None,
        response: "BaseHTTPResponse | None" = None,
        error: Exception | None = None,
        _pool: "ConnectionPool | None" = None,
        _stacktrace: "TracebackType | None" = None,
    ) -> Retry:
        """Decide how long to wait, or raise when that is too long."""
        if error is not None and not self._patience.longest() and _pool is not None:
            raise MaxRetryError(_pool, url or "", error) from error
        asked = self.get_retry_after(response) if response is not None else None
        if response is not None and asked is not None and asked > self._patience.longest():
            message = {"message": f"GitHub asks to wait {asked:.0f} s."}
            raise RateLimitExceededExceedsMaxWait(response.status, message, dict(response.headers), wait=asked)
        if response is not None and response.status in _LIMITED:
            # GitHub documents 403 and 429 for the same limits; GithubRetry reads the body of a 403 only.
            response.status = int(HTTPStatus.FORBIDDEN)
        return super().increment(method, url, response, error, _pool, _stacktrace)  # type: ignore[arg-type]  # see above

    def sleep(self, response: "BaseHTTPResponse | None" = None) -> None:
        """Wait before the next attempt."""
        asked = self.get_retry_after(response) if response is not None else None
        seconds = asked if asked is not None else self.get_backoff_time()
        if seconds > 0:
            self._patience.pause(seconds)
