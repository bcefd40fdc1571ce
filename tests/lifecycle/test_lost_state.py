"""A teardown ends empty, and says how, whatever became of Terraform's state."""

import pytest

from eod.errors import LeftoversError, StateDamagedError, TerraformError
from eod.lifecycle.down import down
from eod.lifecycle.rooms import DownRequest
from eod.model.record import Phase, TerraformRecord
from tests.lifecycle.builders import record
from tests.lifecycle.cloud import BUCKET, QUEUE, SNAPSHOT, MemoryCloud
from tests.lifecycle.inmemory import WITH_TERRAFORM, in_memory_rooms

APPLIED = TerraformRecord(commit="a" * 40, directory="infra", backend={"key": "eod/pr-7.tfstate"}, applied=True)
CLOSED = DownRequest(pr_number=7)


def rooms_with(*items):
    rooms = in_memory_rooms(WITH_TERRAFORM, records=[record(terraform=APPLIED)])
    rooms.inventory = rooms.remover = MemoryCloud(*items)
    return rooms


def checks(outcome):
    return {check.name: check.detail for check in outcome.certificate.checks}


def failing(error):
    def fail():
        raise error

    return fail


def test_what_no_state_knows_is_removed_by_its_tags():
    rooms = rooms_with(QUEUE, BUCKET)
    rooms.before["destroy"] = lambda: rooms.inventory.items.remove(BUCKET)
    outcome = down(rooms, CLOSED)
    assert outcome.phase is Phase.DESTROYED
    assert rooms.inventory.asked == [(QUEUE,)]
    assert checks(outcome)["found by tag"] == "1 in no state, each removed by its own service"
    assert outcome.certificate is not None
    assert {removal.item.id for removal in outcome.certificate.removed} >= {QUEUE.id, BUCKET.id}


def test_nothing_is_said_of_tags_where_the_state_knew_all():
    rooms = rooms_with(BUCKET)
    rooms.before["destroy"] = rooms.inventory.items.clear
    assert "found by tag" not in checks(down(rooms, CLOSED))
    assert rooms.inventory.asked == []


def test_a_damaged_state_does_not_keep_an_environment_alive():
    rooms = rooms_with(QUEUE, BUCKET)
    rooms.before["destroy"] = failing(StateDamagedError("The state is damaged."))
    outcome = down(rooms, CLOSED)
    assert outcome.phase is Phase.DESTROYED
    assert rooms.kept == {}
    assert checks(outcome)["Terraform state"].startswith("damaged")
    assert checks(outcome)["found by tag"].startswith("2 in no state")
    assert any("eod/pr-7.tfstate" in notice for notice in outcome.notices)


def rooms_with_damage(*items):
    rooms = rooms_with(*items)
    rooms.before["destroy"] = failing(StateDamagedError("The state is damaged."))
    return rooms


def test_a_damaged_state_is_moved_aside_once_the_environment_is_proved_empty():
    rooms = rooms_with_damage(QUEUE)
    rooms.move_state = object()
    left = []
    rooms.before["set_aside"] = lambda: left.extend(rooms.inventory.items)
    outcome = down(rooms, CLOSED)
    assert left == []
    assert rooms.moved == (rooms.now(), rooms.move_state)
    told = "The damaged state was moved to eod/pr-7.tfstate.damaged: this environment can be made again."
    assert checks(outcome)["damaged state"] == told
    assert told in outcome.notices
    assert outcome.certificate is not None
    assert outcome.certificate.complete


def test_where_something_is_left_the_damaged_state_stays_with_it():
    rooms = rooms_with_damage(SNAPSHOT)
    with pytest.raises(LeftoversError):
        down(rooms, CLOSED)
    assert rooms.moved is None


def test_a_damaged_state_that_has_to_stay_keeps_no_environment_alive_and_is_told():
    rooms = rooms_with_damage(QUEUE)
    rooms.before["set_aside"] = failing(TerraformError("It stays.", fix="Move it aside."))
    outcome = down(rooms, CLOSED)
    assert outcome.phase is Phase.DESTROYED
    assert checks(outcome)["damaged state"].startswith("It stays. Move it aside. Until it is moved")


def test_a_state_that_is_whole_is_not_moved():
    rooms = rooms_with(BUCKET)
    rooms.before["destroy"] = rooms.inventory.items.clear
    assert "damaged state" not in checks(down(rooms, CLOSED))
    assert rooms.moved is None


def test_any_other_failure_of_terraform_deletes_nothing_behind_its_back():
    rooms = rooms_with(QUEUE)
    rooms.before["destroy"] = failing(TerraformError("AccessDenied"))
    with pytest.raises(TerraformError):
        down(rooms, CLOSED)
    assert rooms.inventory.items == [QUEUE]


def test_what_cannot_be_deleted_by_itself_is_named():
    rooms = rooms_with(QUEUE, SNAPSHOT)
    with pytest.raises(LeftoversError) as left:
        down(rooms, CLOSED)
    assert SNAPSHOT.id in left.value.detail
    assert QUEUE.id not in left.value.detail


def test_what_is_refused_keeps_nothing_else_from_going_and_is_named_with_its_cause():
    rooms = rooms_with(QUEUE, BUCKET)
    rooms.remover.refuses = {QUEUE.id: "AWS refuses deleting it. Allow `DeleteQueue`."}
    with pytest.raises(LeftoversError) as left:
        down(rooms, CLOSED)
    assert rooms.inventory.items == [QUEUE]
    assert f"{QUEUE.id}: AWS refuses deleting it. Allow `DeleteQueue`." in left.value.detail


def test_a_dry_run_deletes_nothing():
    rooms = rooms_with(QUEUE)
    down(rooms, DownRequest(pr_number=7, dry_run=True))
    assert rooms.inventory.items == [QUEUE]
