"""Asks the examiners about one file, stage by stage, and keeps what each of them said."""

from collections.abc import Sequence

from msgspec import Struct

from eod.model.tier import Evidence, Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Examiner, Opinion, Stage

UNMATCHED = "unmatched"


class Heard(Struct, frozen=True):
    """What one examiner said; `opinion` is `None` where it had nothing to say."""

    examiner: str
    stage: Stage
    opinion: Opinion | None


class Examination(Struct, frozen=True):
    """What was found about one file, and everything that was heard on the way, in order."""

    file: ChangedFile
    opinion: Opinion
    heard: tuple[Heard, ...]

    @property
    def evidence(self) -> Evidence:
        """The line that the reader sees."""
        return Evidence(
            path=self.file.path, tier=self.opinion.tier, rule=self.opinion.rule, reason=self.opinion.reason
        )


def examine(file: ChangedFile, case: Case, examiners: Sequence[Examiner]) -> Examination:
    """Ask about one file.

    Args:
        file: The file.
        case: All changes.
        examiners: In the order of their stages.
    """
    heard: list[Heard] = []
    weighed: list[Opinion] = []
    for examiner in examiners:
        if examiner.name in case.config.switched_off:
            continue
        opinion = examiner.ask(file, case)
        heard.append(Heard(examiner.name, examiner.stage, opinion))
        if opinion is None:
            continue
        if examiner.stage is not Stage.WEIGHT:
            return Examination(file, opinion, tuple(heard))
        weighed.append(opinion)
    found = max(weighed, key=lambda opinion: opinion.tier.rank, default=_unmatched(case))
    return Examination(file, found, tuple(heard))


def _unmatched(case: Case) -> Opinion:
    tier = case.config.default_tier or Tier.FULL
    return Opinion(tier, UNMATCHED, f"No rule knows such files, and `default-tier` is {tier}.")
