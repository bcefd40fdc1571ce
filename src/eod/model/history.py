"""Changes that a repository's history holds, and what the classifier says of each today."""

from datetime import datetime

from msgspec import Struct

from eod.model.tier import Tier


class PastChange(Struct, frozen=True, kw_only=True):
    """One merged change. `number` is the pull request's, where the history tells it.

    `squashed`: it reached its branch as one commit, so nothing tells how long it was open.
    """

    base: str
    head: str
    merged_at: datetime
    title: str
    number: int | None = None
    squashed: bool = True


class Judged(Struct, frozen=True, kw_only=True):
    """What one change would have got. `path`, `rule` and `reason` are the deciding evidence.

    `hours` is how long its branch lived, `None` where the history does not tell. `error` is why there is no tier.
    """

    head: str
    tier: Tier | None = None
    rule: str = ""
    path: str = ""
    reason: str = ""
    files: int = 0
    hours: float | None = None
    error: str = ""
