"""From judged changes to the report that people and programs read."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from eod.config import Config
from eod.model.history import Judged, PastChange
from eod.model.tier import Tier
from eod.simulation.policy import Rates, Sum, add_up, rates_of


class Share(Struct, frozen=True, kw_only=True):
    """How many changes get a tier, and what they wait and cost together."""

    tier: Tier
    changes: int
    share: float
    minutes: float
    dollars: float


class RuleCount(Struct, frozen=True, kw_only=True):
    """How many changes a rule decided."""

    rule: str
    tier: Tier
    changes: int


class Week(Struct, frozen=True, kw_only=True):
    """The changes of one week, by tier. `monday` is its first day."""

    monday: date
    tiers: dict[Tier, int]


class Moved(Struct, frozen=True, kw_only=True):
    """A change to which another configuration gives another tier, with the evidence that decides there."""

    change: PastChange
    before: Tier
    after: Tier
    path: str
    rule: str
    reason: str


class Failed(Struct, frozen=True, kw_only=True):
    """A change that could not be judged."""

    change: PastChange
    error: str


class Heavy(Struct, frozen=True, kw_only=True):
    """A change of one of the two strictest tiers, with what decided."""

    change: PastChange
    judged: Judged


class Simulation(Struct, frozen=True, kw_only=True):
    """The report. `sums` are the policies, ours first; `other` is the sum under the other configuration."""

    changes: int
    tiers: tuple[Share, ...]
    sums: tuple[Sum, ...]
    rules: tuple[RuleCount, ...]
    weeks: tuple[Week, ...]
    heavy: tuple[Heavy, ...]
    other: Sum | None = None
    moved: tuple[Moved, ...] = ()
    failed: tuple[Failed, ...] = ()


def simulate(
    changes: Sequence[PastChange],
    judged: Mapping[str, Judged],
    config: Config,
    *,
    against: tuple[Config, Mapping[str, Judged]] | None = None,
) -> Simulation:
    """The report on `changes`.

    Args:
        changes: What the history holds.
        judged: By head, what the classifier says.
        config: For costs and times.
        against: Another configuration, and what the classifier says under it.
    """
    pairs = [(change, judged[change.head]) for change in changes if change.head in judged]
    good = [(change, one) for change, one in pairs if one.tier is not None]
    rates = rates_of(config)
    verdicts = [one for _, one in good]
    return Simulation(
        changes=len(pairs),
        tiers=_shares(verdicts, rates),
        sums=(
            add_up("the lightest that each needs", verdicts, rates, lambda tier: tier),
            add_up("full for everyone", verdicts, rates, lambda _: Tier.FULL),
            add_up("lightweight for everyone", verdicts, rates, lambda _: Tier.LIGHTWEIGHT),
        ),
        rules=_rules(verdicts),
        weeks=_weeks(good),
        heavy=tuple(Heavy(change=change, judged=one) for change, one in good if one.tier in _HEAVY),
        other=None if against is None else _other(against),
        moved=() if against is None else _moved(good, against[1]),
        failed=tuple(Failed(change=change, error=one.error) for change, one in pairs if one.tier is None),
    )


_HEAVY = {Tier.DATABASE, Tier.FULL}


def _shares(judged: Sequence[Judged], rates: dict[Tier, Rates]) -> tuple[Share, ...]:
    shares = []
    for tier in Tier:
        ours = [one for one in judged if one.tier is tier]
        total = add_up("", ours, rates, lambda same: same)
        shares.append(
            Share(
                tier=tier,
                changes=len(ours),
                share=len(ours) / len(judged) if judged else 0.0,
                minutes=total.minutes,
                dollars=total.dollars,
            )
        )
    return tuple(shares)


def _rules(judged: Sequence[Judged]) -> tuple[RuleCount, ...]:
    counts = Counter((one.rule, one.tier) for one in judged if one.tier is not None and one.rule)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0][0]))
    return tuple(RuleCount(rule=rule, tier=tier, changes=count) for (rule, tier), count in ranked)


def _weeks(good: Sequence[tuple[PastChange, Judged]]) -> tuple[Week, ...]:
    weeks: dict[date, Counter[Tier]] = defaultdict(Counter)
    for change, one in good:
        day = change.merged_at.date()
        if one.tier is not None:
            weeks[day - timedelta(days=day.weekday())][one.tier] += 1
    if not weeks:
        return ()
    monday, last, filled = min(weeks), max(weeks), []
    while monday <= last:
        filled.append(Week(monday=monday, tiers=dict(weeks.get(monday, {}))))
        monday += timedelta(days=7)
    return tuple(filled)


def _other(against: tuple[Config, Mapping[str, Judged]]) -> Sum:
    config, judged = against
    return add_up("the other configuration", judged.values(), rates_of(config), lambda tier: tier)


def _moved(good: Sequence[tuple[PastChange, Judged]], others: Mapping[str, Judged]) -> tuple[Moved, ...]:
    moved = []
    for change, one in good:
        other = others.get(change.head)
        if other is None or other.tier is None or one.tier is None or other.tier is one.tier:
            continue
        moved.append(
            Moved(
                change=change,
                before=one.tier,
                after=other.tier,
                path=other.path,
                rule=other.rule,
                reason=other.reason,
            )
        )
    return tuple(sorted(moved, key=lambda each: (each.after.rank - each.before.rank, each.change.head)))
