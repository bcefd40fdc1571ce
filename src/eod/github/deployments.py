"""Deployments: the box in the pull request that links to the environment.

They are transient, so that `inactive` shows as destroyed; since `auto_inactive` skips transient ones, each is
marked inactive by us at the end (https://docs.github.com/rest/deployments/statuses).
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from eod.errors import CredentialsError, EodError, GitHubError, NotFoundError
from eod.github.client import Client
from eod.github.faults import NotAllowedError, explained

if TYPE_CHECKING:
    from github.Deployment import Deployment

DESCRIPTION_CHARACTERS = 140
_PERMISSION = "deployments: write"
_REFUSALS = (CredentialsError, NotFoundError, GitHubError)


class Deployments:
    """Keeps an environment's Deployments.

    A Deployment is a report: when it cannot be made or updated, that is said once and the run goes on. At the end
    it is more than that, so `retire` raises what is not a missing permission.

    Args:
        client: The repository.
        notice: Told, once, when we may not.
        say: Told what is of less interest.
    """

    def __init__(self, client: Client, notice: Callable[[str], None], say: Callable[[str], None]) -> None:
        self._client = client
        self._notice = notice
        self._say = say
        self._told = False
        self._lock = threading.Lock()

    def create(self, *, sha: str, environment: str, description: str) -> int | None:
        """Create a transient Deployment of exactly `sha`, whatever its checks say; `None` if that cannot be."""
        try:
            return self._create_once(sha, environment, description)
        except _REFUSALS as error:
            self._degrade(error)
            return None

    def add_status(self, deployment_id: int, *, state: str, url: str, log_url: str, description: str) -> None:
        """Add a status to a Deployment."""
        try:
            self._add_status(deployment_id, state, url, log_url, description)
        except GitHubError:
            try:
                self._add_status(deployment_id, state, url, log_url, description)
            except _REFUSALS as error:
                self._degrade(error)
        except _REFUSALS as error:
            self._degrade(error)

    def retire(self, environment: str) -> int:
        """Mark every Deployment of an environment inactive, then try to delete the environment.

        Returns:
            How many were active.

        Raises:
            CredentialsError: The token is no longer good.
            GitHubError: GitHub cannot do it now.
        """
        try:
            with explained("list Deployments", _PERMISSION):
                known = list(self._client.repository.get_deployments(environment=environment))
            active = [one for one in known if self._state(one) != "inactive"]
            for one in active:
                with explained("mark a Deployment inactive", _PERMISSION):
                    one.create_status("inactive", description="Destroyed", auto_inactive=False)
        except NotAllowedError as error:
            self._degrade(error)
            return 0
        if known:
            self._delete_environment(environment)
        return len(active)

    def _create_once(self, sha: str, environment: str, description: str) -> int:
        try:
            return self._create(sha, environment, description)
        except GitHubError:
            lost = self._without_status(sha, environment)
            return lost if lost is not None else self._create(sha, environment, description)

    def _create(self, sha: str, environment: str, description: str) -> int:
        with explained("create a Deployment", _PERMISSION):
            return self._client.repository.create_deployment(
                ref=sha,
                auto_merge=False,
                required_contexts=[],
                environment=environment,
                description=description[:DESCRIPTION_CHARACTERS],
                transient_environment=True,
                production_environment=False,
            ).id

    def _without_status(self, sha: str, environment: str) -> int | None:
        """A Deployment that was made although the answer was lost."""
        with explained("list Deployments", _PERMISSION):
            for one in self._client.repository.get_deployments(sha=sha, environment=environment):
                if self._state(one) == "":
                    return one.id
        return None

    def _add_status(self, deployment_id: int, state: str, url: str, log_url: str, description: str) -> None:
        links = {"environment_url": url, "target_url": log_url}
        with explained("update a Deployment", _PERMISSION):
            self._client.repository.get_deployment(deployment_id).create_status(
                state,
                description=description[:DESCRIPTION_CHARACTERS],
                auto_inactive=False,
                **{name: link for name, link in links.items() if link},
            )

    def _state(self, deployment: "Deployment") -> str:
        with explained("read a Deployment's statuses", _PERMISSION):
            newest = max(deployment.get_statuses(), key=lambda status: status.id, default=None)
        return "" if newest is None else newest.state

    def _delete_environment(self, environment: str) -> None:
        """Needs administration rights, which no `GITHUB_TOKEN` has; an empty environment does no harm."""
        try:
            with explained("delete the GitHub environment"):
                self._client.repository.delete_environment(environment)
        except NotFoundError:
            return
        except NotAllowedError:
            self._say(
                f"The GitHub environment {environment} stays listed, without active Deployments: deleting it "
                "needs administration rights that GITHUB_TOKEN never has."
            )

    def _degrade(self, error: EodError) -> None:
        """Say it once; but a token that is no longer good fails the run."""
        if isinstance(error, CredentialsError) and not isinstance(error, NotAllowedError):
            raise error
        with self._lock:
            first, self._told = not self._told, True
        if first:
            self._notice(f"No Deployment is shown: {error.detail or error.what} {error.fix}")
