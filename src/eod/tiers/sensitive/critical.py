"""Paths, and owners' paths, that the configuration calls critical."""

from functools import cache
from typing import Final

from eod.data.globs import Globs
from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion

PATH_RULE: Final = "critical-path"
OWNER_RULE: Final = "critical-owner"


def critical(file: ChangedFile, case: Case) -> Opinion | None:
    """`full` for what the configuration calls critical, by path or by who owns it in the base branch."""
    paths, owners = case.config.critical.paths, case.config.critical.owners
    for path in file.paths:
        pattern = _matching(path, paths)
        if pattern is not None:
            return Opinion(Tier.FULL, PATH_RULE, f"The configuration calls `{pattern}` critical.")
    return _by_owner(file, case) if owners else None


def _by_owner(file: ChangedFile, case: Case) -> Opinion | None:
    wanted = {_plain(owner) for owner in case.config.critical.owners}
    for path in file.paths:
        for ownership in case.code_owners.of(path):
            named = next((owner for owner in ownership.owners if _plain(owner) in wanted), None)
            if named is not None:
                return Opinion(
                    Tier.FULL,
                    OWNER_RULE,
                    f"`{ownership.source}` gives `{ownership.pattern}` to `{named}`, "
                    "whom the configuration calls critical.",
                )
    return None


def _matching(path: str, patterns: tuple[str, ...]) -> str | None:
    if not patterns or not _spec(patterns).match(path):
        return None
    return next((each for each in reversed(patterns) if _spec((each,)).match(path)), patterns[0])


@cache
def _spec(patterns: tuple[str, ...]) -> Globs:
    return Globs(patterns)


def _plain(owner: str) -> str:
    return owner.removeprefix("@").lower()
