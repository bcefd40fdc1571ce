"""What one changed attribute weighs, and one sentence for all that weigh the same."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from eod.data.kinds import UNKNOWN, Kind
from eod.model.tier import Tier
from eod.tiers.hcl.blocks import Block
from eod.tiers.hcl.difference import Leaf
from eod.tiers.hcl.knowledge import AttributeClass, class_of
from eod.tiers.opinion import Opinion

_SHOWN: Final = 3
_REACHES: Final = "it reaches "


class Weight(Struct, frozen=True):
    """A tier for one attribute, and the words that follow the colon."""

    tier: Tier
    rule: str
    because: str


def judged(block: Block, weights: Iterable[tuple[Leaf, Weight]], verb: str = "Changes") -> Opinion:
    """The heaviest of the attributes' weights, with the names of all attributes that weigh so."""
    found = list(weights)
    if not found:
        return Opinion(Tier.NONE, "hcl-unchanged", f"`{block.address}` says the same as before.")
    heaviest = max((weight for _, weight in found), key=lambda weight: weight.tier.rank)
    names = listed(leaf.shown for leaf, weight in found if weight == heaviest)
    return Opinion(heaviest.tier, heaviest.rule, f"{verb} {names} of `{block.address}`: {heaviest.because}.")


def reach(end: Opinion) -> Weight:
    """What a value weighs because of where it ends up: only the last place is told."""
    place = end.reason.rstrip(".").rsplit(_REACHES, 1)[-1].removeprefix("Changes ")
    return Weight(end.tier, end.rule, f"{_REACHES}{place}")


def by_class(leaf: Leaf, kind: str, resource_type: str = "") -> Weight | None:
    """What an attribute weighs by its name, or by the names within it; `None` where no name is known."""
    found = class_of_leaf(leaf, kind, resource_type)
    return None if found is None else Weight(found.tier, f"hcl-{found.name}", found.reason)


def class_of_leaf(leaf: Leaf, kind: str, resource_type: str = "") -> AttributeClass | None:
    """The class of the innermost known name on the way to the value; else of all names within it.

    What lies within tags is tags, whatever it is called.
    """
    names = [part for key in leaf.keys for part in key.split(".")]
    on_the_way = [found for name in names if (found := class_of(name, kind, resource_type))]
    harmless = next((each for each in on_the_way if each.tier is Tier.NONE), None)
    if harmless is not None or on_the_way:
        return harmless or on_the_way[-1]
    within = [class_of(name, kind, resource_type) for name in leaf.inner]
    known = [each for each in within if each is not None]
    return max(known, key=lambda each: each.tier.rank) if known and len(known) == len(within) else None


def listed(names: Iterable[str]) -> str:
    """The first few of `names`, as code."""
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - _SHOWN} more" if len(unique) > _SHOWN else ""
    return ", ".join(f"`{name}`" for name in unique[:_SHOWN]) + more


def rule_of(kind: Kind) -> str:
    """The rule's name for a kind of resource."""
    return f"hcl-{kind.name}" if kind is not UNKNOWN else "hcl-unknown"
