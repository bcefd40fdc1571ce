"""Resource quantities: `250m`, `4Gi`, `1e3`."""

import re
from decimal import Decimal
from typing import Final

_SUFFIXES: Final = {
    "": Decimal(1), "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "k": Decimal(10**3),
    "M": Decimal(10**6), "G": Decimal(10**9), "T": Decimal(10**12), "P": Decimal(10**15), "E": Decimal(10**18),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30), "Ti": Decimal(2**40), "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}  # fmt: skip

_QUANTITY: Final = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$")


def parse_quantity(text: str | float) -> Decimal:
    """The amount that a quantity stands for.

    Raises:
        ValueError: The text is no quantity.
    """
    found = _QUANTITY.match(str(text))
    if not found:
        raise ValueError(f"quantities must match the regular expression of resource.Quantity: {text!r}")
    number, exponent, suffix = found.groups()
    if exponent is not None:
        return Decimal(number) * Decimal(10) ** int(exponent)
    return Decimal(number) * _SUFFIXES[suffix or ""]


def format_quantity(amount: Decimal, like: str | float = "") -> str:
    """The amount in the notation family of `like`: binary suffixes stay binary, fractions become milli."""
    if amount == 0:
        return "0"
    binary = str(like).endswith("i")
    if amount != amount.to_integral_value():
        return f"{int((amount * 1000).to_integral_value(rounding='ROUND_UP'))}m"
    whole = int(amount)
    families = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki") if binary else ("E", "P", "T", "G", "M", "k")
    for suffix in families:
        size = int(_SUFFIXES[suffix])
        if whole % size == 0:
            return f"{whole // size}{suffix}"
    return str(whole)
