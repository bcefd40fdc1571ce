from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.data import read
from eod.forecast import Progress, estimate
from eod.forecast.durations import left_of, quantile, resource_spread, step_kinds
from eod.model.forecast import Node, Spread
from eod.model.learned import History

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = 60


def node(address, minutes, *after, kind="", needed=True, blocking=False, actions=("create",)):
    return Node(
        name=address,
        addresses=(address,),
        type=address.split(".")[0],
        kind=kind,
        title=kind.title(),
        actions=actions,
        needed=needed,
        blocking=blocking,
        minutes=minutes,
        after=after,
    )


SHOP = (
    node("net.n", (0, 1), kind="network"),
    node("db.d", (10, 14), 0, kind="database", blocking=True),
    node("queue.q", (4, 8), 0, kind="queue", blocking=True),
    node("secret.s", (0, 1), 1, 2, kind="secret"),
    node("cdn.c", (10, 30), 0, kind="cdn", needed=False, blocking=True),
)


def look(graph=SHOP, history=None, progress=None, parallelism=10):
    return estimate(graph, history or History(), progress or Progress(), parallelism=parallelism, now=NOW)


def test_before_the_apply_it_says_when_what_decides_it_and_what_sharing_saves():
    found = look()
    assert found.usable.typical == pytest.approx(12 * MINUTE + 12)
    assert (found.usable.low, found.usable.high) == (10 * MINUTE, 14 * MINUTE + 40)
    assert [step.address for step in found.path] == ["net.n", "db.d", "secret.s"]
    assert found.waiting_for == "db.d"
    assert [step.address for step in found.done_path] == ["net.n", "cdn.c"]
    assert found.done.typical == pytest.approx(20 * MINUTE + 6)
    savings = {one.kind: round(one.usable_seconds) for one in found.savings}
    # Without the database the queue decides; the queue alone saves nothing; the CDN holds nobody up.
    assert savings == {"database": 6 * MINUTE, "queue": 0, "cdn": 0}
    assert {one.kind: round(one.done_seconds) for one in found.savings}[
        "cdn"
    ] == 20 * MINUTE + 6 - 12 * MINUTE - 12


def test_the_steps_that_follow_belong_to_the_way():
    found = look(progress=Progress(follow=("sync", "answer")))
    assert [step.title for step in found.path][-2:] == ["Argo CD sync", "The URL answers"]
    assert found.usable.typical > look().usable.typical + MINUTE


def test_it_stays_true_while_the_apply_goes_on():
    halfway = Progress(over=frozenset({"net.n", "queue.q"}), ages={"db.d": 5 * MINUTE, "cdn.c": 5 * MINUTE})
    found = look(progress=halfway)
    assert found.usable.typical == pytest.approx(7 * MINUTE + 6)
    assert [step.address for step in found.path] == ["db.d", "secret.s"]
    late = look(progress=Progress(over=frozenset({"net.n", "queue.q"}), ages={"db.d": 30 * MINUTE}))
    assert late.waiting_for == "db.d"
    assert 0 < late.usable.typical < 10 * MINUTE


def test_nothing_is_waited_for_when_all_that_is_needed_is_there():
    done = frozenset({"net.n", "queue.q", "db.d", "secret.s"})
    found = look(progress=Progress(over=done, follow=("sync",), step_ages={"sync": 10.0}))
    assert found.waiting_for == ""
    assert [step.title for step in found.path] == ["Argo CD sync"]
    assert look(progress=Progress(over=done, follow=("sync",), steps_over=frozenset({"sync"}))).usable == Spread()


def test_the_teams_own_times_count_from_three_on():
    two = History(resources={"db": {"create": (60.0, 62.0)}})
    assert look(history=two).usable == look().usable
    three = History(resources={"db": {"create": (60.0, 70.0, 80.0)}}, steps={"sync": (10.0, 11.0, 12.0)})
    found = look(history=three, progress=Progress(follow=("sync",)))
    (database,) = [step for step in look(graph=SHOP[:2], history=three).path if step.address == "db.d"]
    assert (database.seconds, database.samples) == (70.0, 3)
    assert found.path[-1].seconds == 11.0
    assert found.waiting_for == "queue.q"


def test_a_replacement_is_deleted_and_made_and_an_update_may_be_quick():
    whole, _ = resource_spread(node("db.d", (10, 14), actions=("create", "delete")), History())
    assert whole.typical == 24 * MINUTE
    update, _ = resource_spread(node("db.d", (10, 14), actions=("update",)), History())
    assert update.low == 0 < update.typical < 12 * MINUTE < update.high


def test_more_work_than_terraform_does_at_once_takes_longer_than_the_longest_way():
    many = tuple(node(f"dns.r{number}", (1, 3)) for number in range(100))
    assert look(many, parallelism=100).usable.typical == 2 * MINUTE
    assert look(many, parallelism=10).usable.typical == 20 * MINUTE


def test_an_empty_plan_has_nothing_to_wait_for():
    found = look(())
    assert (found.usable, found.done, found.path, found.waiting_for) == (Spread(), Spread(), (), "")


spreads = (
    st.tuples(*[st.floats(0, 3_000)] * 3)
    .map(sorted)
    .map(lambda parts: Spread(low=parts[0], typical=parts[1], high=parts[2]))
)


@given(spreads, st.floats(0, 10_000))
def test_what_is_left_keeps_its_order_and_never_ends_by_waiting_alone(spread, elapsed):
    left = left_of(spread, elapsed)
    assert 0 <= left.low <= left.typical <= left.high
    assert left.typical > 0 or elapsed == 0 or spread.high == 0 or elapsed < 1e-300


@given(st.lists(st.floats(0, 1_000), min_size=1, max_size=40).map(sorted), st.floats(0, 1))
def test_a_quantile_lies_among_the_samples(samples, share):
    assert samples[0] - 1e-9 <= quantile(samples, share) <= samples[-1] + 1e-9


def test_the_steps_are_those_that_up_takes():
    assert [kind.name for kind in step_kinds()] == ["sync", "answer"]
    assert read("steps", dict)
