"""What changed settings of Terraform itself ask for: versions, providers, the backend."""

from collections.abc import Iterable
from typing import Final

from eod.model.tier import Tier
from eod.tiers.hcl.blocks import VALUE, Block
from eod.tiers.hcl.difference import Leaf
from eod.tiers.hcl.steps import same_major
from eod.tiers.hcl.weight import Weight, by_class, judged
from eod.tiers.opinion import Opinion

_LIGHT_SETTINGS: Final = frozenset({"required_version", "provider_meta"})
_HARMLESS_PROVIDER: Final = frozenset({"alias", "version"})


def setting_made(block: Block, verb: str) -> Opinion:
    """An item of a `terraform` block that is added or removed."""
    weight = _setting(block)
    return Opinion(weight.tier, weight.rule, f"{verb} `{block.address}`: {weight.because}.")


def setting_touched(block: Block, leaves: Iterable[Leaf]) -> Opinion:
    """An item of a `terraform` block that changes."""
    weight = _setting(block)
    names = [leaf.shown for leaf in leaves]
    what = f"`{block.address}`" if names == [VALUE] else f"`{block.address}` ({', '.join(names[:3])})"
    return Opinion(weight.tier, weight.rule, f"Changes {what}: {weight.because}.")


def requirement_made(block: Block, verb: str) -> Opinion:
    """A provider that becomes required, or no longer is."""
    return Opinion(
        Tier.LIGHTWEIGHT, "hcl-provider", f"{verb} the provider `{block.address}`, which makes nothing by itself."
    )


def requirement_touched(block: Block, leaves: Iterable[Leaf]) -> Opinion:
    """A provider of which another version is required."""
    return judged(block, [(leaf, _requirement(leaf)) for leaf in leaves])


def provider_made(block: Block, verb: str) -> Opinion:
    """A provider's configuration that is added or removed."""
    if set(block.body) <= _HARMLESS_PROVIDER:
        return Opinion(Tier.LIGHTWEIGHT, "hcl-provider", f"{verb} `{block.address}`, which configures nothing.")
    return Opinion(Tier.FULL, "hcl-provider", f"{verb} `{block.address}`: where and as whom resources are made.")


def provider_touched(block: Block, leaves: Iterable[Leaf]) -> Opinion:
    """A provider's configuration that changes."""
    return judged(block, [(leaf, _provider(leaf)) for leaf in leaves])


def version_weight(old: object, new: object, what: str) -> Weight:
    """Another version of a provider: a major one may plan anything."""
    if same_major(old, new):
        return Weight(Tier.LIGHTWEIGHT, "hcl-provider", f"another version of {what}, of the same major")
    return Weight(Tier.FULL, "hcl-provider", f"another major version of {what}, which may plan anything")


def _setting(block: Block) -> Weight:
    name = block.labels[0] if block.labels else ""
    if name in _LIGHT_SETTINGS:
        return Weight(Tier.LIGHTWEIGHT, "hcl-terraform", "which Terraform may run it")
    if name in {"backend", "cloud"}:
        return Weight(Tier.FULL, "hcl-backend", "where the state is kept")
    return Weight(Tier.FULL, "hcl-terraform", "how Terraform itself works")


def _requirement(leaf: Leaf) -> Weight:
    name = leaf.keys[0] if leaf.keys else ""
    if name == "version" and leaf.old is not None and leaf.new is not None:
        return version_weight(leaf.old, leaf.new, "the provider")
    if name == "source" and leaf.old is not None:
        return Weight(Tier.FULL, "hcl-provider", "another provider altogether")
    return Weight(Tier.LIGHTWEIGHT, "hcl-provider", "which versions are allowed")


def _provider(leaf: Leaf) -> Weight:
    name = leaf.keys[0] if leaf.keys else ""
    if name == "version" and leaf.old is not None and leaf.new is not None:
        return version_weight(leaf.old, leaf.new, "the provider")
    if name == "default_labels":
        return Weight(Tier.NONE, "hcl-labels", "tags and descriptions")
    known = by_class(leaf, "provider")
    return known or Weight(Tier.FULL, "hcl-provider", "where and as whom resources are made")
