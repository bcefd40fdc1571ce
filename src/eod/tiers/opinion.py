"""What an examiner says about one changed file."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from eod.model.tier import Tier

if TYPE_CHECKING:
    from eod.tiers.case import Case
    from eod.tiers.file import ChangedFile


class Opinion(Struct, frozen=True):
    """A tier for one file. `reason` is a sentence for the reader, and may hold text from outside."""

    tier: Tier
    rule: str
    reason: str


class Stage(StrEnum):
    """When an examiner is asked. The stages go from what people said, over what never runs, to what weighs.

    In every stage but the last, the first examiner that has an opinion settles the matter; in the last one all are
    heard and the strictest counts.
    """

    TEAM = "team"
    INERT = "inert"
    UNCHANGED = "unchanged"
    HARMLESS = "harmless"
    MEANING = "meaning"
    WEIGHT = "weight"


class Examiner(Struct, frozen=True):
    """Somebody who is asked about each file. It returns `None` where it has nothing to say."""

    name: str
    stage: Stage
    ask: "Callable[[ChangedFile, Case], Opinion | None]"
