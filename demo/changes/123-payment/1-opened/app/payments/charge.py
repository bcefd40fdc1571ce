"""What a charge is, and which ones are refused before anybody's bank is asked."""

from dataclasses import dataclass

LARGEST_CENTS = 50_000


class RefusedError(ValueError):
    """The charge is refused; the text says why."""


@dataclass(frozen=True)
class Charge:
    """One payment for one order. The order's number makes it safe to send twice."""

    order: str
    cents: int


def parse(body: dict[str, object]) -> Charge:
    """Read a charge from a request's body.

    Raises:
        RefusedError: The order or the amount makes no sense.
    """
    order, cents = body.get("order"), body.get("cents")
    if not isinstance(order, str) or not order:
        raise RefusedError("a charge needs an order")
    if not isinstance(cents, int) or isinstance(cents, bool) or not 0 < cents <= LARGEST_CENTS:
        raise RefusedError(f"a charge is between 1 and {LARGEST_CENTS} cents")
    return Charge(order=order, cents=cents)
