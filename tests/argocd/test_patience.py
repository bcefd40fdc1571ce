from eod.argocd.patience import Series, take
from eod.argocd.verdict import Judgement, judge
from eod.model.kube import ApplicationStage as Stage
from tests.argocd.builders import NEW, OLD, application

HEALTHY = judge(application(), name="pr-1", revision=NEW)
PROGRESSING = judge(application(health="Progressing"), name="pr-1", revision=NEW)
DEGRADED = judge(application(health="Degraded"), name="pr-1", revision=NEW)


def run(*readings, hold=3.0):
    series = Series()
    for now, judgement in readings:
        series = take(series, judgement, now=now, hold_seconds=hold)
    return series


def test_healthy_must_hold():
    assert run((0, HEALTHY)).status.stage is Stage.HOLDING
    assert run((0, HEALTHY), (2.9, HEALTHY)).status.stage is Stage.HOLDING
    assert run((0, HEALTHY), (3, HEALTHY)).status.stage is Stage.READY


def test_the_series_says_when_time_alone_makes_it_ready():
    assert run((0, HEALTHY), (1, HEALTHY)).wake_in == 2


def test_a_dip_begins_the_hold_anew():
    series = run((0, HEALTHY), (2, PROGRESSING), (3, HEALTHY), (5, HEALTHY))

    assert series.status.stage is Stage.HOLDING
    assert series.wake_in == 1


def test_another_revision_begins_the_hold_anew():
    other = judge(application(revision=OLD), name="pr-1", revision="")
    this = judge(application(revision=NEW), name="pr-1", revision="")

    assert run((0, other), (3, this)).status.stage is Stage.HOLDING


def test_without_a_hold_healthy_is_ready_at_once():
    assert run((0, HEALTHY), hold=0).status.stage is Stage.READY


def test_a_bad_stage_is_given_up_after_its_patience_and_not_before():
    assert not run((0, DEGRADED), (119, DEGRADED)).given_up
    assert run((0, DEGRADED), (120, DEGRADED)).given_up


def test_a_bad_stage_that_heals_is_forgotten():
    assert not run((0, DEGRADED), (100, PROGRESSING), (130, DEGRADED), (200, DEGRADED)).given_up


def test_no_patience_at_all_gives_up_at_once():
    failed = Judgement(status=DEGRADED.status, patience=0.0)

    assert run((0, failed)).given_up


def test_one_bad_stage_does_not_inherit_the_time_of_another():
    error = judge(application(conditions=[("ComparisonError", "x")]), name="pr-1", revision=NEW)

    assert not run((0, DEGRADED), (100, error), (130, error)).given_up


def test_waiting_has_no_end_of_its_own():
    assert run((0, PROGRESSING), (10_000, PROGRESSING)).wake_in is None
