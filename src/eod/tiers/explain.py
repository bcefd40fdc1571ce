"""Why a verdict is as it is: what decided it, and what would have changed it."""

from msgspec import Struct

from eod.model.tier import Evidence, Tier, Verdict, strictest
from eod.tiers.case import Case
from eod.tiers.examine import Examination, examine
from eod.tiers.examiners import examiners_for


class Explanation(Struct, frozen=True, kw_only=True):
    """A verdict's evidence, strictest first, and what decided.

    `found` is what the files ask for; `deciding` are the pieces of evidence that ask for just that. Without them
    the verdict would be `otherwise`; `None` where no file asks for anything or all ask for the same.
    """

    found: Tier
    evidence: tuple[Evidence, ...]
    deciding: tuple[Evidence, ...]
    otherwise: Tier | None


def explain(verdict: Verdict) -> Explanation:
    """What decided `verdict`."""
    evidence = tuple(sorted(verdict.evidence, key=lambda one: (-one.tier.rank, one.path, one.rule)))
    found = strictest(*(one.tier for one in evidence))
    deciding = tuple(one for one in evidence if one.tier is found)
    others = [one.tier for one in evidence if one.tier is not found]
    return Explanation(
        found=found, evidence=evidence, deciding=deciding, otherwise=strictest(*others) if others else None
    )


def hear(case: Case, path: str) -> Examination | None:
    """What every examiner says about the changed file at `path`; `None` if no such file changed."""
    file = case.by_path.get(path)
    return None if file is None else examine(file, case, examiners_for(case.config))
