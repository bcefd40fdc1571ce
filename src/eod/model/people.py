"""People on GitHub, what they may do in the repository, and what they did on a pull request."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from eod.model.tier import How, Tier


class Role(StrEnum):
    """GitHub's roles in a repository, from nothing to everything.

    Source: https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories,
    "Repository roles for an organization".
    """

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Position in order of strength: `none` is 0."""
        return list(Role).index(self)

    def reaches(self, name: str) -> bool:
        """Whether it is at least the role of that name."""
        return self.rank >= Role(name).rank


class LabelPut(Struct, frozen=True, kw_only=True):
    """Who put a label that is still there. `person` is false for Apps, workflows and our own token."""

    by: str
    at: datetime
    person: bool


class Comment(Struct, frozen=True, kw_only=True):
    """A comment on a pull request. The body is untrusted, and whoever may write can edit it: see `edited`."""

    body: str
    by: str
    at: datetime | None = None
    person: bool = True
    edited: bool = False


class TierWish(Struct, frozen=True, kw_only=True):
    """What somebody just asked for: by a label, or by a comment, which may also take it back (no `tier`)."""

    how: How
    by: str
    at: datetime | None = None
    tier: Tier | None = None
    label: str = ""
