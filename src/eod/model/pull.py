"""A pull request, as much of it as we use."""

from datetime import datetime

from msgspec import Struct


class PullRequest(Struct, frozen=True, kw_only=True):
    """One pull request. Title, refs and labels are untrusted text.

    `head_repository` is `None` when the fork that it came from is gone.
    """

    number: int
    title: str
    url: str
    author: str
    open: bool
    merged: bool
    draft: bool
    head_sha: str
    head_ref: str
    head_repository: str | None
    base_sha: str
    base_ref: str
    labels: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def is_from_fork(self, repository: str) -> bool:
        """Whether the code comes from outside `repository`; a vanished head repository counts as a fork."""
        return self.head_repository is None or self.head_repository.lower() != repository.lower()
