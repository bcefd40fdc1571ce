"""GitHub, as far as pull requests go."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from eod.errors import CredentialsError, NotFoundError
from eod.github.client import Client
from eod.github.comments import Comments
from eod.github.deployments import Deployments
from eod.github.faults import explained
from eod.github.people import People
from eod.github.runs import Runs
from eod.model.people import Comment, LabelPut, Role
from eod.model.pull import PullRequest

if TYPE_CHECKING:
    from github.NamedUser import NamedUser
    from github.PullRequest import PullRequest as Pull
    from github.Repository import Repository

_PERMISSION = "pull-requests: read"


class GitHubForge:
    """Pull requests, the sticky comment and Deployments of one repository. Safe to use from several threads.

    Args:
        client: The repository.
        notice: Told what the reader should know although the run goes on: a permission that is missing.
        say: Told what is of less interest.
    """

    def __init__(
        self,
        client: Client,
        *,
        notice: Callable[[str], None] = lambda _: None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self._client = client
        self._comments = Comments(client, notice)
        self._runs = Runs(client, say or notice)
        self._people = People(client)
        self._deployments = Deployments(client, notice, say or notice)

    @contextmanager
    def hasty(self) -> Iterator[None]:
        """In this block, and this thread, GitHub is asked once: a rate limit or an outage is an error at once."""
        with self._client.hasty():
            yield

    def pull_request(self, number: int) -> PullRequest:
        """One pull request, fresh.

        Raises:
            NotFoundError: There is none with this number.
        """
        try:
            with explained(f"read #{number}", _PERMISSION):
                return _model(self._client.repository.get_pull(number).complete())
        except NotFoundError as error:
            raise NotFoundError(
                f"Pull request #{number} does not exist in {self._client.name}, or the token may not see it.",
                why="The number belongs to an issue or to another repository, or is wrong.",
                fix="Check `pr-number`, and that the token may read this repository's pull requests.",
                detail=error.detail,
            ) from error

    def check_permissions(self) -> str:
        """What the token may do, in a sentence.

        Raises:
            CredentialsError: It may not write to the repository, so that no record could be kept.
        """
        with explained("read the repository", "contents: read"):
            permissions = self._client.repository.complete().permissions
        if not permissions.push:
            raise CredentialsError(
                f"The token may not write to {self._client.name}.",
                why="The records branch is written with it; without a record nothing could be torn down.",
                fix="Give the job `permissions: contents: write`, or use a token with the scope `repo`.",
            )
        return "the token may write"

    def open_pull_requests(self) -> tuple[PullRequest, ...]:
        """All open ones, over all pages, or an error; never a part."""
        with explained("list the open pull requests", _PERMISSION):
            pulls = self._client.repository.get_pulls(state="open", sort="created", direction="asc")
            return tuple(_model(pull) for pull in pulls)

    def is_run_over(self, run_id: int, attempt: int) -> bool | None:
        """Whether that attempt of a workflow run has ended; see `Runs.is_over`."""
        return self._runs.is_over(run_id, attempt)

    def run_ended_at(self, run_id: int, attempt: int) -> datetime | None:
        """Until when that attempt of a workflow run can have worked; see `Runs.ended_at`."""
        return self._runs.ended_at(run_id, attempt)

    def has_run_for(self, head_sha: str, workflow: str) -> bool | None:
        """Whether a workflow run was started for a commit; see `Runs.exist_for`."""
        return self._runs.exist_for(head_sha, workflow)

    def role_of(self, login: str) -> Role:
        """What a user may do in the repository; see `People.role_of`."""
        return self._people.role_of(login)

    def own_login(self) -> str:
        """Whose token this is; empty for an App's."""
        return self._people.own_login()

    def label_put(self, number: int, label: str) -> LabelPut | None:
        """Who put a label that is on a pull request; see `People.label_put`."""
        return self._people.label_put(number, label)

    def comments(self, number: int) -> Iterator[Comment]:
        """The comments on a pull request, newest first."""
        return self._people.comments(number)

    def relabel(self, number: int, add: str, remove: Iterable[str]) -> None:
        """Take labels away, then put one (empty: none); see `People.relabel`."""
        self._people.relabel(number, add, remove)

    def put_comment(self, number: int, body: str, comment_id: int | None) -> int | None:
        """Create or edit the one comment of ours; see `Comments.put`."""
        return self._comments.put(number, body, comment_id)

    def add_comment(self, number: int, body: str) -> int | None:
        """Add a comment of its own, which notifies people; `None` if we may not comment."""
        return self._comments.add(number, body)

    def create_deployment(self, *, sha: str, environment: str, description: str) -> int | None:
        """Create a transient Deployment and return its id; `None` if we may not."""
        return self._deployments.create(sha=sha, environment=environment, description=description)

    def deployment_status(
        self, deployment_id: int, *, state: str, url: str, log_url: str, description: str
    ) -> None:
        """Add a status: `in_progress`, `success`, `failure`, `inactive`."""
        self._deployments.add_status(deployment_id, state=state, url=url, log_url=log_url, description=description)

    def retire_deployments(self, environment: str) -> int:
        """Mark all Deployments of an environment inactive, try to delete the environment; how many were active."""
        return self._deployments.retire(environment)


def _model(pull: "Pull") -> PullRequest:
    """Only attributes that lists hold too: any other would cost a request for each pull request."""
    return PullRequest(
        number=pull.number,
        title=pull.title,
        url=pull.html_url,
        author=_login(pull.user),
        open=pull.state == "open",
        merged=pull.merged_at is not None,
        draft=bool(pull.draft),
        head_sha=pull.head.sha,
        head_ref=pull.head.ref,
        head_repository=_full_name(pull.head.repo),
        base_sha=pull.base.sha,
        base_ref=pull.base.ref,
        labels=tuple(label.name for label in pull.labels),
        created_at=pull.created_at,
        updated_at=pull.updated_at,
    )


def _login(user: "NamedUser | None") -> str:
    """PyGithub's types do not tell, but an account that is gone is null."""
    return "" if user is None else user.login


def _full_name(repository: "Repository | None") -> str | None:
    """The same goes for a fork that is gone."""
    return None if repository is None else repository.full_name
