"""What a run left in the cloud that was killed before its first transition reached the records branch."""

from copy import copy

import pytest
from msgspec import structs

from eod.errors import AwsError, EodError, TerraformUsageError
from eod.lifecycle.rooms import SweepRequest
from eod.lifecycle.sweep import sweep
from tests.lifecycle.builders import pull
from tests.lifecycle.cloud import BUCKET, QUEUE, MemoryCloud
from tests.lifecycle.inmemory import WITH_TERRAFORM, in_memory_rooms

OTHER = structs.replace(QUEUE, id="arn:aws:sqs:eu-west-1:1:pr-8-jobs", environment="pr-8")


def rooms_with(*items, pulls):
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=pulls)
    rooms.inventory = rooms.remover = MemoryCloud(*items)
    return rooms


def test_what_is_tagged_for_a_closed_pull_request_without_a_record_is_found_destroyed_and_certified():
    rooms = rooms_with(QUEUE, BUCKET, pulls=[pull(open=False), pull(9)])
    outcome = sweep(rooms, SweepRequest())
    (action,) = outcome.actions
    assert (action.environment, action.reason, action.done) == ("pr-7", "orphaned", True)
    assert rooms.bound[-1]["environment"] == "pr-7"
    assert rooms.bound[-1]["commit"] == rooms.base_commit
    assert rooms.bound[-1]["tags"]["environment.on-demand/name"] == "pr-7"
    assert rooms.inventory.items == []
    assert rooms.kept == {}
    (certificate,) = outcome.certificates
    assert certificate.complete
    assert {removal.item.id for removal in certificate.removed} >= {QUEUE.id, BUCKET.id}


def test_while_the_pull_request_is_open_its_next_run_adopts_it():
    rooms = rooms_with(QUEUE, pulls=[pull()])
    outcome = sweep(rooms, SweepRequest())
    assert [action for action in outcome.actions if action.action == "teardown"] == []
    assert rooms.inventory.items == [QUEUE]


def test_a_sweep_that_fails_on_it_finds_it_again():
    rooms = rooms_with(QUEUE, pulls=[pull(open=False), pull(9)])

    def fail():
        raise AwsError("not today")

    rooms.before["destroy"] = fail
    with pytest.raises(EodError, match="1 of 1 actions"):
        sweep(rooms, SweepRequest())
    assert rooms.inventory.items == [QUEUE]
    sweep(rooms, SweepRequest())
    assert rooms.inventory.items == []
    assert rooms.kept == {}


def test_one_whose_state_holds_anothers_resources_keeps_no_other_from_going():
    rooms = rooms_with(QUEUE, OTHER, pulls=[pull(open=False), pull(8, open=False), pull(9)])

    def refused(_on_progress):
        raise TerraformUsageError("The state of pr-7 holds 1 resource of another environment.")

    refusing = copy(rooms)
    refusing.destroy = refused
    rooms.workspace = lambda **binding: refusing if binding["environment"] == "pr-7" else rooms
    with pytest.raises(EodError) as failed:
        sweep(rooms, SweepRequest())
    assert "pr-7: The state of pr-7 holds 1 resource of another environment." in failed.value.detail
    assert rooms.inventory.items == [QUEUE]
