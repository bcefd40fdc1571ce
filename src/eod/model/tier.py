"""Tiers, and the verdict that chooses one."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

PLAN_RULE: Final = "plan"
"""The rule of evidence that is no changed file but a resource in the plan."""


class Tier(StrEnum):
    """How heavy an environment is, from nothing to everything of its own."""

    NONE = "none"
    LIGHTWEIGHT = "lightweight"
    FRONTEND = "frontend"
    DATABASE = "database"
    FULL = "full"

    @property
    def rank(self) -> int:
        """Position in order of strictness: `none` is 0."""
        return list(Tier).index(self)


def strictest(*tiers: Tier) -> Tier:
    """The heaviest of `tiers`; `none` when there are none."""
    return max(tiers, key=lambda tier: tier.rank, default=Tier.NONE)


class Evidence(Struct, frozen=True, kw_only=True):
    """Why one changed file asks for a tier; where the plan raised it, `path` is a resource's address."""

    path: str
    tier: Tier
    rule: str
    reason: str


class How(StrEnum):
    """How somebody overruled the evidence."""

    LABEL = "label"
    INPUT = "input"
    COMMENT = "comment"


class Overrule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tier that somebody forced: on record with who and when, as far as that is known.

    `found` is what the changed files ask for; `name` is the label, or "input tier".
    """

    tier: Tier
    found: Tier
    how: How
    name: str
    by: str = ""
    at: datetime | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """The tier of a pull request, with a line of evidence for each changed file.

    `forced_by` names the label or input that overruled the evidence, and `overrule` says who did. `notes` are
    sentences for the reader (for instance that two labels contradict each other).
    """

    tier: Tier
    capabilities: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    forced_by: str | None = None
    notes: tuple[str, ...] = ()
    overrule: Overrule | None = None
