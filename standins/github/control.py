"""The Python side: make repositories, play people, look at what was left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from standins.github import routes
from standins.github.app import Application
from standins.github.faults import Fault, Faults, Injection
from standins.github.journal import Journal
from standins.github.limits import Limits
from standins.github.operations import accounts
from standins.github.operations import repositories as operations
from standins.github.repository import RepositoryControl
from standins.github.server import Server
from standins.github.state import Event, Hub, Token

ANONYMOUS_LIMIT: Final = 60


def utc_now() -> datetime:
    return datetime.now(UTC)


class GitHub:
    """One GitHub, with as many repositories as wanted; every method may be called from any thread."""

    def __init__(
        self,
        root: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        anonymous_limit: int = ANONYMOUS_LIMIT,
        address: str = "127.0.0.1",
    ) -> None:
        self.hub = Hub(root=root, clock=clock)
        self.faults = Faults()
        self.requests = Journal()
        nobody = accounts.account(self.hub, "nobody")
        anonymous = Token(value="", account=nobody, limit=anonymous_limit, window_start=self.hub.now())
        application = Application(
            self.hub,
            routes.ALL,
            faults=self.faults,
            journal=self.requests,
            limits=Limits(self.hub, anonymous),
        )
        self._server = Server(self.hub, application, self.faults, self.requests, address=address)

    def start(self) -> None:
        self.hub.url = self._server.start()

    def close(self) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """`GITHUB_SERVER_URL`: git and the pages that people see."""
        return self.hub.url

    @property
    def api_url(self) -> str:
        """`GITHUB_API_URL`; the same answers are found at the root."""
        return f"{self.hub.url}/api/v3"

    def create_repository(
        self,
        owner: str,
        name: str,
        source: Path | None = None,
        *,
        default_branch: str | None = None,
        private: bool = False,
        organization: bool = True,
        description: str | None = None,
    ) -> RepositoryControl:
        """A repository: empty, with a git repository's branches and tags, or a directory's files as one commit."""
        with self.hub.lock:
            made = operations.create(
                self.hub,
                owner,
                name,
                source=source,
                default_branch=default_branch,
                private=private,
                organization=organization,
                description=description,
            )
        return RepositoryControl(self.hub, made)

    def repository(self, full_name: str) -> RepositoryControl:
        """One that exists.

        Raises:
            KeyError: there is none of that name.
        """
        with self.hub.lock:
            return RepositoryControl(self.hub, self.hub.repositories[full_name.lower()])

    def installation_token(
        self,
        repository: RepositoryControl | None = None,
        permissions: Mapping[str, str] | None = None,
        *,
        app: str = accounts.ACTIONS_APP,
        limit: int = accounts.INSTALLATION_LIMIT,
    ) -> str:
        """A `GITHUB_TOKEN`, or another app's token; without `permissions` all that a workflow may have.

        It reaches one repository, or without `repository` all of them.
        """
        granted = dict.fromkeys(accounts.WORKFLOW_PERMISSIONS, "write") if permissions is None else permissions
        home = repository.record if repository else None
        with self.hub.lock:
            return accounts.installation_token(self.hub, app, home, dict(granted), limit).value

    def personal_token(self, login: str, *, limit: int = accounts.PERSONAL_LIMIT) -> str:
        """A user's own token: as much as the user may (see `RepositoryControl.add_collaborator`)."""
        with self.hub.lock:
            return accounts.personal_token(self.hub, login, limit).value

    def revoke(self, token: str) -> None:
        """From now on: bad credentials."""
        with self.hub.lock:
            self.hub.tokens[token].revoked = True

    def exhaust(self, token: str, *, reset_in: timedelta = timedelta(minutes=10)) -> None:
        """Use up a token's hour, which ends in `reset_in`."""
        with self.hub.lock:
            one = self.hub.tokens[token]
            one.used = one.limit
            one.window_start = self.hub.now() + reset_in - accounts.WINDOW

    def add_team(self, org: str, slug: str, members: set[str]) -> None:
        with self.hub.lock:
            self.hub.teams[(org.lower(), slug.lower())] = {login.lower() for login in members}

    def inject(self, fault: Fault, on: str = "*", *, times: int | None = 1, skip: int = 0) -> Injection:
        """Let requests that match `on` (`POST */comments`) meet a fault; see `standins.github.faults`."""
        return self.faults.add(fault, on, times=times, skip=skip)

    def events(self, name: str | None = None, number: int | None = None) -> list[Event]:
        """What webhooks and workflows would have been told so far."""
        with self.hub.lock:
            return [one for one in self.hub.events if name in (None, one.name) and number in (None, one.number)]

    def assert_no_unknown_routes(self) -> None:
        """Raises AssertionError with what was asked for and is not here."""
        asked = [f"{one.method} {one.path}" for one in self.requests.unknown]
        assert not asked, f"routes that the stand-in does not have: {asked}"

    def environment(self) -> dict[str, str]:
        """The variables that tell a runner, and whatever runs on it, where GitHub is."""
        return {
            "GITHUB_SERVER_URL": self.url,
            "GITHUB_API_URL": self.api_url,
            "GITHUB_GRAPHQL_URL": f"{self.url}/api/graphql",
        }
