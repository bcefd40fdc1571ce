from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.changes import Change
from benchmarks.report import as_document, as_text
from benchmarks.score import Answer, Judgement, Line, misses, score
from eod.model.tier import Tier


def change(label="database", acceptable=(), head="b" * 40):
    return Change(
        owner="acme",
        name="shop",
        base="a" * 40,
        head=head,
        label=Tier(label),
        acceptable=tuple(map(Tier, acceptable)) or (Tier(label),),
        reason="A column.",
    )


def answer(tier, seconds=0.1, **of):
    return Answer(
        change=change(**of), tier=Tier(tier) if tier else None, failure="" if tier else "time-out", seconds=seconds
    )


@pytest.mark.parametrize(
    ("tier", "acceptable", "judgement"),
    [
        ("database", (), Judgement.AGREED),
        ("full", ("database", "full"), Judgement.AGREED),
        ("full", (), Judgement.TOO_STRICT),
        ("frontend", (), Judgement.TOO_LIGHT),
        ("none", (), Judgement.TOO_LIGHT),
        # Between two acceptable tiers the label decides which way it is wrong.
        ("lightweight", ("none", "database"), Judgement.TOO_LIGHT),
        (None, (), Judgement.FAILED),
    ],
)
def test_an_answer_is_judged_by_the_acceptable_tiers_and_the_label(tier, acceptable, judgement):
    assert answer(tier, acceptable=acceptable).judgement is judgement


def test_shares_are_counted_overall_and_by_label():
    scored = score(
        [
            answer("database"),
            answer("full", acceptable=("database", "full")),
            answer("none"),
            answer("full", label="none"),
            answer(None, label="none"),
        ]
    )
    assert (scored.overall.changes, scored.overall.agreed, scored.overall.exact) == (5, 2, 1)
    assert (scored.overall.too_light, scored.overall.too_strict, scored.overall.failed) == (1, 1, 1)
    assert scored.by_label[Tier.DATABASE].too_light == 1
    assert scored.by_label[Tier.NONE].agreement == 0
    assert Tier.FULL not in scored.by_label
    assert scored.confusion[Tier.NONE] == {"failed": 1, "full": 1}


def test_a_failure_costs_agreement_but_is_not_light():
    scored = score([answer("database")] * 9 + [answer(None)])
    assert scored.overall.agreement == 0.9
    assert scored.overall.lightness == 0


@pytest.mark.parametrize(
    ("right", "light", "strict", "enough"),
    [(92, 0, 8, True), (91, 0, 9, False), (92, 2, 6, True), (97, 3, 0, False), (0, 0, 0, False)],
)
def test_good_enough_is_92_percent_agreement_and_at_most_2_percent_too_light(right, light, strict, enough):
    answers = [answer("database")] * right + [answer("none")] * light + [answer("full")] * strict
    assert score(answers).good_enough is enough


def test_misses_name_failures_first_then_what_is_too_light_in_any_order():
    answers = [answer("full"), answer("none"), answer(None), answer("database")]
    for order in permutations(answers):
        assert [each.judgement for each in misses(order)] == ["failed", "too-light", "too-strict"]


@given(st.lists(st.floats(min_value=0, max_value=60), min_size=1))
def test_percentiles_are_times_that_were_measured(times):
    scored = score([answer("database", seconds=each) for each in times])
    assert scored.percentile(0) == min(times)
    assert scored.percentile(1) == max(times)
    assert scored.percentile(0.5) in times


def test_the_report_shows_the_deciding_evidence_of_misses_only_when_asked():
    evidence = (
        Line(path="docs/a.md", tier=Tier.NONE, rule="docs", reason="It is text."),
        Line(path="app/a.tf", tier=Tier.FULL, rule="infrastructure", reason="It is built."),
    )
    wrong = Answer(change=change(), tier=Tier.FULL, evidence=evidence)
    text = as_text(score([wrong]), [wrong], with_misses=True)
    assert "too-strict: acme/shop aaaaaaaaaaaa..bbbbbbbbbbbb" in text
    assert "app/a.tf: infrastructure: It is built." in text
    assert "docs/a.md" not in text
    assert "app/a.tf" not in as_text(score([wrong]), [wrong], with_misses=False)
    (miss,) = as_document(score([wrong]), [wrong])["misses"]
    assert miss["deciding"] == [{"path": "app/a.tf", "rule": "infrastructure", "reason": "It is built."}]


def test_nothing_measured_is_reported_and_not_good_enough():
    assert "NOT good enough" in as_text(score([]), [], with_misses=True)
