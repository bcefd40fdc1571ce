"""Labels and inputs that force a tier."""

from typing import NamedTuple

from eod.config.nearest import clip
from eod.errors import UsageError
from eod.model.tier import Tier

_TIERS = ", ".join(f"`{tier}`" for tier in Tier)


class Forced(NamedTuple):
    """A tier that somebody asked for. `by` is the label, or "input tier"."""

    tier: Tier
    by: str


def forced_by_input(text: str | None) -> Forced | None:
    """The tier that the input names, if it names one.

    Raises:
        UsageError: There is no such tier.
    """
    name = (text or "").strip().lower()
    if not name:
        return None
    tier = _tier(name)
    if tier is None:
        raise UsageError(
            f"There is no tier `{clip(name)}`.", fix=f"Name one of {_TIERS}, or leave the input empty."
        )
    return Forced(tier, "input tier")


def forced_by_labels(labels: tuple[str, ...], prefix: str) -> tuple[Forced | None, tuple[str, ...]]:
    """The tier that the labels ask for, if any, and notes for the reader. The order of the labels does not matter.

    GitHub takes labels without regard to case, and so do we.
    """
    start = prefix.strip().lower()
    named = {label: label.strip()[len(start) :].strip().lower() for label in labels if _begins(label, start)}
    asked = [Forced(tier, label) for label, name in named.items() if (tier := _tier(name)) is not None]
    notes = [
        f"The label `{clip(label)}` names no tier, so it is ignored; tiers are {_TIERS}."
        for label, name in sorted(named.items())
        if _tier(name) is None
    ]
    if not asked:
        return None, tuple(notes)
    chosen = max(asked, key=lambda forced: (forced.tier.rank, forced.by))
    if len({forced.tier for forced in asked}) > 1:
        listing = ", ".join(sorted(f"`{clip(forced.by)}`" for forced in asked))
        notes.append(f"Labels contradict each other ({listing}): the stricter one counts.")
    return chosen, tuple(notes)


def tier_labels(labels: tuple[str, ...], prefix: str) -> tuple[str, ...]:
    """Those of `labels` that name a tier."""
    start = prefix.strip().lower()
    return tuple(
        label
        for label in labels
        if _begins(label, start) and _tier(label.strip()[len(start) :].strip().lower()) is not None
    )


def label_of(tier: Tier, prefix: str) -> str:
    """The label that forces `tier`, as it is put."""
    return f"{prefix}{tier}".strip()


def _begins(label: str, start: str) -> bool:
    return label.strip().lower().startswith(start)


def _tier(name: str) -> Tier | None:
    return next((tier for tier in Tier if tier.value == name), None)
