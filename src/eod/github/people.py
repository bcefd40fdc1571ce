"""Who may do what in the repository, and who did what on a pull request."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from eod.errors import NotFoundError
from eod.github.client import Client
from eod.github.faults import explained
from eod.model.people import Comment, LabelPut, Role

if TYPE_CHECKING:
    from github.IssueComment import IssueComment
    from github.IssueEvent import IssueEvent
    from github.NamedUser import NamedUser
    from github.Organization import Organization

_FLAGS = {
    "admin": Role.ADMIN,
    "maintain": Role.MAINTAIN,
    "push": Role.WRITE,
    "triage": Role.TRIAGE,
    "pull": Role.READ,
}
"""The switches of a collaborator, strongest first; they tell what a custom role amounts to."""

_EVENTS = "issues: read"
_LABELS = "issues: write"


class People:
    """Answers about people, each asked for only when it is needed.

    Args:
        client: The repository.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._roles: dict[str, Role] = {}
        self._login: str | None = None

    def role_of(self, login: str) -> Role:
        """What a user may do in the repository; asked once in a run.

        GitHub tells `permission` in the four levels of old (`maintain` is `write` there) and `role_name`, which
        may be a custom role's; the user's own switches tell the rest
        (https://docs.github.com/rest/collaborators/collaborators, "Get repository permissions for a user").
        """
        key = login.lower()
        if key not in self._roles:
            self._roles[key] = self._role_of(login)
        return self._roles[key]

    def _role_of(self, login: str) -> Role:
        path = f"/repos/{self._client.name}/collaborators/{quote(login, safe='')}/permission"
        try:
            with explained(f"tell what {login} may do", "metadata: read"):
                _, answer = self._client.repository.requester.requestJsonAndCheck("GET", path)
        except NotFoundError:
            return Role.NONE
        return strongest(answer)

    def label_put(self, number: int, label: str) -> LabelPut | None:
        """Who put a label that is on a pull request; `None` if GitHub does not tell.

        The newest event of this label counts. The payload of a run's own event would not do: a run that is started
        once more still has the old one.
        """
        with explained(f"tell who labelled #{number}", _EVENTS):
            for event in self._client.repository.get_issue(number).get_events().reversed:
                if event.event in {"labeled", "unlabeled"} and _same(event.label.name, label):
                    return self._put(event)
        return None

    def _put(self, event: "IssueEvent") -> LabelPut | None:
        login = _login(event.actor)
        if event.event == "unlabeled" or not login:
            return None
        return LabelPut(by=login, at=event.created_at, person=self._is_person(event.actor))

    def comments(self, number: int) -> Iterator[Comment]:
        """The comments on a pull request, newest first, page by page."""
        with explained(f"read the comments of #{number}", "pull-requests: read"):
            for comment in self._client.repository.get_issue(number).get_comments().reversed:
                yield self._comment(comment)

    def _comment(self, comment: "IssueComment") -> Comment:
        return Comment(
            body=comment.body or "",
            by=_login(comment.user),
            at=comment.created_at,
            person=self._is_person(comment.user),
            edited=comment.updated_at != comment.created_at,
        )

    def relabel(self, number: int, add: str, remove: Iterable[str]) -> None:
        """Take labels away (one that is gone already is no matter), then put one (empty: none)."""
        labels = f"/repos/{self._client.name}/issues/{number}/labels"
        requester = self._client.repository.requester
        for label in remove:
            try:
                with explained(f"take a label off #{number}", _LABELS):
                    requester.requestJsonAndCheck("DELETE", f"{labels}/{quote(label, safe='')}")
            except NotFoundError:
                continue
        if add:
            with explained(f"label #{number}", _LABELS):
                requester.requestJsonAndCheck("POST", labels, input={"labels": [add]})

    def own_login(self) -> str:
        """Whose token this is; empty for an App's, `GITHUB_TOKEN` among them: that is no person."""
        if self._login is None:
            self._login = "" if self._client.is_installation else self._user()
        return self._login

    def _user(self) -> str:
        with explained("tell whose token this is"):
            _, user = self._client.repository.requester.requestJsonAndCheck("GET", "/user")
        return str(user["login"])

    def _is_person(self, account: "NamedUser | Organization | None") -> bool:
        """Not an App, and not our own token either: what we do, we do for somebody else."""
        return account is not None and account.type == "User" and not _same(account.login, self.own_login())


def _login(account: "NamedUser | Organization | None") -> str:
    """PyGithub's types do not tell, but an account that is gone is null."""
    return "" if account is None else account.login


def strongest(answer: dict[str, Any]) -> Role:
    """The role that GitHub's answer about a user's permission amounts to."""
    told = {str(answer.get("permission")), str(answer.get("role_name"))}
    switches = (answer.get("user") or {}).get("permissions") or {}
    roles = [role for role in Role if role.value in told]
    roles += [role for switch, role in _FLAGS.items() if switches.get(switch) is True]
    return max(roles, key=lambda role: role.rank, default=Role.NONE)


def _same(one: str, other: str) -> bool:
    """GitHub takes names without regard to case."""
    return one.casefold() == other.casefold()
