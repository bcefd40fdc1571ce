"""One run at a time works on an environment."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from eod.errors import HeldError, RecordError
from eod.lifecycle.down import down
from eod.lifecycle.rooms import DownRequest, SweepRequest, UpRequest
from eod.lifecycle.sweep import sweep
from eod.lifecycle.turn import Hold, hold_of
from eod.lifecycle.up import up
from eod.model.record import Lease, Phase, Run, TerraformRecord
from eod.model.tier import Tier
from tests.lifecycle.builders import NOW, pull, record
from tests.lifecycle.inmemory import WITH_TERRAFORM, WITHOUT_TERRAFORM, in_memory_rooms

FULL = UpRequest(pr_number=7, forced_tier=Tier.FULL)
LIGHT = UpRequest(pr_number=7, forced_tier=Tier.LIGHTWEIGHT)
DOWN = DownRequest(pr_number=7)
SWEEP = Run(id="99", url="https://github.com/acme/shop/actions/runs/99", actor="github-actions[bot]")
EXPIRED = {"expires_at": NOW - timedelta(minutes=1)}
APPLIED = TerraformRecord(commit="a" * 40, directory="infra", applied=True)


def held_by(run, minutes=1, **changes):
    """A record in the hands of `run`, which moved it so many minutes ago."""
    since = NOW - timedelta(minutes=minutes)
    return record(
        **{"phase": Phase.DESTROYING, "updated_at": since, "lease": Lease(run=run, since=since), **changes}
    )


def rooms_with(kept, config=WITHOUT_TERRAFORM, **pull_changes):
    return in_memory_rooms(config, pulls=[pull(**pull_changes)], records=[kept])


def ends_after(rooms, waits, end):
    """What the other run does once ours has waited so often."""

    def again(left):
        rooms.before["wait"] = end if left == 0 else lambda: again(left - 1)

    again(waits - 1)


# what counts


@pytest.mark.parametrize(
    ("lease", "over", "hold"),
    [
        (None, None, Hold.FREE),
        (Lease(run=Run(id="1"), since=NOW), None, Hold.OURS),
        (Lease(run=Run(id="1", attempt=0), since=NOW), None, Hold.OVER),
        (Lease(run=SWEEP, since=NOW), False, Hold.ALIVE),
        (Lease(run=SWEEP, since=NOW), None, Hold.UNKNOWN),
        (Lease(run=SWEEP, since=NOW), True, Hold.OVER),
        (Lease(run=SWEEP, since=NOW - timedelta(hours=2)), False, Hold.OVER),
        (Lease(run=Run(), since=NOW), None, Hold.UNKNOWN),
    ],
)
def test_how_it_stands_with_a_lease(lease, over, hold):
    assert hold_of(lease, Run(id="1"), over=over, now=NOW, limit=timedelta(hours=1)) is hold


@given(st.text(max_size=3), st.text(max_size=3), st.booleans())
def test_a_run_without_a_number_never_takes_anothers_lease_for_its_own(one, other, over):
    lease = Lease(run=Run(id=one), since=NOW)
    hold = hold_of(lease, Run(id=other), over=over, now=NOW, limit=timedelta(hours=1))
    assert (hold is Hold.OURS) == (one == other != "")


# a push while the sweep tears down


def test_a_push_while_the_sweep_destroys_waits_and_starts_no_second_teardown():
    rooms = rooms_with(held_by(SWEEP, terraform=APPLIED), WITH_TERRAFORM)
    rooms.over["99"] = False
    ends_after(rooms, 3, rooms.kept.clear)
    outcome = up(rooms, FULL)
    assert outcome.phase is Phase.READY
    assert rooms.calls["destroy"] == 0
    assert rooms.calls["write destroying"] == 0
    assert rooms.calls["wait"] == 3
    assert any("Run 99" in notice and "runs/99" in notice for notice in outcome.notices)
    assert rooms.kept["pr-7"].created_at > NOW


def test_a_push_goes_on_from_a_teardown_that_failed_meanwhile():
    rooms = rooms_with(held_by(SWEEP))
    rooms.over["99"] = False
    failed = record(phase=Phase.FAILED, updated_at=NOW)
    ends_after(rooms, 1, lambda: rooms.kept.update({"pr-7": failed}))
    assert up(rooms, LIGHT).phase is Phase.READY
    assert rooms.calls["write destroying"] == 0


def test_a_teardown_whose_run_is_over_is_finished_first():
    rooms = rooms_with(held_by(SWEEP, terraform=APPLIED), WITH_TERRAFORM)
    rooms.over["99"] = True
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.calls["destroy"] == 1
    assert rooms.calls["wait"] == 0


def test_one_that_is_older_than_a_teardown_may_take_is_taken_over_though_its_run_is_alive():
    rooms = rooms_with(held_by(SWEEP, minutes=61, terraform=APPLIED), WITH_TERRAFORM)
    rooms.over["99"] = False
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.calls["destroy"] == 1


@pytest.mark.parametrize("over", [False, None])
def test_nobody_waits_longer_than_a_teardown_may_take(over):
    rooms = rooms_with(held_by(SWEEP, minutes=20))
    rooms.over["99"] = over
    assert up(rooms, LIGHT).phase is Phase.READY
    assert 39 * 60 <= rooms.waited[0] <= 41 * 60


def test_a_push_that_is_closed_while_it_waits_waits_for_the_teardown_and_ends():
    rooms = rooms_with(held_by(SWEEP))
    rooms.over["99"] = False

    def close():
        rooms.pulls[7] = pull(open=False)
        ends_after(rooms, 2, rooms.kept.clear)

    ends_after(rooms, 1, close)
    assert up(rooms, LIGHT).phase is Phase.DESTROYED
    assert rooms.calls["ensure_namespace"] == 0
    assert rooms.calls["delete_namespace"] == 0


def test_a_push_that_is_superseded_while_it_waits_leaves_the_waiting_to_the_newer_one():
    kept = held_by(SWEEP)
    rooms = rooms_with(kept)
    rooms.over["99"] = False
    ends_after(rooms, 1, lambda: rooms.pulls.update({7: pull(head_sha="c" * 40)}))
    outcome = up(rooms, LIGHT)
    assert any("was pushed" in notice for notice in outcome.notices)
    assert rooms.kept == {"pr-7": kept}


def test_the_sweep_takes_it_in_the_very_moment_in_which_a_push_asks_for_it():
    rooms = rooms_with(record(terraform=APPLIED), WITH_TERRAFORM)
    rooms.over["99"] = False

    def sweep_is_faster():
        rooms.kept["pr-7"] = held_by(SWEEP, minutes=0, terraform=APPLIED)
        ends_after(rooms, 2, rooms.kept.clear)

    rooms.before["write full"] = sweep_is_faster
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.calls["destroy"] == 0


# the sweep beside a run that provisions


@pytest.mark.parametrize("over", [False, None])
@pytest.mark.parametrize("phase", [Phase.PROVISIONING, Phase.READY, Phase.DESTROYING])
def test_the_sweep_leaves_alone_what_another_run_has_in_its_hands(phase, over):
    kept = held_by(Run(id="5"), phase=phase, **EXPIRED)
    rooms = rooms_with(kept)
    rooms.over["5"] = over
    sweep(rooms, SweepRequest())
    (action,) = rooms.swept.actions
    assert (action.action, action.error) == ("report", "")
    assert "Run 5" in action.detail
    assert rooms.kept == {"pr-7": kept}


def test_the_sweep_takes_over_from_a_run_that_is_over():
    rooms = rooms_with(held_by(Run(id="5"), phase=Phase.PROVISIONING), open=False)
    rooms.over["5"] = True
    sweep(rooms, SweepRequest())
    assert rooms.kept == {}


def test_a_push_that_comes_when_the_sweep_has_decided_keeps_its_environment():
    rooms = rooms_with(record(**EXPIRED))
    rooms.over["5"] = False
    pushed = held_by(Run(id="5"), minutes=0, phase=Phase.UPDATING)
    rooms.before["write destroying"] = lambda: rooms.kept.update({"pr-7": pushed})
    sweep(rooms, SweepRequest())
    assert rooms.kept == {"pr-7": pushed}
    assert rooms.calls["drain"] == 0
    assert [action.action for action in rooms.swept.actions] == ["report"]


# two teardowns


def test_a_close_during_a_sweeps_teardown_waits_and_finds_nothing_to_do():
    rooms = rooms_with(held_by(SWEEP), open=False)
    rooms.over["99"] = False
    ends_after(rooms, 2, rooms.kept.clear)
    assert down(rooms, DOWN).phase is Phase.DESTROYED
    assert rooms.calls["delete_namespace"] == 0
    assert any("Run 99" in line for line in rooms.said)


def test_who_does_not_wait_is_told_who_is_at_work():
    rooms = rooms_with(held_by(SWEEP))
    rooms.over["99"] = False
    with pytest.raises(HeldError, match="another run") as caught:
        down(rooms, structs.replace(DOWN, patient=False))
    assert caught.value.where == SWEEP.url


def test_a_dry_run_waits_for_nobody():
    rooms = rooms_with(held_by(SWEEP))
    down(rooms, structs.replace(DOWN, dry_run=True))
    assert rooms.calls["wait"] == 0
    assert rooms.kept["pr-7"].lease.run == SWEEP


@pytest.mark.parametrize(
    ("moment", "undone"), [("drain", ("destroy", "delete_namespace")), ("destroy", ("delete_namespace",))]
)
def test_a_teardown_that_was_taken_over_stops_before_what_cannot_be_undone(moment, undone):
    rooms = rooms_with(record(terraform=APPLIED), WITH_TERRAFORM)
    theirs = held_by(Run(id="5"), minutes=0, phase=Phase.PROVISIONING)
    rooms.before[moment] = lambda: rooms.kept.update({"pr-7": theirs})
    with pytest.raises(RecordError, match="another run"):
        down(rooms, DOWN)
    assert [rooms.calls[name] for name in undone] == [0] * len(undone)
    assert rooms.kept == {"pr-7": theirs}


def test_a_teardown_goes_on_when_somebody_removed_its_record():
    rooms = rooms_with(record(terraform=APPLIED), WITH_TERRAFORM)
    rooms.before["drain"] = rooms.kept.clear
    assert down(rooms, DOWN).phase is Phase.DESTROYED
    assert rooms.calls["destroy"] == 1


# what a run leaves


def test_a_run_that_was_taken_over_writes_nothing_more_not_even_its_failure():
    rooms = rooms_with(record(terraform=APPLIED), WITH_TERRAFORM)
    theirs = held_by(SWEEP, minutes=0)
    rooms.before["write planned"] = lambda: rooms.kept.update({"pr-7": theirs})
    with pytest.raises(RecordError, match="another run"):
        up(rooms, FULL)
    assert rooms.kept == {"pr-7": theirs}
    assert rooms.calls["apply"] == 0


@pytest.mark.parametrize("config", [WITH_TERRAFORM, WITHOUT_TERRAFORM])
def test_a_finished_run_has_given_the_lease_back(config):
    rooms = in_memory_rooms(config, pulls=[pull()])
    up(rooms, FULL)
    assert rooms.kept["pr-7"].lease is None
    assert rooms.kept["pr-7"].run.id == "1"


def test_while_something_cooks_the_lease_is_kept():
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.let_apply_end.clear()
    rooms.after["write ready"] = rooms.let_apply_end.set
    while_cooking = []
    rooms.before["write everything"] = lambda: while_cooking.append(rooms.kept["pr-7"])
    assert up(rooms, FULL).phase is Phase.READY
    assert [(one.phase, one.lease.run.id, one.terraform.applied) for one in while_cooking] == [
        (Phase.READY, "1", False)
    ]
    assert (rooms.kept["pr-7"].lease, rooms.kept["pr-7"].terraform.applied) == (None, True)


def test_a_superseded_run_gives_the_lease_back():
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, pulls=[pull()])
    rooms.before["ensure_namespace"] = lambda: rooms.pulls.update({7: pull(head_sha="c" * 40)})
    up(rooms, LIGHT)
    assert rooms.kept["pr-7"].lease is None
    assert rooms.kept["pr-7"].phase is not Phase.READY


def test_who_finds_an_expired_environment_gone_is_told_how_it_comes_back():
    rooms = rooms_with(record(**EXPIRED))
    sweep(rooms, SweepRequest())
    (outcome,) = rooms.finished
    assert outcome.phase is Phase.DESTROYED
    (notice,) = outcome.notices
    assert "A push brings it back" in notice
    assert "`eod/keep`" in notice
