"""Changed files become evidence, evidence becomes a verdict."""

from eod.config import Config
from eod.config.tiers import resolve_tier
from eod.model.change import ChangeSet
from eod.model.tier import Evidence, Verdict, strictest
from eod.tiers.case import Case
from eod.tiers.examine import Examination, examine
from eod.tiers.examiners import examiners_for
from eod.tiers.labels import forced_by_input, forced_by_labels
from eod.tiers.ports import HclParser, Repository


def classify(
    changes: ChangeSet,
    config: Config,
    repository: Repository | None = None,
    *,
    hcl: HclParser | None = None,
    labels: tuple[str, ...] = (),
    forced: str | None = None,
) -> Verdict:
    """The tier that `changes` need, and why.

    The strictest evidence wins; a label overrules the evidence, and `forced` overrules both.

    Args:
        changes: What the pull request changes.
        config: The configuration of the base branch.
        repository: Where content is read; without it only paths are judged.
        hcl: The parser of HCL.
        labels: All labels of the pull request.
        forced: The tier that an input names, or nothing.

    Raises:
        UsageError: `forced` names no tier.
    """
    examined = examinations(Case(changes, config, repository, hcl))
    evidence = tuple(sorted((each.evidence for each in examined), key=_by_path))
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


def examinations(case: Case) -> tuple[Examination, ...]:
    """What was found about each changed file, in the order of the changes."""
    examiners = examiners_for(case.config)
    return tuple(examine(file, case, examiners) for file in case.files)


def _by_path(evidence: Evidence) -> tuple[str, int, str, str]:
    return evidence.path, evidence.tier.rank, evidence.rule, evidence.reason
