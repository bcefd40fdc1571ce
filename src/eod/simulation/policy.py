"""Ways to choose tiers, and what they come to: minutes waited, dollars spent, changes tried with too little."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from eod.config import Config
from eod.config.tiers import built_in_tiers, resolve_tier
from eod.model.history import Judged
from eod.model.tier import Tier

HOURS_A_DAY = 24


class Sum(Struct, frozen=True, kw_only=True):
    """What one policy comes to. `short` counts the changes that get less than their evidence asks for."""

    name: str
    minutes: float
    dollars: float
    short: int


class Rates(Struct, frozen=True, kw_only=True):
    """What one environment of a tier takes: minutes until usable, dollars a day, hours that it may live."""

    minutes: float
    dollars_per_day: float
    ttl_hours: float

    def dollars(self, hours: float | None) -> float:
        """The cost of one that lives `hours`, or its whole time where that is not known."""
        lived = self.ttl_hours if hours is None else min(max(hours, 1.0), self.ttl_hours)
        return self.dollars_per_day * lived / HOURS_A_DAY


def rates_of(config: Config) -> dict[Tier, Rates]:
    """The rates of every tier; minutes are the middle of the usual range."""
    rates = {}
    for tier, built_in in built_in_tiers().items():
        settings = resolve_tier(config, tier)
        nothing = tier is Tier.NONE
        rates[tier] = Rates(
            minutes=0.0 if nothing else sum(built_in.minutes) / 2,
            dollars_per_day=0.0 if nothing else settings.cost_per_day or 0.0,
            ttl_hours=settings.ttl_hours or HOURS_A_DAY,
        )
    return rates


def add_up(name: str, judged: Iterable[Judged], rates: dict[Tier, Rates], choose: Callable[[Tier], Tier]) -> Sum:
    """What it comes to when `choose` says what a change of some tier gets."""
    minutes = dollars = 0.0
    short = 0
    for each in judged:
        if each.tier is None:
            continue
        given = choose(each.tier)
        minutes += rates[given].minutes
        dollars += rates[given].dollars(each.hours)
        short += given.rank < each.tier.rank
    return Sum(name=name, minutes=minutes, dollars=dollars, short=short)
