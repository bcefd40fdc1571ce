"""What to make of an error message: whether it may pass, and what to do about it (`data/faults/`).

Messages come from outside. They are looked at and never interpreted further.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import msgspec
from msgspec import Struct, field

from eod.config.patterns import Pattern, Text
from eod.data import read
from eod.data.wildcards import matches
from eod.model.fault import Clearing, FaultClass
from eod.terraform.messages import Said, read_diagnostic, read_message
from eod.terraform.sensitive import MASK

CATALOGUE: Final = (
    "core", "access", "aws", "kubernetes", "google", "azure", "services", "exists", "init", "configuration",
    "network",
)  # fmt: skip
"""The files of the catalogue, in the order in which their rules are asked."""
UNKNOWN: Final = "unknown"
"""The rule of a fault that no rule knows."""


SUGGESTED: Final = 60
"""Characters of a message in the pattern that makes it known."""


class FaultRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the catalogue; `faults/core.toml` says what its fields mean. `delay` is in seconds."""

    id: str
    any: tuple[str, ...]
    all: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    fault_class: FaultClass = field(name="class")
    reason: str
    source: str
    fix: str = ""
    types: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    likely: bool = False
    attempts: int = 0
    delay: float = 0.0
    lower_parallelism: bool = False
    clears: Clearing | None = None


class Fault(Struct, frozen=True, kw_only=True):
    """What we make of a message. `rule` is `UNKNOWN` when no rule knows it."""

    rule: str
    fault_class: FaultClass
    reason: str
    fix: str
    attempts: int = 0
    delay: float = 0.0
    lower_parallelism: bool = False
    clears: Clearing | None = None
    message: str = ""
    resource_type: str = ""

    @property
    def retryable(self) -> bool:
        """Whether another try is worth anything."""
        return self.attempts > 0


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    rules: tuple[FaultRule, ...]


_SEVEREST_FIRST: Final = (
    FaultClass.LOST_STATE,
    FaultClass.PERMANENT,
    FaultClass.ORPHAN,
    FaultClass.BLOCKED,
    FaultClass.REPLAN,
    FaultClass.CONFLICT,
    FaultClass.TRANSIENT,
)


def worst(faults: Sequence[Fault]) -> Fault:
    """The fault that decides.

    One that will not pass comes before all that may: as long as it is there, trying again only repeats it. Of
    those, a state that could not be saved is first, because everything that is done before it is recovered makes
    the loss greater; then what needs a change by a person, then what has to be adopted, then what has to go. Of
    those that may pass, the one that asks for most comes first: a new plan, then somebody else's end, then time.
    """
    return min(faults, key=lambda fault: (fault.retryable, _SEVEREST_FIRST.index(fault.fault_class)))


def classify(
    message: str,
    resource_type: str = "",
    operation: str = "",
    *,
    created_types: frozenset[str] | None = None,
    extra: Iterable[FaultRule] = (),
) -> Fault:
    """What to make of `message`; of several diagnostics in it, of the worst.

    Args:
        message: What a process printed, or a diagnostic with its head.
        resource_type: The type of the resource that it is about; where it says so itself, that counts.
        operation: init, plan, apply or destroy; empty to tell it from the message.
        created_types: Types of which this run created a resource; `None` if only the message can tell.
        extra: Rules that are asked before the catalogue.
    """
    found = read_message(message)
    made = (found.created_types or None) if created_types is None else created_types
    rules = (*extra, *catalogue())
    return worst(
        [
            _judge(
                one,
                resource_type=one.resource_type or resource_type,
                operation=operation,
                created=made,
                rules=rules,
                message=message,
            )
            for one in found.said
        ]
    )


def classify_diagnostic(
    text: str,
    resource_type: str,
    operation: str,
    *,
    created_types: frozenset[str],
    extra: Iterable[FaultRule] = (),
) -> Fault:
    """What to make of one diagnostic, whatever stands in it. Arguments as for `classify`."""
    said = read_diagnostic(text)
    return _judge(
        said,
        resource_type=resource_type or said.resource_type,
        operation=operation,
        created=created_types,
        rules=(*extra, *catalogue()),
        message=text,
    )


@cache
def catalogue() -> tuple[FaultRule, ...]:
    """The rules that ship with the package, in the order in which they are asked."""
    return tuple(rule for name in CATALOGUE for rule in read(f"faults/{name}", _File).rules)


def _judge(
    said: Said,
    *,
    resource_type: str,
    operation: str,
    created: frozenset[str] | None,
    rules: Iterable[FaultRule],
    message: str,
) -> Fault:
    text = Text(said.text)
    operations = {operation or said.operation, "destroy" if said.operation == "destroy" else ""} - {""}
    for rule in rules:
        if _concerns(rule, resource_type, operations, created) and _fits(rule, text):
            return Fault(
                rule=rule.id,
                fault_class=rule.fault_class,
                reason=rule.reason,
                fix=rule.fix,
                attempts=rule.attempts,
                delay=rule.delay,
                lower_parallelism=rule.lower_parallelism,
                clears=rule.clears,
                message=message,
                resource_type=resource_type,
            )
    return Fault(
        rule=UNKNOWN,
        fault_class=FaultClass.PERMANENT,
        reason="No rule knows this fault, so it was not tried again.",
        fix="Correct what the message says. If it does pass by itself, add to `.github/eod.yml`:\n"
        + suggestion(said),
        message=message,
        resource_type=resource_type,
    )


def suggestion(said: Said) -> str:
    """The lines of YAML that make a fault known in one's configuration."""
    words = said.text.replace("`", "'")
    if len(words) > SUGGESTED:
        words = words[:SUGGESTED].rsplit(" ", 1)[0]
    said_around = (part for part in words.split(MASK) if part.strip())  # of what is hidden
    pattern = ".*".join(map(_escaped, said_around)) or "words of the message"
    lines = [
        "terraform:",
        "  faults:",
        f"    - pattern: {msgspec.json.encode(pattern).decode()}",
        "      class: transient",
        '      reason: "Why it passes by itself."',
        "      attempts: 2",
        "      delay-seconds: 60",
    ]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    printable = "".join(char for char in text if char.isprintable())
    return "".join(f"\\{char}" if char in r"\.^$*+?{}[]|()" else char for char in printable)


def _concerns(rule: FaultRule, resource_type: str, operations: set[str], created: frozenset[str] | None) -> bool:
    if rule.operations and operations and operations.isdisjoint(rule.operations):
        return False
    if rule.types and not any(matches(pattern, resource_type) for pattern in rule.types):
        return False
    if not rule.created:
        return True
    return rule.likely if created is None else not created.isdisjoint(rule.created)


def _fits(rule: FaultRule, text: Text) -> bool:
    return (
        any(_pattern(each).found_in(text) for each in rule.any)
        and all(_pattern(each).found_in(text) for each in rule.all)
        and not any(_pattern(each).found_in(text) for each in rule.unless)
    )


@cache
def _pattern(source: str) -> Pattern:
    return Pattern(source)
