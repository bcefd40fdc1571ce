"""The dependency lock file: which versions of providers plan and apply.

Its form: https://developer.hashicorp.com/terraform/language/files/dependency-lock
"""

from typing import Final

from eod.model.tier import Tier
from eod.tiers.hcl.difference import Leaf
from eod.tiers.hcl.module import Change
from eod.tiers.hcl.settings import version_weight
from eod.tiers.hcl.weight import Weight, judged
from eod.tiers.opinion import Opinion

NAME: Final = ".terraform.lock.hcl"


def opinion_of(change: Change) -> Opinion:
    """A provider that another version of is used, or that is new or gone."""
    name = change.block.labels[0].rsplit("/", 1)[-1] if change.block.labels else change.block.address
    if change.old is None or change.new is None:
        verb = "Adds" if change.old is None else "Removes"
        return Opinion(
            Tier.LIGHTWEIGHT, "hcl-provider", f"{verb} the provider `{name}`, which makes nothing by itself."
        )
    return judged(change.block, [(leaf, _weight(leaf, name)) for leaf in change.leaves])


def _weight(leaf: Leaf, name: str) -> Weight:
    if leaf.keys[:1] == ("version",):
        return version_weight(leaf.old, leaf.new, f"`{name}`")
    if leaf.keys[:1] == ("constraints",):
        return Weight(Tier.LIGHTWEIGHT, "hcl-provider", "which versions are allowed")
    return Weight(Tier.NONE, "hcl-unchanged", "checksums of the same version")
