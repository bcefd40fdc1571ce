"""What policies say of a plan, as plain data."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """What follows from a finding; `UNKNOWN` cannot be told before the apply."""

    REFUSED = "refused"
    WARNED = "warned"
    UNKNOWN = "unknown"


class Exposure(Struct, frozen=True, kw_only=True):
    """Something in a plan that lets anybody reach what is stored. No value of the plan is in it.

    `certain` is false where that is known only after the apply. `permits`: it opens nothing by itself.
    """

    address: str
    what: str
    way_out: str
    certain: bool = True
    permits: bool = False


class PolicyFinding(Struct, frozen=True, kw_only=True):
    """One thing that a policy has to say of a plan. `what` and `way_out` are sentences."""

    rule: str
    address: str
    severity: Severity
    what: str
    way_out: str
