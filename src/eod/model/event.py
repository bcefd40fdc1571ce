"""The GitHub event that started a run, as much of it as we use."""

from msgspec import Struct

from eod.model.people import Comment
from eod.model.pull import PullRequest


class Event(Struct, frozen=True, kw_only=True):
    """One event. All texts are untrusted.

    `name` is GitHub's (`pull_request`, `schedule`); inside a reusable workflow it is the caller's event. `actor`
    is who caused it. `pull` is the pull request in the payload; an `issue_comment` carries only a number, in
    `commented_pull`, beside the `comment`. `label` is the one that was just added or removed. `base_changed` says
    that the pull request was moved to another base branch.
    """

    name: str
    action: str = ""
    repository: str = ""
    actor: str = ""
    pull: PullRequest | None = None
    commented_pull: int | None = None
    comment: Comment | None = None
    label: str = ""
    schedule: str = ""
    base_changed: bool = False
