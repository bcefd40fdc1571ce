"""The plan has the last word: what it will really make, against what the tier allows."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct, structs

from eod.config import Config, Mismatch
from eod.config.tiers import known_capabilities, resolve_tier
from eod.data.kinds import kind_of
from eod.model.plan import Plan, ResourceChange
from eod.model.tier import PLAN_RULE, Evidence, Tier, Verdict

_SHOWN: Final = 3


class Finding(StrEnum):
    """How a plan and a tier go together."""

    FITS = "fits"
    RAISED = "raised"
    REFUSED = "refused"
    TOLERATED = "tolerated"
    """It holds more, and a person who may has chosen the tier."""

    LESS = "less"
    """A lighter tier would do."""


class Confirmation(Struct, frozen=True, kw_only=True):
    """What the plan says of the verdict.

    `verdict` is the one that counts from here on; where it was raised it has the resources that did it among its
    evidence. `beyond` are the resources that the tier did not allow. `reason` is a sentence for the reader, empty
    where there is nothing to say.
    """

    finding: Finding
    verdict: Verdict
    beyond: tuple[ResourceChange, ...] = ()
    reason: str = ""


def confirm(verdict: Verdict, plan: Plan, config: Config, *, first: bool = True) -> Confirmation:
    """Compare what `plan` makes and changes with what the tier allows.

    A tier allows its capabilities, and `full` everything. What counts is every resource whose kind is a capability
    of some tier, and every other that people would wait for (a cluster, a cache); parts of such things (a queue's
    policy, an object in a bucket) do not, and neither does what is destroyed.

    Args:
        verdict: What the changed files asked for.
        plan: What Terraform would do.
        config: The configuration of the base branch.
        first: Whether the plan is for an environment that has nothing yet. Only then does a plan that holds little
            say that little is needed.
    """
    held = _held(plan, config)
    allowed = frozenset(_normal(name) for name in verdict.capabilities)
    beyond = tuple(change for need, changes in held.items() if need not in allowed for change in changes)
    if verdict.tier is Tier.FULL or not beyond:
        return _fitting(verdict, frozenset(held), config, first=first)
    needed = _lightest(frozenset(held), config, above=verdict.tier)
    reason = f"{_sentence(beyond)}, which tier `{verdict.tier}` does not allow"
    if verdict.forced_by:
        reason = f"{reason}; {verdict.forced_by} asks for that tier all the same."
        return Confirmation(finding=Finding.TOLERATED, verdict=verdict, beyond=beyond, reason=reason)
    if config.overrule.plan is Mismatch.FAIL:
        return Confirmation(finding=Finding.REFUSED, verdict=verdict, beyond=beyond, reason=f"{reason}.")
    return Confirmation(
        finding=Finding.RAISED,
        verdict=_raised(verdict, needed, beyond, config),
        beyond=beyond,
        reason=f"{reason}: the tier is `{needed}`.",
    )


def _held(plan: Plan, config: Config) -> Mapping[str, list[ResourceChange]]:
    """What the plan makes or changes that weighs, by capability."""
    capabilities = frozenset(_normal(name) for name in known_capabilities(config))
    held: dict[str, list[ResourceChange]] = {}
    for change in plan.changes:
        kind, need = kind_of(change.type), _normal(change.kind)
        if not {"create", "update"} & set(change.actions) or kind.part or not need:
            continue
        if need in capabilities or kind.blocking:
            held.setdefault(need, []).append(change)
    return held


def _fitting(verdict: Verdict, held: frozenset[str], config: Config, *, first: bool) -> Confirmation:
    lighter = _lightest(held, config, above=Tier.NONE)
    if not first or verdict.forced_by or lighter.rank >= verdict.tier.rank:
        return Confirmation(finding=Finding.FITS, verdict=verdict)
    reason = f"What the plan makes would also fit tier `{lighter}`; the changed files ask for `{verdict.tier}`."
    return Confirmation(finding=Finding.LESS, verdict=verdict, reason=reason)


def _lightest(held: frozenset[str], config: Config, *, above: Tier) -> Tier:
    """The lightest tier above another one that runs Terraform and allows all of `held`."""
    for tier in Tier:
        settings = resolve_tier(config, tier)
        allowed = {_normal(name) for name in settings.capabilities or ()}
        if tier.rank > above.rank and settings.terraform and held <= allowed:
            return tier
    return Tier.FULL


def _raised(verdict: Verdict, tier: Tier, beyond: Iterable[ResourceChange], config: Config) -> Verdict:
    evidence = tuple(
        Evidence(
            path=change.address,
            tier=tier,
            rule=PLAN_RULE,
            reason=f"The plan holds it: {_title(change)}, which tier `{verdict.tier}` does not allow.",
        )
        for change in beyond
    )
    return structs.replace(
        verdict,
        tier=tier,
        capabilities=resolve_tier(config, tier).capabilities or (),
        evidence=(*verdict.evidence, *evidence),
    )


def _sentence(beyond: tuple[ResourceChange, ...]) -> str:
    shown = ", ".join(f"`{change.address}` ({_title(change)})" for change in beyond[:_SHOWN])
    more = f" and {len(beyond) - _SHOWN} more" if len(beyond) > _SHOWN else ""
    return f"The plan holds {shown}{more}"


def _title(change: ResourceChange) -> str:
    title = kind_of(change.type).title
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _normal(name: str) -> str:
    """Capabilities are written with either, kinds with dashes."""
    return name.replace("_", "-")
