"""Terraform's outputs on their way into the record: when, which of them, and how much."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from eod.cli.draining import after_drain
from eod.errors import EodError
from eod.lifecycle.down import down
from eod.lifecycle.outputs import DEEPEST, MOST, MOST_BYTES, kept_of
from eod.lifecycle.rooms import DownRequest, Until, UpRequest
from eod.lifecycle.status import outcome_of, report_status
from eod.lifecycle.up import up
from eod.model.outputs import Outputs
from eod.model.plan import ApplyResult, Plan, PlanSummary
from eod.model.record import Lease, Phase, TerraformRecord
from eod.model.tier import Tier
from eod.reports.outputs import outputs_of
from eod.reports.redact import Redactor
from eod.terraform.drain import DrainEnd, DrainReport
from eod.terraform.transcript import Account
from tests.lifecycle.builders import NOW, pull, record
from tests.lifecycle.inmemory import WITH_TERRAFORM, WITHOUT_TERRAFORM, in_memory_rooms

FULL = UpRequest(pr_number=7, forced_tier=Tier.FULL)
APPLIED = TerraformRecord(commit="a" * 40, directory="infra", applied=True)
OLD = Outputs(values={"url": "https://old"})
NEW = Outputs(values={"url": "https://new"}, sensitive=("password",))
UNTOLD = "Terraform did not say what its outputs are: none are recorded."


def rooms_of(*, ends_with: Outputs | None = NEW, **kept) -> Any:
    """An apply that ends with these outputs, of an environment that is new unless something of it is `kept`."""
    records = [record(terraform=APPLIED, **kept)] if kept else []
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()], records=records)
    rooms.apply = lambda *_: ApplyResult(added=1, outputs=ends_with)
    return rooms


def told(rooms):
    """What the record keeps, and the action's output."""
    last = outputs_of(rooms.finished[-1])["terraform-outputs"]
    return rooms.kept["pr-7"].outputs, json.loads(last) if last else None


def test_they_are_recorded_and_handed_on_once_they_are_applied():
    rooms = rooms_of(ends_with=OLD)
    up(rooms, FULL)
    assert told(rooms) == (OLD, {"url": "https://old"})
    rooms.apply = lambda *_: ApplyResult(outputs=NEW)
    up(rooms, FULL)
    assert told(rooms) == (NEW, {"url": "https://new"})


def test_they_are_known_where_there_is_nothing_to_apply():
    # The record is one that was written before there was such a field.
    rooms = rooms_of(outputs=None, phase=Phase.READY)
    rooms.plan = lambda: Plan(
        path="plan", digest="d", terraform_version="1", changes=(), summary=PlanSummary(), outputs=NEW
    )
    up(rooms, FULL)
    assert told(rooms) == (NEW, {"url": "https://new"})
    assert rooms.calls["apply"] == 0


def test_what_still_cooks_at_ready_hands_them_on_at_its_end():
    rooms = rooms_of()
    rooms.let_apply_end.clear()
    rooms.apply = lambda *_: rooms.let_apply_end.wait(10) and ApplyResult(outputs=NEW)
    rooms.after["write ready"] = rooms.let_apply_end.set
    up(rooms, FULL)
    assert told(rooms) == (NEW, {"url": "https://new"})


def test_they_are_recorded_though_the_application_fails_afterwards():
    rooms = rooms_of()
    rooms.before["write ready"] = lambda: (_ for _ in ()).throw(EodError("It does not answer."))
    with pytest.raises(EodError):
        up(rooms, FULL)
    assert rooms.kept["pr-7"].phase is Phase.FAILED
    assert told(rooms) == (NEW, {"url": "https://new"})


def test_an_apply_that_fails_leaves_those_of_the_last_one():
    rooms = rooms_of(phase=Phase.READY, outputs=OLD)

    def apply(*_):
        raise EodError("It fails.")

    rooms.apply = apply
    with pytest.raises(EodError):
        up(rooms, FULL)
    assert told(rooms) == (OLD, {"url": "https://old"})


def test_a_superseded_run_records_what_its_apply_ended_with():
    rooms = rooms_of()
    rooms.let_apply_end.clear()
    rooms.apply = lambda *_: rooms.let_apply_end.wait(10) and ApplyResult(outputs=NEW)
    rooms.before["write provisioning"] = lambda: rooms.pulls.update({7: pull(head_sha="c" * 40)})
    rooms.heard["Waiting for Terraform"] = rooms.let_apply_end.set
    up(rooms, FULL)
    assert any("was pushed" in notice for notice in rooms.finished[-1].notices)
    assert told(rooms) == (NEW, {"url": "https://new"})


def test_where_terraform_tells_none_none_are_kept():
    rooms = rooms_of(ends_with=None, phase=Phase.READY, outputs=OLD)
    up(rooms, FULL)
    assert told(rooms) == (None, None)
    assert UNTOLD in rooms.said


def test_a_module_without_outputs_has_an_empty_object():
    rooms = rooms_of(ends_with=Outputs())
    up(rooms, FULL)
    assert told(rooms) == (Outputs(), {})


def test_without_terraform_there_are_none_and_nothing_is_said():
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, pulls=[pull()])
    up(rooms, FULL)
    assert told(rooms) == (None, None)
    assert UNTOLD not in rooms.said


def test_a_plan_alone_records_nothing():
    rooms = rooms_of()
    up(rooms, structs.replace(FULL, until=Until.PLANNED))
    assert outputs_of(rooms.finished[-1])["terraform-outputs"] == ""


def test_a_status_and_a_run_that_has_nothing_to_do_hand_on_what_is_recorded():
    rooms = rooms_of(phase=Phase.READY, outputs=NEW)
    report_status(rooms, 7)
    assert told(rooms)[1] == {"url": "https://new"}
    up(rooms, structs.replace(FULL, forced_tier=Tier.NONE))
    assert told(rooms)[1] == {"url": "https://new"}
    assert outcome_of(rooms, None, 8).outputs is None


def test_a_teardown_that_fails_keeps_none_and_one_that_succeeds_no_record():
    rooms = rooms_of(phase=Phase.READY, outputs=NEW)

    def fails():
        raise EodError("It fails.")

    rooms.before["delete_namespace"] = fails
    with pytest.raises(EodError):
        down(rooms, DownRequest(pr_number=7))
    assert (rooms.kept["pr-7"].phase, rooms.kept["pr-7"].outputs) == (Phase.FAILED, None)
    assert rooms.kept["pr-7"].terraform == APPLIED
    down(rooms, DownRequest(pr_number=7))
    assert rooms.kept == {}
    assert outputs_of(rooms.finished[-1])["terraform-outputs"] == ""


@pytest.mark.parametrize(
    ("end", "operation", "kept"),
    [(DrainEnd.SUCCEEDED, "apply", None), (DrainEnd.STOPPED, "apply", OLD), (DrainEnd.SUCCEEDED, "plan", OLD)],
)
@pytest.mark.parametrize("phase", [Phase.READY, Phase.FAILED])
def test_where_only_the_drain_step_saw_the_apply_end_the_old_ones_are_not_kept(phase, end, operation, kept):
    rooms = rooms_of()
    before = record(phase=phase, terraform=APPLIED, outputs=OLD, lease=Lease(run=rooms.run, since=NOW))
    report = DrainReport(
        environment="pr-7", operation=operation, end=end, account=Account(outputs=NEW), waited_seconds=1.0
    )
    assert after_drain(before, report, run=rooms.run, now=NOW).outputs == kept


def test_the_log_names_what_is_left_out():
    rooms = rooms_of(ends_with=Outputs(values={"small": 1, "large": "x" * MOST_BYTES}))
    up(rooms, FULL)
    assert told(rooms)[1] == {"small": 1}
    assert "Outputs that are not recorded, because 50 and 16 KiB are the most: large" in rooms.said


# What is kept


def kept(values, *secrets, **more):
    return kept_of(Outputs(values=values, **more), Redactor(secrets))


def test_the_smallest_are_kept_in_the_order_of_their_names():
    found = kept({f"o{number:02}": "x" * number for number in range(60, 0, -1)})
    assert list(found.values) == [f"o{number:02}" for number in range(1, 51)]
    assert found.left_out == tuple(f"o{number}" for number in range(51, 61))


def test_names_are_bounded_too():
    many = {f"o{number:04}": "x" * MOST_BYTES for number in range(200)}
    found = kept(many, sensitive=tuple("s" * 1_000 + str(number) for number in range(200)))
    assert (len(found.left_out), found.left_out[-1]) == (MOST + 1, "and 150 more")
    assert len(found.sensitive) == MOST + 1
    assert max(map(len, found.sensitive)) == 200


def nested(levels):
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def test_what_is_too_deep_to_be_read_back_is_left_out():
    found = kept({"deep": nested(DEEPEST + 1), "well": nested(DEEPEST)})
    assert (list(found.values), found.left_out) == (["well"], ("deep",))


def test_known_secrets_and_what_looks_like_one_are_taken_out_wherever_they_stand():
    found = kept(
        {
            "dsn": "postgres://app:hunter22@db/shop",
            "list": ["of s3cr3t-word", {"s3cr3t-word": "s3cr3t-word"}],
            "number": 99887766,
            "port": 5432,
            "admin": {"password": "correct horse", "enabled": True, "nothing": None},
            "db_password": "battery-staple",
        },
        "s3cr3t-word",
        "99887766",
    )
    assert found.values == {
        "admin": {"password": "***", "enabled": True, "nothing": None},
        "db_password": "***",
        "dsn": "postgres://***@db/shop",
        "list": ["of ***", {"***": "***"}],
        "number": "***",
        "port": 5432,
    }


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["a\nb", "EOF\n", "::error::x", 'say "x"', "<<ghadelimiter", "\u2028", "yes", "\x00", "***", "s3cr3t-word"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(texts, values, max_size=8), st.integers(0, 60), st.integers(0, 3_000))
def test_whatever_they_are_the_bounds_hold_and_nothing_vanishes_unsaid(some, number, length):
    more = {f"o{each}": "x" * length for each in range(number)}
    found = kept({**more, **some})
    assert len(found.values) <= MOST
    assert len(json.dumps(found.values, ensure_ascii=False, separators=(",", ":")).encode()) <= MOST_BYTES + 2
    assert len(found.values) + len(found.left_out) >= min(len({**more, **some}), MOST)
    assert kept(found.values).values == found.values
