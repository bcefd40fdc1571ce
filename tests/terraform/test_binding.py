from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.model.plan import ResourceChange
from eod.terraform.binding import beyond, digest_of

BOUND: dict[str, Any] = {
    "environment": "pr-1",
    "commit": "abc",
    "variables": {"a": 1, "b": [2]},
    "tags": {"owner": "me"},
}


def change(address, *actions, reason=""):
    return ResourceChange(address=address, type="t", actions=actions, reason=reason)


CHANGES = (change("a", "create"), change("b", "delete", "create"))


def test_the_digest_does_not_depend_on_any_order():
    turned = {**BOUND, "variables": {"b": [2], "a": 1}}
    assert digest_of(**BOUND, changes=CHANGES) == digest_of(**turned, changes=CHANGES[::-1])
    assert len(digest_of(**BOUND, changes=CHANGES)) == 64


@pytest.mark.parametrize(
    "other",
    [
        {"environment": "pr-2"},
        {"commit": "abd"},
        {"variables": {"a": 1, "b": [3]}},
        {"variables": {"a": "1", "b": [2]}},
        {"tags": {}},
    ],
)
def test_the_digest_changes_with_what_the_plan_is_bound_to(other):
    assert digest_of(**{**BOUND, **other}, changes=CHANGES) != digest_of(**BOUND, changes=CHANGES)


def test_the_digest_changes_with_what_the_plan_does():
    made, gone = [change("a", "create")], [change("a", "delete")]
    assert digest_of(**BOUND, changes=made) != digest_of(**BOUND, changes=gone)


@pytest.mark.parametrize(
    ("approved", "planned"),
    [
        (["create"], ["create"]),
        (["create"], ["update"]),
        (["create"], ["no-op"]),
        (["update"], ["update"]),
        (["delete"], ["delete"]),
        (["delete", "create"], ["delete", "create"]),
        (["delete", "create"], ["create", "delete"]),
        (["delete", "create"], ["create"]),
        (["create", "delete"], ["update"]),
        (["forget"], ["forget"]),
    ],
)
def test_what_is_left_of_an_approved_action_may_be_done(approved, planned):
    assert beyond([change("a", *approved)], [change("a", *planned)]) == ()


@pytest.mark.parametrize(
    ("approved", "planned"),
    [
        (["update"], ["delete", "create"]),
        (["update"], ["delete"]),
        (["update"], ["create"]),
        (["create"], ["delete"]),
        (["create"], ["delete", "create"]),
        (["delete"], ["create"]),
        (["delete"], ["update"]),
        (["forget"], ["delete"]),
        (["no-op"], ["update"]),
    ],
)
def test_a_stronger_action_was_not_approved(approved, planned):
    assert beyond([change("a", *approved)], [change("a", *planned)]) == (f"a: {'/'.join(planned)}",)


def test_what_is_only_moved_or_imported_is_approved_like_the_rest():
    # Once in the state it would be destroyed with it.
    assert beyond([change("a", "create")], [change("b", "no-op")]) == ("b: moved or imported",)
    assert beyond([change("b", "no-op")], [change("b", "no-op")]) == ()


def test_another_resource_was_not_approved():
    assert beyond([change("a", "create")], [change("b", "create"), change("a", "create")]) == ("b: create",)


def test_a_tainted_creation_may_be_replaced():
    remade = change("a", "delete", "create", reason="replace_because_tainted")
    assert beyond([change("a", "create")], [remade]) == ()
    assert beyond([change("a", "update")], [remade]) == ("a: delete/create",)


def test_what_a_replacement_left_behind_may_be_deleted():
    leftover = change("a (deposed 12ab)", "delete")
    assert beyond([change("a", "create", "delete")], [leftover]) == ()
    assert beyond([change("a", "update")], [leftover]) == ("a (deposed 12ab): delete",)
    assert beyond([], [leftover]) == ("a (deposed 12ab): delete",)


_ACTIONS = st.sampled_from([("create",), ("update",), ("delete",), ("delete", "create"), ("create", "delete")])


@given(st.dictionaries(st.sampled_from("abcdef"), _ACTIONS))
def test_every_part_of_a_plan_is_within_it(actions):
    changes = [change(address, *done) for address, done in actions.items()]
    for number in range(len(changes)):
        assert beyond(changes, changes[number:]) == ()
    for one in changes:
        others = [other for other in changes if other is not one]
        assert beyond(others, [one]) == (f"{one.address}: {'/'.join(one.actions)}",)
