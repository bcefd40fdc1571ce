"""From evidence to a verdict: the strictest piece wins, unless somebody overrules it."""

from eod.config import Config
from eod.config.tiers import resolve_tier
from eod.model.tier import Evidence, Tier, Verdict, strictest
from eod.tiers.labels import forced_by_input, forced_by_labels


def verdict_of(
    evidence: tuple[Evidence, ...], config: Config, *, labels: tuple[str, ...] = (), forced: str | None = None
) -> Verdict:
    """The tier that `evidence` asks for, or the one that is forced. `forced` overrules labels.

    Raises:
        UsageError: `forced` names no tier.
    """
    found = found_in(evidence)
    by_label, notes = forced_by_labels(labels, config.labels.prefix)
    chosen = forced_by_input(forced) or by_label
    tier = chosen.tier if chosen else found
    if not evidence:
        notes = (*notes, "No file has changed.")
    if chosen and tier.rank < found.rank:
        notes = (*notes, f"The changed files ask for tier {found}; {chosen.by} lowers it to {tier}.")
    return Verdict(
        tier=tier,
        capabilities=resolve_tier(config, tier).capabilities or (),
        evidence=evidence,
        forced_by=chosen.by if chosen else None,
        notes=notes,
    )


def found_in(evidence: tuple[Evidence, ...]) -> Tier:
    """What the changed files ask for, whoever overrules it."""
    return strictest(*(each.tier for each in evidence))
