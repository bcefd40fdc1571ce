"""What is in Terraform's way: in a teardown all with the environment's tags may go, else only deleted secrets."""

from typing import Any

import pytest

from eod.errors import AwsError, CancelledError
from eod.lifecycle.clearing import clearing_for
from eod.lifecycle.down import down
from eod.lifecycle.place import place_of
from eod.lifecycle.rooms import DownRequest, UpRequest
from eod.lifecycle.up import up
from eod.model.cloud import Cleared, Item
from eod.model.fault import Clearing
from eod.model.record import Phase, TerraformRecord
from eod.model.tier import Tier
from tests.lifecycle.builders import pull, record
from tests.lifecycle.cloud import BUCKET, QUEUE, SNAPSHOT, MemoryCloud
from tests.lifecycle.inmemory import WITH_TERRAFORM, in_memory_rooms

APPLIED = TerraformRecord(commit="a" * 40, directory="infra", backend={"key": "eod/pr-7.tfstate"}, applied=True)
ALL = frozenset(Clearing)
OTHER = Item(kind="log group", id="arn:aws:logs:eu-west-1:1:log-group:/pr-7/app", environment="pr-7")


class MemoryClearer:
    def __init__(self):
        self.asked: Any = []

    def empty(self, items, _seconds):
        self.asked.append(("empty", items))
        return Cleared(done=("emptied",))

    def start(self, items, _seconds):
        self.asked.append(("start", items))
        return Cleared(done=("started",))

    def detach(self, items):
        self.asked.append(("detach", items))
        return Cleared()

    def forget(self, environment):
        self.asked.append(("forget", environment))
        return Cleared(done=("forgotten",))


@pytest.fixture
def rooms():
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()], records=[record(terraform=APPLIED)])
    rooms.inventory = rooms.remover = MemoryCloud(QUEUE, BUCKET, SNAPSHOT)
    rooms.clearer = MemoryClearer()
    return rooms


def clear(rooms, what, *, teardown=True, in_state=(BUCKET,)):
    cleared = clearing_for(rooms, place_of(rooms.config, rooms.repository, 7), teardown=teardown)
    assert cleared is not None
    return cleared(what, unknown=lambda items: tuple(item for item in items if item not in in_state))


def test_a_teardown_removes_strays_and_empties_but_leaves_what_the_state_knows(rooms):
    told = clear(rooms, ALL)
    assert told == (
        f"sqs queue {QUEUE.id} was in no state and in the way: deleted by its tags.",
        "emptied",
        "started",
    )
    assert rooms.inventory.items == [BUCKET, SNAPSHOT]
    assert [name for name, _ in rooms.clearer.asked] == ["detach", "empty", "start"]


def test_only_what_is_asked_for_is_done(rooms):
    assert clear(rooms, frozenset({Clearing.CONTENTS})) == ("emptied",)
    assert rooms.inventory.items == [QUEUE, BUCKET, SNAPSHOT]
    assert [name for name, _ in rooms.clearer.asked] == ["empty"]


def test_while_it_is_made_nothing_is_touched_but_what_is_deleted_already(rooms):
    assert clear(rooms, ALL, teardown=False) == ("forgotten",)
    assert clear(rooms, ALL - {Clearing.DELETED}, teardown=False) == ()
    assert rooms.clearer.asked == [("forget", "pr-7")]
    assert rooms.inventory.items == [QUEUE, BUCKET, SNAPSHOT]


def test_a_cloud_that_refuses_is_told_and_nothing_is_tried_again(rooms):
    def refuse(*_what):
        raise AwsError("AWS refuses emptying s3 bucket pr-7-assets.")

    rooms.clearer.empty = refuse
    assert clear(rooms, frozenset({Clearing.CONTENTS})) == ()
    assert any("refuses emptying" in line for line in rooms.said)


def test_what_was_cleared_away_before_a_refusal_is_told_and_the_rest_is_done(rooms):
    def refuse(*_what):
        raise AwsError("AWS refuses emptying s3 bucket pr-7-assets.")

    rooms.clearer.empty = refuse
    assert clear(rooms, ALL) == (
        f"sqs queue {QUEUE.id} was in no state and in the way: deleted by its tags.",
        "started",
    )
    assert any("refuses emptying" in line for line in rooms.said)


def test_of_several_only_what_is_refused_is_left_and_each_is_told(rooms):
    rooms.remover.refuses = {QUEUE.id: "AWS refuses deleting sqs queue."}
    rooms.inventory.items.append(OTHER)
    rooms.clearer.empty = lambda *_what: Cleared(done=("one emptied",), refused=("two refused",))
    assert clear(rooms, ALL)[:2] == (
        f"log group {OTHER.id} was in no state and in the way: deleted by its tags.",
        "one emptied",
    )
    said = "\n".join(rooms.said)
    assert f"{QUEUE.id}: AWS refuses deleting sqs queue." in said
    assert "two refused" in said


def test_a_cancel_is_one(rooms):
    def cancel(*_what):
        raise CancelledError("cancelled")

    rooms.clearer.empty = cancel
    with pytest.raises(CancelledError):
        clear(rooms, frozenset({Clearing.CONTENTS}))


def test_without_a_cloud_nothing_is_cleared_away(rooms):
    rooms.clearer = None
    assert clearing_for(rooms, place_of(rooms.config, rooms.repository, 7), teardown=True) is None


def test_a_teardown_says_what_it_cleared_away_in_certificate_and_comment(rooms):
    rooms.remover.items = [BUCKET]

    def destroy():
        rooms.repairs += rooms.bound[-1]["clear"](frozenset({Clearing.CONTENTS}), unknown=lambda items: items)
        rooms.inventory.items.clear()

    rooms.before["destroy"] = destroy
    outcome = down(rooms, DownRequest(pr_number=7))
    assert outcome.phase is Phase.DESTROYED
    assert "Repaired: emptied" in outcome.notices
    assert outcome.certificate is not None
    assert "emptied" in [check.detail for check in outcome.certificate.checks]


def test_an_apply_says_what_it_cleared_away_in_record_and_comment(rooms):
    rooms.kept = {}
    rooms.inventory = rooms.remover = None

    def apply():
        rooms.repairs += rooms.bound[-1]["clear"](frozenset({Clearing.DELETED}), unknown=lambda items: items)

    rooms.before["apply"] = apply
    outcome = up(rooms, UpRequest(pr_number=7, forced_tier=Tier.FULL))
    assert "Repaired: forgotten" in outcome.notices
    assert rooms.kept["pr-7"].repairs == ("forgotten",)
