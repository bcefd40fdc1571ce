"""How far what the classifier said agrees with the labels."""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import ceil

from msgspec import Struct

from benchmarks.changes import Change
from eod.model.tier import Tier

ENOUGH_AGREEMENT = 0.92
MOST_TOO_LIGHT = 0.02


class Judgement(StrEnum):
    """What an answer is worth. `failed` is a crash, a time-out or an answer that cannot be read."""

    AGREED = "agreed"
    TOO_LIGHT = "too-light"
    TOO_STRICT = "too-strict"
    FAILED = "failed"


class Line(Struct, frozen=True, kw_only=True):
    """One line of evidence, as far as it matters here; `eod classify --json` may say more."""

    path: str
    tier: Tier
    rule: str
    reason: str


class Answer(Struct, frozen=True, kw_only=True):
    """What the classifier said about a change, or how it failed (`tier` is `None` then)."""

    change: Change
    tier: Tier | None
    evidence: tuple[Line, ...] = ()
    failure: str = ""
    seconds: float = 0

    @property
    def judgement(self) -> Judgement:
        """An answer that is not acceptable is too light if it is lighter than the label, else too strict."""
        if self.tier is None:
            return Judgement.FAILED
        if self.tier in self.change.acceptable:
            return Judgement.AGREED
        return Judgement.TOO_LIGHT if self.tier.rank < self.change.label.rank else Judgement.TOO_STRICT

    @property
    def deciding(self) -> tuple[Line, ...]:
        """The evidence that carries the answer."""
        return tuple(each for each in self.evidence if each.tier is self.tier)


class Share(Struct, frozen=True, kw_only=True):
    """How many of some changes were judged how."""

    changes: int
    exact: int
    agreed: int
    too_light: int
    too_strict: int
    failed: int

    @property
    def agreement(self) -> float:
        """From 0 to 1; nothing agrees with nothing."""
        return self.agreed / self.changes if self.changes else 0

    @property
    def lightness(self) -> float:
        """The share that is too light, from 0 to 1."""
        return self.too_light / self.changes if self.changes else 0


class Score(Struct, frozen=True, kw_only=True):
    """The whole measurement. `seconds` are per change, in order; `confusion` counts label and answer."""

    overall: Share
    by_label: dict[Tier, Share]
    confusion: dict[Tier, dict[str, int]]
    seconds: tuple[float, ...]

    @property
    def good_enough(self) -> bool:
        """Enough agreement, few too light, and something measured at all."""
        return (
            self.overall.changes > 0
            and self.overall.agreement >= ENOUGH_AGREEMENT
            and self.overall.lightness <= MOST_TOO_LIGHT
        )

    def percentile(self, share: float) -> float:
        """The seconds within which `share` of the changes were classified."""
        if not self.seconds:
            return 0
        return self.seconds[min(len(self.seconds) - 1, max(0, ceil(share * len(self.seconds)) - 1))]


def score(answers: Sequence[Answer]) -> Score:
    """Sum up `answers`; their order does not matter."""
    return Score(
        overall=_share(answers),
        by_label={tier: _share(of_tier) for tier in Tier if (of_tier := _of(answers, tier))},
        confusion={
            tier: dict(sorted(Counter(str(each.tier or Judgement.FAILED) for each in of_tier).items()))
            for tier in Tier
            if (of_tier := _of(answers, tier))
        },
        seconds=tuple(sorted(each.seconds for each in answers)),
    )


def misses(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """What did not agree: failures first, then what is too light, then what is too strict."""
    order = [Judgement.FAILED, Judgement.TOO_LIGHT, Judgement.TOO_STRICT]
    wrong = [each for each in answers if each.judgement is not Judgement.AGREED]
    return tuple(
        sorted(wrong, key=lambda each: (order.index(each.judgement), each.change.repository, each.change.head))
    )


def _of(answers: Iterable[Answer], label: Tier) -> list[Answer]:
    return [each for each in answers if each.change.label is label]


def _share(answers: Sequence[Answer]) -> Share:
    judged = Counter(each.judgement for each in answers)
    return Share(
        changes=len(answers),
        exact=sum(each.tier is each.change.label for each in answers),
        agreed=judged[Judgement.AGREED],
        too_light=judged[Judgement.TOO_LIGHT],
        too_strict=judged[Judgement.TOO_STRICT],
        failed=judged[Judgement.FAILED],
    )
