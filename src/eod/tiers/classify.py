"""Changed files become evidence, evidence becomes a verdict."""

from collections.abc import Iterable

from eod.config import Config
from eod.model.change import ChangeSet
from eod.model.tier import Evidence, Verdict
from eod.tiers.case import Case
from eod.tiers.examine import Examination, examine
from eod.tiers.examiners import examiners_for
from eod.tiers.ports import HclParser, Repository
from eod.tiers.verdict import verdict_of

_AT_ONCE = 32
"""Files whose content is read in one go."""


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
    evidence = (each.evidence for each in examinations(Case(changes, config, repository, hcl)))
    return conclude(evidence, config, labels=labels, forced=forced)


def conclude(
    evidence: Iterable[Evidence], config: Config, *, labels: tuple[str, ...] = (), forced: str | None = None
) -> Verdict:
    """The verdict on all files' evidence, in whatever order it comes.

    Raises:
        UsageError: `forced` names no tier.
    """
    return verdict_of(tuple(sorted(evidence, key=_by_path)), config, labels=labels, forced=forced)


def examinations(case: Case, first: int = 0, last: int | None = None) -> tuple[Examination, ...]:
    """What was found about each changed file, in the order of the changes. No content is kept.

    Args:
        case: All changes: a file may be judged by what changes beside it.
        first: The first file that is examined.
        last: The first that is not; default: all to the end.
    """
    examiners = examiners_for(case.config)
    found = []
    files = case.files[first:last]
    for start in range(0, len(files), _AT_ONCE):
        some = files[start : start + _AT_ONCE]
        case.read_ahead(some)
        for file in some:
            found.append(examine(file, case, examiners))
            file.forget()
    return tuple(found)


def _by_path(evidence: Evidence) -> tuple[str, int, str, str]:
    return evidence.path, evidence.tier.rank, evidence.rule, evidence.reason
