from datetime import timedelta

import pytest
from msgspec import structs

from eod.model.forecast import Estimate, PathStep, Saving, Spread
from eod.model.plan import WaitHint
from eod.reports.expectation import expected
from eod.reports.log import changes
from eod.reports.renderer import COMMENT_CHARACTERS, Renderer
from eod.reports.terminal import progress_lines
from tests.reports import samples

DATABASE = "module.preview_env.aws_rds_cluster.main[0]"
CDN = "module.preview_env.aws_cloudfront_distribution.cdn[0]"
NOW = samples.at(1)


def spread(low, typical, high):
    return Spread(low=low * 60, typical=typical * 60, high=high * 60)


FORECAST = Estimate(
    at=NOW,
    usable=spread(10, 14, 18),
    done=spread(12, 21, 30),
    path=(
        PathStep(address="aws_security_group.db", title="Network", seconds=6),
        PathStep(address=DATABASE, title="Managed database", seconds=720, samples=4),
        PathStep(title="Argo CD sync", seconds=120),
    ),
    done_path=(PathStep(address=CDN, title="CDN", seconds=1260),),
    waiting_for=DATABASE,
    savings=(
        Saving(kind="database", title="Managed database", usable_seconds=540, done_seconds=0),
        Saving(kind="cdn", title="CDN", usable_seconds=0, done_seconds=420),
    ),
)
HINT = WaitHint(address=CDN, count=2, hint="`wait_for_deployment = false` skips the wait.")
APPLYING = structs.replace(
    samples.APPLYING,
    forecast=FORECAST,
    estimate=FORECAST,
    plan=structs.replace(samples.SUMMARY, hints=(HINT,)),
)


def comment(outcome, now=NOW):
    return Renderer().comment(outcome, now)


@pytest.mark.parametrize(
    ("low", "typical", "high", "said"),
    [
        (10, 12.4, 15, "about 12 min (10\u201315)"),
        (0, 0.2, 0.4, "under 1 min"),
        (0.5, 1, 1, "about 1 min"),
        (0, 0, 0, "under 1 min"),
        (0, 0.3, 4, "under 1 min (0\u20134)"),
    ],
)
def test_spreads_in_words(low, typical, high, said):
    assert expected(spread(low, typical, high)) == said


def test_the_comment_says_when_it_can_be_used_and_what_it_waits_for():
    text = comment(APPLYING)
    assert f"| Usable | in about 14 min (10\u201318), waiting for `{DATABASE}`; everything in about 21 min" in text


def test_time_that_passes_between_two_estimates_is_taken_off():
    assert "in about 9 min (5\u201313)" in comment(APPLYING, NOW + timedelta(minutes=5))
    assert "in under 1 min, waiting" in comment(APPLYING, NOW + timedelta(hours=5))


def test_the_plan_says_what_decides_it_and_what_sharing_saves():
    text = comment(APPLYING)
    assert (
        f"Usable about 14 min (10\u201318) after the apply begins, going by earlier runs. "
        f"What decides that: `{DATABASE}` about 12 min → Argo CD sync about 2 min → 1 quick step."
    ) in text
    assert (
        f"Everything is done about 21 min (12\u201330) after the apply begins. What decides that: `{CDN}`" in text
    )
    assert "a schema of its own. That saves about 9 min. |" in text
    assert "That saves about 7 min until all is done" in text
    assert f"- `{CDN}` and 1 more resource: `wait_for_deployment = false` skips the wait." in text


def test_without_an_estimate_the_tiers_usual_time_is_told():
    assert "usually after" in comment(samples.APPLYING)


def test_the_log_says_it_before_the_apply_and_when_something_else_is_waited_for():
    planned = structs.replace(APPLYING, progress=())
    lines = changes(samples.PLANNING, planned)
    usable = (
        f"  usable in about 14 min (10\u201318), waiting for {DATABASE}; everything in about 21 min (12\u201330)"
    )
    assert usable in lines
    assert "  sharing Managed database saves about 9 min" in lines
    assert changes(planned, planned) == []
    later = structs.replace(FORECAST, waiting_for="", usable=spread(1, 2, 3))
    assert changes(planned, structs.replace(planned, estimate=later)) == [
        "  usable in about 2 min (1\u20133); everything in about 21 min (12\u201330)"
    ]


def test_a_terminal_shows_it_too():
    assert "usable in about 14 min (10\u201318)" in progress_lines(APPLYING, NOW)[0]


def test_a_path_of_thousands_fits():
    long = tuple(PathStep(address=f"aws_a.b{n}" * 20, title="x", seconds=60) for n in range(5_000))
    text = comment(structs.replace(APPLYING, forecast=structs.replace(FORECAST, path=long)))
    assert len(text) <= COMMENT_CHARACTERS
    assert "in about 14 min" in text


def test_hostile_addresses_stay_text():
    nasty = 'module.x["`|@octocat #1 <img>"].a.b'
    outcome = structs.replace(
        APPLYING,
        estimate=structs.replace(FORECAST, waiting_for=nasty),
        forecast=structs.replace(FORECAST, path=(PathStep(address=nasty, title="|", seconds=90),)),
    )
    text = comment(outcome)
    assert "<img>" not in text
    assert "@octocat" not in text
