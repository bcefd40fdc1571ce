"""Kubernetes quantities (`500m`, `4Gi`) as numbers, to compare them. Kubernetes itself gets them as written.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

import re
from decimal import Decimal
from typing import Final

_QUANTITY: Final = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<suffix>[A-Za-z]*|[eE][+-]?[0-9]{1,2})")
_SUFFIXES: Final = {
    "": Decimal(1),
    **{
        suffix: Decimal(10) ** (3 * power)
        for suffix, power in zip("numkMGTPE", (-3, -2, -1, 1, 2, 3, 4, 5, 6), strict=True)
    },
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", start=1)},
}


def amount(quantity: str) -> Decimal:
    """What `quantity` amounts to, in cores or bytes.

    Raises:
        ValueError: It is not a quantity.
    """
    match = _QUANTITY.fullmatch(quantity)
    if match is None:
        raise ValueError(quantity)
    number, suffix = Decimal(match["number"]), match["suffix"]
    if suffix in _SUFFIXES:
        return number * _SUFFIXES[suffix]
    if suffix[:1] in {"e", "E"} and suffix[1:].lstrip("+-").isdigit():
        return number.scaleb(int(suffix[1:]))
    raise ValueError(quantity)
