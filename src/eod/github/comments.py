"""The one comment on a pull request that is edited in place.

It is known by its first line, a hidden HTML comment, and by its author: anybody may quote the line, and whoever's
comment were taken for ours would have words put into their mouth.
"""

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from eod.errors import CredentialsError, GitHubError, NotFoundError
from eod.github.client import Client
from eod.github.faults import NotAllowedError, explained
from eod.model import sticky

if TYPE_CHECKING:
    from github.IssueComment import IssueComment
    from github.NamedUser import NamedUser
    from github.Organization import Organization

BODY_CHARACTERS = 65_536
"""GitHub refuses longer bodies: "Body is too long (maximum is 65536 characters)"."""

ACTIONS_BOT = "github-actions[bot]"
_PERMISSION = "pull-requests: write"


class Comments:
    """Writes comments on issues and pull requests. Safe to use from several threads.

    Args:
        client: The repository.
        notice: Told, once, when we may not comment.
    """

    def __init__(self, client: Client, notice: Callable[[str], None]) -> None:
        self._client = client
        self._notice = notice
        self._refused = False
        self._login: str | None = None
        self._written: dict[tuple[int, str], tuple[int, str]] = {}
        self._lock = threading.Lock()

    def put(self, number: int, body: str, comment_id: int | None) -> int | None:
        """Create the comment with this body's first line, or edit it if anything changed.

        Args:
            number: The pull request.
            body: Markdown, whose first line is the hidden marker.
            comment_id: Where it was last time; verified before it is used.

        Returns:
            The comment's id; `None` if we may not comment.

        Raises:
            CredentialsError: The token is missing or no longer good.
            GitHubError: GitHub cannot do it now.
        """
        marker = _marker(body)
        if self._refused:
            return None
        try:
            return self._put(number, marker, _within_limit(body), comment_id)
        except NotAllowedError as error:
            self._degrade(error)
            return None

    def add(self, number: int, body: str) -> int | None:
        """Add a comment of its own, which notifies people; `None` if we may not comment."""
        if self._refused:
            return None
        try:
            return self._create(number, _within_limit(body)).id
        except NotAllowedError as error:
            self._degrade(error)
            return None

    def _put(self, number: int, marker: str, body: str, comment_id: int | None) -> int:
        key = (number, marker)
        known = self._written.get(key)
        if known is not None:
            if _same(known[1], body) or self._edit(number, known[0], body):
                self._remember(key, known[0], body)
                return known[0]
            self._forget(key)
        for comment in self._candidates(number, marker, comment_id):
            kept = _under(sticky.named(marker, _first_line(comment.body or "")), body)
            if _same(comment.body, kept) or self._edit(number, comment.id, kept):
                self._remember(key, comment.id, body)
                return comment.id
        made = self._create_once(number, marker, body)
        self._remember(key, made, body)
        return made

    def _candidates(self, number: int, marker: str, comment_id: int | None) -> "Iterator[IssueComment]":
        """The comment that the record names if it is really ours, then ours over all pages, oldest first.

        Last come those that were written when the environment's name was not known, or, if it is not known now,
        those of any name.
        """
        if comment_id is not None:
            recorded = self._recorded(number, marker, comment_id)
            if recorded is not None:
                yield recorded
        with explained(f"list the comments of #{number}", _PERMISSION):
            others = []
            for comment in self._client.repository.get_issue(number).get_comments():
                if comment.id != comment_id and self._is_ours(comment, marker):
                    yield comment
                elif sticky.may_stand_for(marker, _first_line(comment.body or "")) and self._wrote(comment.user):
                    others.append(comment)
        yield from others

    def _recorded(self, number: int, marker: str, comment_id: int) -> "IssueComment | None":
        try:
            with explained("read our comment", _PERMISSION):
                comment = self._client.repository.get_issue(number).get_comment(comment_id).complete()
        except NotFoundError:
            return None
        here = comment.issue_url.rstrip("/").endswith(f"/issues/{number}")
        return comment if here and self._is_ours(comment, marker) else None

    def _is_ours(self, comment: "IssueComment", marker: str) -> bool:
        return _first_line(comment.body or "") == marker and self._wrote(comment.user)

    def _wrote(self, author: "NamedUser | Organization | None") -> bool:
        """Whether the author is who our token stands for.

        An installation's token may not ask `GET /user`. `GITHUB_TOKEN` writes as `github-actions[bot]`; which bot
        another App's token writes as, GraphQL's `viewer` tells.
        """
        if author is None:
            return False
        if self._client.is_installation and author.type != "Bot":
            return False
        if self._client.is_installation and author.login == ACTIONS_BOT:
            return True
        return author.login.lower() == self._own_login().lower()

    def _own_login(self) -> str:
        if self._login is None:
            self._login = self._viewer() if self._client.is_installation else self._user()
        return self._login

    def _viewer(self) -> str:
        try:
            with explained("tell who we are"):
                requester = self._client.repository.requester
                _, answer = requester.graphql_query("query { viewer { login } }", {})
        except (GitHubError, NotFoundError, CredentialsError):
            return ACTIONS_BOT
        return f"{answer['data']['viewer']['login'].removesuffix('[bot]')}[bot]"

    def _user(self) -> str:
        with explained("tell who we are"):
            _, user = self._client.repository.requester.requestJsonAndCheck("GET", "/user")
        return str(user["login"])

    def _edit(self, number: int, comment_id: int, body: str) -> bool:
        """Edit; `False` if it was deleted meanwhile or is not ours to edit."""
        try:
            with explained(f"edit our comment on #{number}", _PERMISSION):
                self._client.repository.get_issue(number).get_comment(comment_id).edit(body)
        except (NotFoundError, NotAllowedError):
            return False
        return True

    def _create(self, number: int, body: str) -> "IssueComment":
        with explained(f"comment on #{number}", _PERMISSION):
            return self._client.repository.get_issue(number).create_comment(body)

    def _create_once(self, number: int, marker: str, body: str) -> int:
        """Create. When the answer was lost, look whether the comment is there before creating it again."""
        try:
            return self._create(number, body).id
        except GitHubError:
            for comment in self._candidates(number, marker, None):
                return comment.id
            return self._create(number, body).id

    def _remember(self, key: tuple[int, str], comment_id: int, body: str) -> None:
        with self._lock:
            self._written[key] = (comment_id, body)

    def _forget(self, key: tuple[int, str]) -> None:
        with self._lock:
            self._written.pop(key, None)

    def _degrade(self, error: NotAllowedError) -> None:
        with self._lock:
            first, self._refused = not self._refused, True
        if first:
            self._notice(f"No comment on the pull request: {error.detail or error.what} {error.fix}")


def _marker(body: str) -> str:
    marker = _first_line(body)
    if not (marker.startswith("<!-- ") and marker.endswith(" -->")):
        raise ValueError("a sticky comment's first line is its hidden marker")
    return marker


def _first_line(body: str) -> str:
    return body.replace("\r\n", "\n").split("\n", 1)[0].rstrip()


def _under(marker: str, body: str) -> str:
    """`body` with another first line."""
    return "\n".join([marker, *body.replace("\r\n", "\n").split("\n")[1:]])


def _same(one: str | None, other: str) -> bool:
    """GitHub may hand line ends and the last white space back differently."""
    return (one or "").replace("\r\n", "\n").rstrip() == other.rstrip()


def _within_limit(body: str) -> str:
    if len(body) > BODY_CHARACTERS:
        raise ValueError(f"a comment of {len(body)} characters; GitHub takes {BODY_CHARACTERS}")
    return body
