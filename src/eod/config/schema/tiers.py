"""Which tier a change asks for, who may overrule that, and what environments of a tier get."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from eod.config.schema.values import Capability, Hours, Money, Section, Text, Variables
from eod.model.tier import Tier


class TierSettings(Section, frozen=True):
    """What environments of one tier get."""

    capabilities: Annotated[
        tuple[Capability, ...] | None,
        Meta(description="What it gets of its own; passed as `enable_<capability>`."),
    ] = None
    terraform: Annotated[bool | None, Meta(description="Whether Terraform runs for this tier.")] = None
    ttl_hours: Annotated[Hours | None, Meta(description="Hours until the sweep removes it.")] = None
    variables: Annotated[
        Variables, Meta(description="Terraform variables for this tier only; texts take placeholders.")
    ] = field(default_factory=dict)
    cost_per_day: Annotated[Money | None, Meta(description="US dollars a day, shown to reviewers.")] = None


class Rule(Section, frozen=True):
    """Changed files that match one of `paths` ask for `tier`. Patterns are those of `.gitignore`."""

    paths: Annotated[tuple[Text, ...], Meta(min_length=1, description="gitignore patterns.")]
    tier: Annotated[Tier, Meta(description="The tier that a match asks for.")]
    reason: Annotated[str, Meta(description="Shown to the reader beside each file that matched.")] = ""
    name: Annotated[str, Meta(description="The rule's name in the evidence; default: its first pattern.")] = ""


class Critical(Section, frozen=True):
    """What must never be tried with shared resources, whatever the built-in rules make of it."""

    paths: Annotated[
        tuple[Text, ...], Meta(description="gitignore patterns of files that ask for `full` whenever they run.")
    ] = ()
    owners: Annotated[
        tuple[Text, ...],
        Meta(description="Owners as CODEOWNERS writes them (`@org/payments`): what they own asks for `full`."),
    ] = ()


class Words(Section, frozen=True):
    """Words that make a changed file sensitive, in its path or in its changed lines."""

    add: Annotated[tuple[Text, ...], Meta(description="Further words; a final `*` stands for the rest.")] = ()
    remove: Annotated[tuple[Text, ...], Meta(description="Built-in words that mean something else here.")] = ()


class Mismatch(StrEnum):
    """What happens when a plan holds more than the verdict's tier allows."""

    RAISE = "raise"
    FAIL = "fail"


class Permission(StrEnum):
    """Permissions on a repository, as GitHub names its roles, from weak to strong."""

    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"


class Overrule(Section, frozen=True):
    """When people and plans overrule the verdict."""

    permission: Annotated[
        Permission, Meta(description="What somebody needs to force a tier below `full` where `full` was found.")
    ] = Permission.MAINTAIN
    plan: Annotated[
        Mismatch,
        Meta(description="A plan that holds more than the tier allows: `raise` the tier, or `fail`."),
    ] = Mismatch.RAISE
