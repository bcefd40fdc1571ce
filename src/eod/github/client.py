"""The connection to GitHub's API."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eod.errors import CredentialsError

if TYPE_CHECKING:
    from github import Github
    from github.Repository import Repository

LONGEST_WAIT_SECONDS = 900.0
DEFAULT_API_URL = "https://api.github.com"
_USER_AGENT = "eod-action"
_TIMEOUT_SECONDS = 30


class Client:
    """One repository on GitHub, for any thread: PyGithub's connection is not to be shared, so each has its own.

    Args:
        token: `GITHUB_TOKEN`, an App's installation token, or a personal one.
        repository: `owner/name`.
        api_url: `GITHUB_API_URL`.
        wait: Waits for rate limits; hand in one that a cancel interrupts.
        say: Tells the log of long waits.
        seconds_between_writes: GitHub asks for one second between requests that create or change something.
    """

    def __init__(
        self,
        *,
        token: str,
        repository: str,
        api_url: str = DEFAULT_API_URL,
        wait: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda _: None,
        seconds_between_writes: float = 1.0,
    ) -> None:
        self._token = token
        self.name = repository
        self._api_url = api_url or DEFAULT_API_URL
        self._wait = wait
        self._say = say
        self._seconds_between_writes = seconds_between_writes
        self._local = threading.local()
        self._connections: list[Github] = []

    @property
    def is_installation(self) -> bool:
        """Whether the token belongs to an App (`GITHUB_TOKEN` does) and not to a user."""
        return self._token.startswith("ghs_")

    @property
    def repository(self) -> "Repository":
        """The repository; nothing is asked until something of it is needed.

        Raises:
            CredentialsError: There is no token.
        """
        known: Repository | None = getattr(self._local, "repository", None)
        if known is None:
            connection = self._connect()
            self._connections.append(connection)
            known = self._local.repository = connection.get_repo(self.name)
        return known

    def close(self) -> None:
        """Close every thread's connections; whoever asks again gets new ones."""
        for connection in self._connections:
            connection.close()

    @contextmanager
    def hasty(self) -> Iterator[None]:
        """In this block, and this thread, a rate limit is an error at once: what is asked can wait."""
        before = self._longest_wait()
        self._local.longest = 0.0
        try:
            yield
        finally:
            self._local.longest = before

    def _longest_wait(self) -> float:
        longest: float = getattr(self._local, "longest", LONGEST_WAIT_SECONDS)
        return longest

    def _connect(self) -> "Github":
        from github import Auth, Github

        from eod.github.retry import Patience, PatientRetry

        # PyGithub prints every refusal by itself; what matters is said in our words, and a 403 may be in order.
        logging.getLogger("github").setLevel(logging.CRITICAL)
        if not self._token:
            raise CredentialsError(
                "There is no GitHub token.",
                why="The input `github-token` is empty.",
                fix="Leave `github-token` out (it defaults to `${{ github.token }}`), or set it to a secret that "
                "exists; on a terminal set GITHUB_TOKEN.",
            )
        return Github(
            auth=Auth.Token(self._token),
            base_url=self._api_url.rstrip("/"),
            user_agent=_USER_AGENT,
            per_page=100,
            timeout=_TIMEOUT_SECONDS,
            retry=PatientRetry(patience=Patience(self._wait, self._say, self._longest_wait)),
            seconds_between_requests=None,
            seconds_between_writes=self._seconds_between_writes,
            lazy=True,
        )
