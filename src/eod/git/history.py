"""Merged changes, from the first-parent history of a branch."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from eod.git.process import Git
from eod.model.history import PastChange

_FORMAT: Final = "%H%x00%P%x00%ct%x00%s"
_FIELDS: Final = 4
_MERGED: Final = re.compile(r"^Merge pull request #(\d{1,9})\b")
_SQUASHED: Final = re.compile(r"\(#(\d{1,9})\)\s*$")


class Walk(StrEnum):
    """Which commits count as merged changes."""

    FIRST_PARENT = "first-parent"
    MERGES = "merges"


def past_changes(git: Git, tip: str, since: datetime, walk: Walk, limit: int) -> tuple[PastChange, ...]:
    """The changes that reached `tip` since a time, newest first.

    A merge commit stands for the branch that it merges. With `Walk.FIRST_PARENT` any other commit stands for a
    pull request that was squashed; with `Walk.MERGES` it does not count.

    Raises:
        GitError: There is no such commit.
    """
    options = ["--merges"] if walk is Walk.MERGES else []
    # Not by `--since`: one commit with a wrong clock would hide all that came before it.
    listing = git.run(
        "log", "-z", "--first-parent", f"--format={_FORMAT}", f"--max-count={limit}", *options,
        "--end-of-options", tip, "--",
    )  # fmt: skip
    fields = listing.decode("utf-8", "replace").rstrip("\0").split("\0")
    rows = [fields[at : at + _FIELDS] for at in range(0, len(fields) - _FIELDS + 1, _FIELDS)]
    changes = (_change(*row) for row in rows)
    return tuple(change for change in changes if change is not None and change.merged_at >= since)


def branch_hours(git: Git, change: PastChange) -> float | None:
    """Hours from the first commit of a merged branch until it was merged; `None` for a squashed one."""
    if change.squashed:
        return None
    found = git.attempt(
        "log", "--format=%at", "--max-count=500", "--end-of-options", change.head, f"^{change.base}", "--"
    )
    times = [int(line) for line in found.output.split() if line.isdigit()] if found.ok else []
    if not times:
        return None
    return max(change.merged_at - datetime.fromtimestamp(min(times), UTC), timedelta()).total_seconds() / 3600


def _change(commit: str, parents: str, when: str, title: str) -> PastChange | None:
    first, *others = parents.split()[:2] or [""]
    if not first:
        return None
    match = _MERGED.search(title) or _SQUASHED.search(title)
    return PastChange(
        base=first,
        head=others[0] if others else commit,
        merged_at=datetime.fromtimestamp(int(when), UTC),
        title=title,
        number=int(match[1]) if match else None,
        squashed=not others,
    )
