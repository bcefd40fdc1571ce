from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.errors import RecordError
from eod.model.record import Failure, Phase
from eod.records.machine import MOVES, move
from tests.records.conftest import NOW, record

LATER = NOW + timedelta(minutes=5)
FAILURE = Failure(step="apply", what="No.")


def moved(start, to):
    changes = {"failure": FAILURE} if to is Phase.FAILED else {}
    return move(record(phase=start), to, LATER, **changes)


@pytest.mark.parametrize(
    "story",
    [
        "requested planned provisioning syncing ready updating planned provisioning ready destroying destroyed",
        "requested provisioning syncing ready destroying destroyed",
        "requested planned awaiting-approval provisioning ready",
        "requested planned failed requested planned provisioning failed destroying failed destroying destroyed",
        "requested requested planned requested",
        "destroying destroying destroyed",
    ],
)
def test_stories_that_happen(story):
    phases = [Phase(name) for name in story.split()]
    for start, to in pairwise(phases):
        after = moved(start, to)
        assert (after.phase, after.updated_at) == (to, LATER)


@pytest.mark.parametrize(
    ("start", "to"),
    [
        (Phase.REQUESTED, Phase.READY),
        (Phase.READY, Phase.REQUESTED),
        (Phase.READY, Phase.READY),
        (Phase.DESTROYING, Phase.READY),
        (Phase.DESTROYING, Phase.REQUESTED),
        (Phase.DESTROYED, Phase.REQUESTED),
        (Phase.READY, Phase.DESTROYED),
        (Phase.AWAITING_APPROVAL, Phase.SYNCING),
    ],
)
def test_an_impossible_move_names_both_phases_and_the_ways_that_are_open(start, to):
    with pytest.raises(RecordError) as caught:
        moved(start, to)
    assert f"from `{start}` to `{to}`" in caught.value.what
    assert all(f"`{phase}`" in caught.value.what for phase in MOVES[start])
    assert caught.value.fix


def test_the_table_speaks_of_every_phase_and_failure_and_teardown_are_always_open():
    assert set(MOVES) == set(Phase)
    living = set(Phase) - {Phase.DESTROYED}
    assert all(Phase.FAILED in MOVES[phase] and Phase.DESTROYING in MOVES[phase] for phase in living)
    assert {phase for phase in Phase if Phase.DESTROYED in MOVES[phase]} == {Phase.DESTROYING}


@settings(deadline=None)
@given(st.lists(st.sampled_from(Phase), max_size=12))
def test_no_sequence_of_moves_leaves_the_table(phases):
    now = record()
    for to in phases:
        try:
            after = move(now, to, LATER, **({"failure": FAILURE} if to is Phase.FAILED else {}))
        except RecordError:
            assert to not in MOVES[now.phase]
            continue
        assert to in MOVES[now.phase]
        assert (after.failure is not None) == (after.phase is Phase.FAILED)
        now = after


def test_a_failure_needs_its_cause_and_goes_with_the_next_move():
    with pytest.raises(RecordError, match="without a failure"):
        move(record(), Phase.FAILED, LATER)
    failed = move(record(), Phase.FAILED, LATER, failure=FAILURE)
    assert failed.failure == FAILURE
    assert move(failed, Phase.REQUESTED, LATER).failure is None


def test_ready_notes_when_and_changes_are_taken_along():
    ready = move(record(phase=Phase.SYNCING), Phase.READY, LATER, ready_seconds=12.5)
    assert (ready.ready_at, ready.ready_seconds) == (LATER, 12.5)
    assert move(record(phase=Phase.SYNCING), Phase.READY, LATER, ready_at=NOW).ready_at == NOW


def test_the_record_that_was_there_is_not_touched():
    before = record()
    move(before, Phase.PLANNED, LATER)
    assert before == record()
