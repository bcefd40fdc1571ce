"""What to make of an error message: whether it may pass, and what to do about it (`faults.toml`).

Messages come from outside. They are looked at and never interpreted further.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Final

from msgspec import Struct, field

from eod.data import read
from eod.data.wildcards import matches

MESSAGE_LIMIT: Final = 20_000
"""Characters of a message that are looked at."""

_DECORATION: Final = re.compile(r"\x1b\[[0-9;]*m|[│╷╵|\s]+")


class FaultClass(StrEnum):
    """Kinds of faults; `faults.toml` says what each means."""

    TRANSIENT = "transient"
    CONFLICT = "conflict"
    REPLAN = "replan"
    ORPHAN = "orphan"
    BLOCKED = "blocked"
    LOST_STATE = "lost-state"
    PERMANENT = "permanent"


class FaultRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the catalogue. `attempts` are further tries; `delay` is in seconds, before the first of them."""

    id: str
    pattern: str
    fault_class: FaultClass = field(name="class")
    reason: str
    source: str
    fix: str = ""
    types: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    attempts: int = 0
    delay: float = 0.0
    lower_parallelism: bool = False


class Fault(Struct, frozen=True, kw_only=True):
    """What we make of a message. `rule` is empty when no rule knows it."""

    rule: str
    fault_class: FaultClass
    reason: str
    fix: str
    attempts: int = 0
    delay: float = 0.0
    lower_parallelism: bool = False
    message: str = ""

    @property
    def retryable(self) -> bool:
        """Whether another try is worth anything."""
        return self.attempts > 0


class _Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    rules: tuple[FaultRule, ...]


def classify(
    message: str,
    resource_type: str = "",
    operation: str = "",
    *,
    created_types: frozenset[str] = frozenset(),
    extra: Iterable[FaultRule] = (),
) -> Fault:
    """What to make of `message`.

    Args:
        message: Summary and detail of a diagnostic, or what a process printed.
        resource_type: The type of the resource that it is about, if it is about one.
        operation: init, plan, apply or destroy.
        created_types: Types of which this run created a resource.
        extra: Rules that are asked before the catalogue.
    """
    text = _DECORATION.sub(" ", message[:MESSAGE_LIMIT])
    for rule in (*extra, *catalogue()):
        if _applies(rule, text, resource_type, operation, created_types):
            return Fault(
                rule=rule.id,
                fault_class=rule.fault_class,
                reason=rule.reason,
                fix=rule.fix,
                attempts=rule.attempts,
                delay=rule.delay,
                lower_parallelism=rule.lower_parallelism,
                message=message,
            )
    return Fault(
        rule="",
        fault_class=FaultClass.PERMANENT,
        reason="This is no fault that is known to pass by itself, so it was not tried again.",
        fix="Correct what the message says; if it does pass by itself, re-run the job.",
        message=message,
    )


@cache
def catalogue() -> tuple[FaultRule, ...]:
    """The rules that ship with the package, in the order in which they are asked."""
    return read("faults", _Catalogue).rules


def _applies(
    rule: FaultRule, text: str, resource_type: str, operation: str, created_types: frozenset[str]
) -> bool:
    if rule.operations and operation and operation not in rule.operations:
        return False
    if rule.types and not any(matches(pattern, resource_type) for pattern in rule.types):
        return False
    if rule.created and not created_types.intersection(rule.created):
        return False
    return _compiled(rule.pattern).search(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
