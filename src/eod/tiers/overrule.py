"""Who may overrule the evidence, and what is kept of it. Pure.

Anybody who may label may force a tier; only forcing below `full` what asks for `full` takes a permission.
"""

from datetime import datetime

from msgspec import Struct, structs

from eod.config import Config, Permission
from eod.config.nearest import clip
from eod.model.people import Role
from eod.model.tier import How, Overrule, Tier, Verdict
from eod.tiers.verdict import found_in, verdict_of


class Overruler(Struct, frozen=True, kw_only=True):
    """Who forced a tier, as far as it could be found out.

    `by` is a login, empty if unknown; `person` is false for Apps and workflows. `role` is `None` when GitHub could
    not be asked; `trouble` then says why, as the end of a sentence.
    """

    how: How
    by: str = ""
    at: datetime | None = None
    person: bool = True
    role: Role | None = None
    trouble: str = ""


def lowers_full(verdict: Verdict) -> bool:
    """Whether somebody forced less than `full` on files that ask for `full`."""
    return bool(verdict.forced_by) and verdict.tier is not Tier.FULL and found_in(verdict.evidence) is Tier.FULL


def refusal(overruler: Overruler, tier: Tier, name: str, needed: Permission) -> str:
    """Why `overruler` may not lower `full` to `tier`, as sentences for the reader; empty when it stands.

    Args:
        overruler: Who forced it.
        tier: The tier that was forced.
        name: The label or input that forced it.
        needed: The permission that the configuration asks for.
    """
    if overruler.trouble:
        cause = overruler.trouble
    elif not overruler.by:
        cause = "GitHub does not tell who asked for it"
    elif not overruler.person:
        cause = f"`{clip(overruler.by)}` is no person"
    elif overruler.role is None:
        cause = f"GitHub does not tell what `@{clip(overruler.by)}` may"
    elif not overruler.role.reaches(needed):
        cause = f"`@{clip(overruler.by)}` has `{overruler.role}`"
    else:
        return ""
    return (
        f"{_subject(overruler.how, name)} has no effect: lowering `full` to `{tier}` needs a person with the "
        f"permission `{needed}`, and {cause}."
    )


def refused(verdict: Verdict, config: Config) -> Verdict:
    """What the files ask for: `verdict` without whoever forced it."""
    return verdict_of(verdict.evidence, config)


def kept(verdict: Verdict, overruler: Overruler) -> Verdict:
    """`verdict` with who forced it; unchanged when nobody did."""
    if verdict.forced_by is None:
        return verdict
    return structs.replace(
        verdict,
        overrule=Overrule(
            tier=verdict.tier,
            found=found_in(verdict.evidence),
            how=overruler.how,
            name=verdict.forced_by,
            by=overruler.by,
            at=overruler.at,
        ),
    )


def remembered(verdict: Verdict, former: Overrule | None) -> Verdict:
    """`verdict` with who and when from `former`, where it is the same label and nobody was asked this time."""
    overrule = verdict.overrule
    if overrule is None or overrule.by or former is None:
        return verdict
    if (former.tier, former.name) != (overrule.tier, overrule.name):
        return verdict
    return structs.replace(verdict, overrule=structs.replace(overrule, how=former.how, by=former.by, at=former.at))


def _subject(how: How, name: str) -> str:
    return {
        How.LABEL: f"The label `{clip(name)}`",
        How.INPUT: "The input `tier`",
        How.COMMENT: "The comment",
    }[how]
