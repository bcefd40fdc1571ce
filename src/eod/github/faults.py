"""What GitHub's refusals mean to a user of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from eod.errors import CredentialsError, EodError, GitHubError, NotFoundError

if TYPE_CHECKING:
    from github import GithubException


class NotAllowedError(CredentialsError):
    """The token is good, and may not do this: 403."""


_ACCEPTED = "x-accepted-github-permissions"
_NOT_GRANTED = ("resource not accessible", "do not have permission to create labels")


@contextmanager
def explained(action: str, permission: str = "") -> Iterator[None]:
    """Turn what PyGithub raises in this block into errors of ours.

    Args:
        action: What we were about to do, as in "GitHub refused to <action>".
        permission: The line of `permissions:` that it needs, for instance `pull-requests: write`.

    Raises:
        CredentialsError: 401: no token, or one that is no longer good.
        NotAllowedError: 403.
        NotFoundError: 404, 410.
        GitHubError: Everything else, rate limits that last too long and unreachable servers among it.
    """
    from github import GithubException
    from requests.exceptions import RequestException

    try:
        yield
    except GithubException as error:
        raise _translated(error, action, permission) from error
    except RequestException as error:
        raise GitHubError(
            f"GitHub could not be asked to {action}.",
            why="It did not answer, or kept answering with errors or rate limits, through several tries.",
            fix="Look at https://www.githubstatus.com and re-run the job later.",
            detail=_first_line(error),
        ) from error


def _translated(error: "GithubException", action: str, permission: str) -> EodError:
    from github import RateLimitExceededException

    message = _message(error)
    if error.status == HTTPStatus.UNAUTHORIZED:
        return CredentialsError(
            f"GitHub does not accept the token: it refused to {action}.",
            why="The token is missing, expired or revoked.",
            fix="Pass a valid `github-token`; the default, `${{ github.token }}`, is valid while its job runs.",
            detail=message,
        )
    if isinstance(error, RateLimitExceededException):
        return GitHubError(
            f"GitHub's rate limit is used up: it refused to {action}.",
            why="`GITHUB_TOKEN` may make 1,000 requests an hour and repository, and 80 contents a minute.",
            fix="Re-run the job when the limit is reset, or use the token of a GitHub App of your own.",
            detail=message,
        )
    if error.status == HTTPStatus.FORBIDDEN:
        return _forbidden(error, action, permission, message)
    if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return NotFoundError(
            f"GitHub does not find what is needed to {action}.",
            why="It does not exist, or the token may not see it.",
            fix="Check the repository and the number, and that the token belongs to this repository.",
            detail=message,
        )
    return GitHubError(
        f"GitHub answered with {error.status} when asked to {action}.",
        why="GitHub has a problem." if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "",
        fix="Re-run the job; if it stays, look at https://www.githubstatus.com.",
        detail=message,
    )


def _forbidden(error: "GithubException", action: str, permission: str, message: str) -> NotAllowedError:
    if not any(sign in message.lower() for sign in _NOT_GRANTED):
        return NotAllowedError(
            f"GitHub refused to {action}.",
            why="The token's owner is not allowed to, or the repository's settings forbid it.",
            fix="See what GitHub says above.",
            detail=message,
        )
    line = permission or _from_header(error)
    return NotAllowedError(
        f"GitHub refused to {action}: the token lacks a permission.",
        why="Runs for forks and for Dependabot get a read-only token; other runs get what `permissions:` grants.",
        fix=f"Add `{line}` to `permissions:` of the job in the workflow." if line else "Grant it to the token.",
        detail=message,
    )


def _from_header(error: "GithubException") -> str:
    """`issues=write; pull_requests=write` → `issues: write`: any one of them would do."""
    accepted = (error.headers or {}).get(_ACCEPTED, "")
    first = accepted.split(";")[0].split(",")[0].strip()
    name, _, level = first.partition("=")
    return f"{name.replace('_', '-')}: {level}" if level else ""


def _message(error: "GithubException") -> str:
    data = error.data
    if not isinstance(data, dict):
        return _first_line(error)
    reasons = [reason for one in data.get("errors") or () if (reason := _reason(one))]
    return "\n".join([str(data.get("message") or error.status), *reasons])


def _reason(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    return str(
        error.get("message") or " ".join(str(error[k]) for k in ("resource", "field", "code") if k in error)
    )


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
