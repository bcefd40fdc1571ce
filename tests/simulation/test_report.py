from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from eod.config import Config, TierSettings
from eod.model.history import Judged, PastChange
from eod.model.tier import Tier
from eod.reports.simulation import About, simulation_json, simulation_page, simulation_text
from eod.simulation import simulate

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CONFIG = Config(domain="a.example")
ABOUT = About(repository="shop", since=NOW - timedelta(days=90), until=NOW)


def change(head, days=0, title="Change", **facts):
    return PastChange(base="b", head=head, merged_at=NOW - timedelta(days=days), title=title, **facts)


def judged(head, tier, hours=None, **facts):
    return Judged(
        head=head, tier=tier, rule=facts.pop("rule", "code"), path="a.py", reason="R.", hours=hours, **facts
    )


def simulated(*pairs, config=CONFIG, against=None):
    return simulate([one for one, _ in pairs], {two.head: two for _, two in pairs}, config, against=against)


PAIRS = (
    (change("1", 1), judged("1", Tier.NONE, rule="docs")),
    (change("2", 2), judged("2", Tier.LIGHTWEIGHT, hours=12)),
    (change("3", 20), judged("3", Tier.LIGHTWEIGHT)),
    (change("4", 21), judged("4", Tier.FULL, hours=200, rule="sensitive")),
)


def test_each_tier_has_its_share_of_changes_minutes_and_dollars():
    shares = {one.tier: one for one in simulated(*PAIRS).tiers}
    assert shares[Tier.NONE].changes == 1
    assert shares[Tier.NONE].minutes == shares[Tier.NONE].dollars == 0
    assert shares[Tier.LIGHTWEIGHT].share == 0.5
    assert shares[Tier.LIGHTWEIGHT].minutes == 2 * 3.5
    assert shares[Tier.LIGHTWEIGHT].dollars == pytest.approx(10 * (12 + 24) / 24)
    # Nothing lives longer than its TTL.
    assert shares[Tier.FULL].dollars == pytest.approx(50)


def test_policies_are_held_against_one_another():
    ours, full, light = simulated(*PAIRS).sums
    assert (ours.short, full.short, light.short) == (0, 0, 1)
    assert ours.minutes < full.minutes
    assert full.minutes == 4 * 22.5
    assert light.dollars == pytest.approx(10 * (24 + 12 + 24 + 24) / 24)


def test_costs_and_ttl_are_those_of_the_configuration():
    config = Config(domain="a.example", tiers={Tier.FULL: TierSettings(cost_per_day=100, ttl_hours=240)})
    shares = {one.tier: one for one in simulated(*PAIRS, config=config).tiers}
    assert shares[Tier.FULL].dollars == pytest.approx(100 * 200 / 24)


def test_weeks_without_a_change_are_shown_as_empty():
    weeks = simulated(*PAIRS).weeks
    assert [sum(week.tiers.values()) for week in weeks] == [2, 0, 0, 2]
    assert all(week.monday.weekday() == 0 for week in weeks)


def test_the_rules_that_decided_most_come_first():
    assert [(one.rule, one.changes) for one in simulated(*PAIRS).rules] == [
        ("code", 2),
        ("docs", 1),
        ("sensitive", 1),
    ]


def test_what_another_configuration_moves_is_listed_what_gets_lighter_first():
    others = {
        "1": judged("1", Tier.FULL),
        "2": judged("2", Tier.LIGHTWEIGHT),
        "3": judged("3", Tier.DATABASE),
        "4": judged("4", Tier.NONE),
    }
    found = simulated(*PAIRS, against=(CONFIG, others))
    assert [(one.change.head, one.before, one.after) for one in found.moved] == [
        ("4", Tier.FULL, Tier.NONE),
        ("3", Tier.LIGHTWEIGHT, Tier.DATABASE),
        ("1", Tier.NONE, Tier.FULL),
    ]
    assert found.other is not None
    assert found.other.dollars > 0


def test_a_change_that_cannot_be_judged_is_told_and_counts_for_nothing():
    found = simulated(*PAIRS, (change("5"), Judged(head="5", error="no history in common")))
    assert [one.error for one in found.failed] == ["no history in common"]
    assert sum(one.changes for one in found.tiers) == 4
    assert "could not be judged" in simulation_text(found, ABOUT, 100)


def test_an_empty_history_is_said():
    found = simulated()
    assert "nothing to simulate" in simulation_text(found, ABOUT, 100)
    assert "nothing to simulate" in simulation_page(found, ABOUT)


def test_titles_cannot_break_out_of_the_page_or_the_terminal():
    evil = "</td><script>alert(1)</script>\x1b[2J"
    pair = (change("1", title=evil), judged("1", Tier.FULL))
    others = {"1": judged("1", Tier.NONE)}
    about = structs.replace(ABOUT, against="other.yml", repository=evil)
    found = simulated(pair, against=(CONFIG, others))
    page = simulation_page(found, about)
    assert "<script" not in page
    text = simulation_text(found, about, 100)
    assert "\x1b" not in page + text
    assert "\\x1b[2J" in text


def test_the_document_is_stable():
    import json

    document = json.loads(simulation_json(simulated(*PAIRS), ABOUT))
    assert list(document) == [
        "repository", "since", "until", "against", "changes", "tiers", "sums", "rules", "weeks", "heavy", "other",
        "moved", "failed",
    ]  # fmt: skip
