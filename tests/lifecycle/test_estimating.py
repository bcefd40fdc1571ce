from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from eod.config import Config, Terraform
from eod.errors import GitError
from eod.lifecycle.estimating import MOST_DURATIONS, Estimator, durations_of
from eod.lifecycle.journey import Journey
from eod.lifecycle.rooms import Until, UpRequest
from eod.lifecycle.up import up
from eod.model.forecast import Node, Spread
from eod.model.learned import History
from eod.model.outcome import Outcome
from eod.model.plan import Plan, PlanSummary, ResourceProgress
from eod.model.record import ResourceTime
from eod.model.tier import Tier
from tests.lifecycle.builders import NOW, pull
from tests.lifecycle.inmemory import WITH_TERRAFORM, in_memory_rooms

FULL = UpRequest(pr_number=7, forced_tier=Tier.FULL)
OUTCOME = Outcome(command="up", environment="pr-7", repository="acme/shop", pr_number=7, started_at=NOW)


def node(address, minutes, actions=("create",), **more):
    return Node(
        name=address, addresses=(address,), type=address.split(".")[0], actions=actions, minutes=minutes, **more
    )


def plan(*nodes):
    return Plan(
        path="plan", digest="d", terraform_version="1", changes=(), summary=PlanSummary(adds=1), graph=nodes
    )


def progress(address, state, action="create", seconds=0.0):
    return ResourceProgress(
        address=address,
        type=address.split(".")[0],
        kind="",
        action=action,
        state=state,
        elapsed_seconds=seconds,
    )


def estimator(*nodes):
    return Estimator(Config(domain="x.y", terraform=Terraform(directory="infra")), plan(*nodes), History())


def seen(*reports):
    return structs.replace(OUTCOME, progress=reports)


def at(seconds):
    return NOW + timedelta(seconds=seconds)


def test_age_is_told_by_our_own_clock():
    # OpenTofu before 1.13 says but once that a resource goes on.
    estimate = estimator(node("db.d", (10, 14), needed=True))
    first = estimate(seen(progress("db.d", "started")), at(0)).usable.typical
    assert estimate(seen(progress("db.d", "started")), at(300)).usable.typical == pytest.approx(first - 300)


def test_a_clock_that_is_set_back_makes_nothing_take_longer():
    estimate = estimator(node("db.d", (10, 14), needed=True))
    first = estimate(seen(progress("db.d", "started")), at(0)).usable.typical
    assert estimate(seen(progress("db.d", "started")), at(-3600)).usable.typical == pytest.approx(first)


@pytest.mark.parametrize("absurd", [-600.0, 1e308, float("nan"), float("inf")])
def test_times_that_cannot_be_count_for_nothing(absurd):
    config = Config(domain="x.y", terraform=Terraform(directory="infra"))
    history = History(resources={"db": {"create": (absurd,) * 5}}, steps={"sync": (absurd,) * 5})
    graph = plan(node("db.d", (10, 14), needed=True))
    assert Estimator(config, graph, history)(OUTCOME, NOW) == Estimator(config, graph, History())(OUTCOME, NOW)


def test_a_deleted_half_of_a_replacement_is_not_the_end_of_it():
    estimate = estimator(node("db.d", (10, 14), ("create", "delete"), needed=True))
    assert estimate(seen(progress("db.d", "complete", "delete")), at(60)).waiting_for == "db.d"
    assert estimate(seen(progress("db.d", "complete")), at(120)).waiting_for == ""
    # What is created before the old one is destroyed is there, whatever becomes of that.
    assert estimate(seen(progress("db.d", "started", "delete")), at(180)).waiting_for == ""


def test_a_second_attempt_begins_anew():
    estimate = estimator(node("db.d", (10, 14), needed=True))
    fresh = estimate(seen(progress("db.d", "started")), at(0)).usable.typical
    estimate(seen(progress("db.d", "errored")), at(500))
    again = estimate(seen(progress("db.d", "started")), at(600)).usable.typical
    assert again == pytest.approx(fresh)


def test_the_longest_of_each_type_is_kept_and_earlier_ones_where_there_is_no_newer():
    before = (
        ResourceTime(type="db", action="create", seconds=600.0),
        ResourceTime(type="cdn", action="create", seconds=5.0),
    )
    now = [progress("cdn.a", "complete", seconds=7.0), progress("cdn.b", "complete", seconds=9.0)]
    kept = durations_of([*now, progress("cdn.c", "progress", seconds=99.0)], before)
    assert {(one.type, one.seconds) for one in kept} == {("db", 600.0), ("cdn", 9.0)}


def test_a_record_stays_small():
    many = [progress(f"t{number}.x", "complete", seconds=float(number)) for number in range(200)]
    kept = durations_of(many, ())
    assert len(kept) == MOST_DURATIONS
    assert min(one.seconds for one in kept) == 200 - MOST_DURATIONS


def rooms_with(graph):
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    made = rooms.plan
    rooms.plan = lambda: structs.replace(made(), graph=graph)
    return rooms


def test_people_are_told_before_the_apply_begins_and_the_forecast_is_kept():
    rooms = rooms_with((node("db.d", (10, 14), needed=True),))
    shown: list[tuple[int, Outcome]] = []
    update = rooms.update

    def show(subject, *rest, **more):
        if isinstance(subject, Outcome):
            shown.append((rooms.calls["apply"], subject))
        return update(subject, *rest, **more)

    rooms.update = show
    outcome = up(rooms, FULL)
    told = next(one for applied, one in shown if applied == 0 and one.estimate is not None)
    assert told.estimate is not None
    assert told.estimate.waiting_for == "db.d"
    assert outcome.forecast == told.forecast


def test_what_was_learned_is_told():
    rooms = rooms_with((node("db.d", (10, 14), needed=True),))
    rooms.known = History(resources={"db": {"create": (30.0, 31.0, 32.0)}})
    forecast = up(rooms, structs.replace(FULL, until=Until.PLANNED)).forecast
    assert forecast is not None
    assert forecast.usable.typical == 31.0


def test_a_history_that_cannot_be_read_fails_nobody():
    rooms = rooms_with((node("db.d", (10, 14), needed=True),))

    def unreachable():
        raise GitError("unreachable")

    rooms.history = unreachable
    forecast = up(rooms, FULL).forecast
    assert forecast is not None
    assert forecast.usable.typical == 12 * 60


def test_the_record_keeps_how_long_resources_took():
    rooms = rooms_with((node("a.b", (10, 14), needed=True),))
    applied = rooms.apply

    def apply(plan, on_progress, still_wanted):
        on_progress(progress("a.b", "started"))
        on_progress(progress("a.b", "complete", seconds=42.0))
        return applied(plan, on_progress, still_wanted)

    rooms.apply = apply
    up(rooms, FULL)
    assert rooms.kept["pr-7"].durations == (ResourceTime(type="a", action="create", seconds=42.0),)


class Ticking:
    """A clock that a test moves, and a reporter that keeps what it is shown."""

    def __init__(self):
        self.seconds = 0.0
        self.shown: list[Outcome] = []

    def now(self):
        return at(self.seconds)

    def monotonic(self):
        return self.seconds

    def update(self, outcome, **_how):
        self.shown.append(outcome)


def test_what_is_shown_is_estimated_anew_as_time_passes_but_not_with_each_event():
    world: Any = Ticking()
    journey = Journey(OUTCOME, clock=world, reporter=world)
    journey.estimate_with(estimator(node("db.d", (10, 14), needed=True)))
    journey.progress(progress("db.d", "started"))
    seen_at = []
    for seconds in (1.0, 2.0, 60.0, 61.0):
        world.seconds = seconds
        journey.progress(progress("db.d", "progress", seconds=seconds))
        seen_at.append((world.shown[-1].estimate.at - NOW).total_seconds())
    assert seen_at == [0.0, 0.0, 60.0, 60.0]
    first, last = world.shown[-1].forecast.usable.typical, world.shown[-1].estimate.usable.typical
    assert last == pytest.approx(first - 60)


def test_a_step_that_ends_is_reason_enough_to_estimate_anew():
    rooms = rooms_with((node("a.b", (10, 14), needed=True),))
    applied = rooms.apply

    def apply(plan, on_progress, still_wanted):
        on_progress(progress("a.b", "complete", seconds=42.0))
        return applied(plan, on_progress, still_wanted)

    rooms.apply = apply
    outcome = up(rooms, FULL)
    assert outcome.forecast is not None
    assert outcome.forecast.usable.typical == 12 * 60
    estimate = outcome.estimate
    assert estimate is not None
    assert estimate.usable == Spread()
