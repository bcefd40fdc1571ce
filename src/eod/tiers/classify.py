"""Changed files become evidence, evidence becomes a verdict."""

from collections.abc import Sequence

from eod.config import Config
from eod.config.tiers import resolve_tier
from eod.model.change import ChangeKind, ChangeSet, FileChange
from eod.model.tier import Evidence, Tier, Verdict, strictest
from eod.tiers.labels import forced_by_input, forced_by_labels
from eod.tiers.rules import Match, Rule, rules_for

_UNMATCHED = "unmatched"


def classify(
    changes: ChangeSet, config: Config, *, labels: tuple[str, ...] = (), forced: str | None = None
) -> Verdict:
    """The tier that `changes` need, and why.

    The strictest evidence wins; a label overrules the evidence, and `forced` overrules both.

    Args:
        changes: What the pull request changes.
        config: The configuration of the base branch.
        labels: All labels of the pull request.
        forced: The tier that an input names, or nothing.

    Raises:
        UsageError: `forced` names no tier.
    """
    rules = rules_for(config)
    evidence = tuple(sorted((_evidence(file, rules, config) for file in changes.files), key=_by_path))
    found = strictest(*(each.tier for each in evidence))
    by_label, notes = forced_by_labels(labels, config.labels.prefix)
    chosen = forced_by_input(forced) or by_label
    tier = chosen.tier if chosen else found
    if not changes.files:
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


def _evidence(file: FileChange, rules: Sequence[Rule], config: Config) -> Evidence:
    """What one file asks for. A renamed one counts at both its places: it is gone from the first."""
    match = _first(file.path, file.kind, rules, config)
    if file.kind is ChangeKind.RENAMED and file.old_path is not None:
        before = _first(file.old_path, file.kind, rules, config)
        if before.tier.rank > match.tier.rank:
            match = before._replace(reason=f"{before.reason} It was moved from there.")
    return Evidence(path=file.path, tier=match.tier, rule=match.rule, reason=match.reason)


def _first(path: str, kind: ChangeKind, rules: Sequence[Rule], config: Config) -> Match:
    for rule in rules:
        match = rule.match(path, kind)
        if match:
            return match
    tier = config.default_tier or Tier.FULL
    return Match(tier, _UNMATCHED, f"No rule knows such files, and `default-tier` is {tier}.")


def _by_path(evidence: Evidence) -> tuple[str, int, str, str]:
    return evidence.path, evidence.tier.rank, evidence.rule, evidence.reason
