"""What a resource costs for as long as it exists (`prices.toml`)."""

from functools import cache

from msgspec import Struct

from eod.data import read


class _Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    types: tuple[str, ...]
    dollars_per_hour: float
    source: str


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    prices: tuple[_Price, ...]


def price_of(resource_type: str) -> float | None:
    """Dollars an hour, at the least; `None` for a type whose price is not known."""
    return _prices().get(resource_type)


@cache
def _prices() -> dict[str, float]:
    table = read("prices", _Table)
    return {name: price.dollars_per_hour for price in table.prices for name in price.types}
