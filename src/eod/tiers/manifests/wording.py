"""Choosing among opinions, and wording them."""

from collections.abc import Iterable, Sequence
from typing import Final

from eod.config.nearest import clip
from eod.model.tier import Tier
from eod.tiers.manifests.differences import Difference
from eod.tiers.opinion import Opinion

SAME: Final = "same-manifest"
UNREADABLE: Final = "unreadable-manifest"
_SHOWN: Final = 3


def strictest_of(opinions: Iterable[Opinion]) -> Opinion | None:
    """The strictest opinion, of several the first; `None` if there are none."""
    return max(opinions, key=lambda opinion: opinion.tier.rank, default=None)


def same(what: str = "the file") -> Opinion:
    """Nothing differs but how it is written."""
    return Opinion(Tier.NONE, SAME, f"Both versions of {what} mean the same.")


def unreadable(why: str) -> Opinion:
    """The strictest tier, because nobody knows."""
    return Opinion(Tier.FULL, UNREADABLE, f"The manifest cannot be read: {clip(why)}.")


def listed(names: Iterable[str]) -> str:
    """Some names as code, the first few of many."""
    every = list(dict.fromkeys(names))
    first = ", ".join(f"`{clip(name)}`" for name in every[:_SHOWN])
    return first if len(every) <= _SHOWN else f"{first} and {len(every) - _SHOWN} more"


def fields(found: Sequence[Difference]) -> str:
    """The fields that differ, as people write them."""
    return listed(each.dotted for each in found)
