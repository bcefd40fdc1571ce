"""What a plan takes away is what people see first, until it is done."""

import pytest
from hypothesis import given
from msgspec import structs

from eod.model.plan import Loss
from eod.reports import log
from eod.reports.renderer import Renderer
from tests.reports import samples
from tests.reports.nasty import TEXT, poisoned
from tests.reports.reading import MENTION, is_well_formed, prose

NOW = samples.at(4, 43)
PLAN = structs.replace(samples.SUMMARY, replaces=1, destroys=1, losses=samples.LOSSES)
PLANNED = structs.replace(samples.PLANNED, plan=PLAN)

APPLYING = structs.replace(samples.APPLYING, plan=PLAN)
READY = structs.replace(samples.READY, plan=PLAN)


def comment(outcome):
    return Renderer().comment(outcome, NOW)


JUST_PLANNED = structs.replace(samples.STARTING, plan=PLAN, steps=(samples.CLASSIFY, samples.PLAN_STEP))


@pytest.mark.parametrize("outcome", [PLANNED, JUST_PLANNED, APPLYING])
def test_it_stands_above_all_else_before_it_is_done(outcome):
    text = comment(outcome)
    first = text.index("> **This plan takes 2 resources away:**")
    assert first < text.index("| Tier |")
    assert (
        "\n> - replaced: `module.preview_env.aws_rds_cluster.main[0]` (Managed database, **with its data**): "
        in text
    )
    assert (
        "\n> - destroyed: `aws_iam_role.app` (Identity and permissions): no longer in the configuration\n" in text
    )


def test_afterwards_it_is_folded():
    text = comment(READY)
    assert "[!WARNING]" not in text
    assert text.index("<summary>Terraform:") < text.index("- replaced: ")


def test_a_plan_that_takes_nothing_away_warns_nobody():
    assert "[!WARNING]" not in comment(samples.APPLYING)


def test_thousands_are_counted_and_not_listed():
    many = tuple(Loss(address=f"a.b[{index}]") for index in range(5_000))
    outcome = structs.replace(APPLYING, plan=structs.replace(PLAN, losses=many))
    text = comment(outcome)
    assert "This plan takes 5,000 resources away" in text
    assert "\n> - … and 4,980 more resources: see the plan" in text
    assert len(log.changes(samples.PLANNING, outcome)) < 100


def test_the_log_says_it_before_what_is_slow():
    lines = log.changes(samples.PLANNING, structs.replace(samples.PLANNING, plan=PLAN))
    assert lines[0] == (
        "  ! replaces module.preview_env.aws_rds_cluster.main[0] (Managed database, with its data): "
        "`engine` cannot be changed in place"
    )
    assert "usually" in lines[2]


def test_what_is_made_is_told_by_kind_with_minutes_and_price():
    text = comment(PLANNED)
    assert "| Managed database | 2 | 10\N{EN DASH}15 min | <span>$</span>2.88 a day | waits for it |" in text
    assert "| CDN distribution | 1 | 5\N{EN DASH}15 min |  | need not wait |" in text
    assert "| Other | 10 |  |  | waits for it |" in text


def test_the_whole_plan_is_folded_though_its_summary_is_not():
    text = comment(PLANNED)
    assert text.index("<details open>") < text.index("<summary>The whole plan</summary>")
    assert "<details>\n<summary>The whole plan</summary>" in text


@given(TEXT)
def test_nobody_gets_out_of_it(text):
    for outcome in (PLANNED, APPLYING, READY):
        shown = comment(poisoned(outcome, text))
        assert is_well_formed(shown)
        assert not MENTION.search(prose(shown))
