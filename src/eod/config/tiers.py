"""What an environment of a tier gets: the built-in table, overruled by the configuration."""

from functools import cache

from msgspec import Struct

from eod import data
from eod.config.schema.file import Config
from eod.config.schema.tiers import TierSettings
from eod.model.tier import Tier


class BuiltInTier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tier of `data/tiers.toml`. `minutes` are the target times until usable, low and high."""

    name: Tier
    capabilities: tuple[str, ...]
    terraform: bool
    cost_per_day: float
    minutes: tuple[float, float]
    source: str


class _Table(Struct, frozen=True):
    tiers: tuple[BuiltInTier, ...]


@cache
def built_in_tiers() -> dict[Tier, BuiltInTier]:
    """The built-in tiers by name, from none to full."""
    return {tier.name: tier for tier in data.read("tiers", _Table).tiers}


def resolve_tier(config: Config, tier: Tier) -> TierSettings:
    """What environments of `tier` get, with every setting filled in.

    Without a `terraform` section no tier runs Terraform.
    """
    built_in = built_in_tiers()[tier]
    own = config.tiers.get(tier, TierSettings())
    terraform = built_in.terraform if own.terraform is None else own.terraform
    return TierSettings(
        capabilities=built_in.capabilities if own.capabilities is None else own.capabilities,
        terraform=terraform and config.terraform is not None,
        ttl_hours=config.ttl.hours if own.ttl_hours is None else own.ttl_hours,
        variables=own.variables,
        cost_per_day=built_in.cost_per_day if own.cost_per_day is None else own.cost_per_day,
    )


def known_capabilities(config: Config) -> frozenset[str]:
    """Every capability that any tier can give: those that a tier lacks are passed as disabled."""
    return frozenset(name for tier in Tier for name in resolve_tier(config, tier).capabilities or ())
