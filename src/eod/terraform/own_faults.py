"""Rules of a team's own, from its configuration."""

from collections.abc import Iterable
from typing import Final

from eod.config import Fault
from eod.terraform.faults import FaultRule

OWN_ATTEMPTS: Final = 2
"""Further tries of a fault that may pass, where the configuration does not say."""


def own_rules(faults: Iterable[Fault], source: str = ".github/eod.yml") -> tuple[FaultRule, ...]:
    """What the configuration says, as rules that are asked before the catalogue."""
    return tuple(_rule(fault, f"{source}: terraform.faults[{index}]") for index, fault in enumerate(faults))


def _rule(fault: Fault, name: str) -> FaultRule:
    usual = OWN_ATTEMPTS if fault.fault_class.may_pass else 0
    return FaultRule(
        id=name,
        any=(fault.pattern,),
        fault_class=fault.fault_class,
        reason=fault.reason,
        source=name,
        fix="" if fault.fault_class.may_pass else "Do what your team's rule says.",
        types=fault.types,
        operations=tuple(str(operation) for operation in fault.operations),
        attempts=usual if fault.attempts is None else fault.attempts,
        delay=fault.delay_seconds,
    )
