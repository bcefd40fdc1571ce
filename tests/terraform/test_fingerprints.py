import json

from hypothesis import given
from hypothesis import strategies as st

from eod.terraform.fingerprints import beyond_approved, fingerprints_of
from eod.terraform.plan_json import decode_plan

KEY = b"k" * 32


def prints(after, *, unknown=None, before=None, actions=("create",), address="a.b", key=KEY):
    change = {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}}
    resource = {"address": address, "type": "a", "change": change}
    return fingerprints_of(
        decode_plan(json.dumps({"format_version": "1.2", "resource_changes": [resource]}).encode()), key
    )


def more(approved, planned):
    return beyond_approved(approved, planned).get("a.b", ())


def test_the_same_plan_is_within_itself():
    assert more(prints({"a": 1, "b": [{"c": "d"}]}), prints({"a": 1, "b": [{"c": "d"}]})) == ()


def test_another_value_was_not_approved():
    assert more(prints({"a": 1, "b": 2, "c": 3}), prints({"a": 1, "b": 3, "c": 4})) == ("b", "c")
    assert more(prints({"a": "1"}), prints({"a": 1})) == ("a",)
    assert more(prints({"a": None}), prints({"a": ""})) == ("a",)


def test_a_value_that_is_left_away_was_not_approved():
    assert more(prints({"tags": {"a": "1", "b": "2"}}), prints({"tags": {"a": "1"}})) == ("tags",)
    assert more(prints({"tags": {"a": "1"}}), prints({"tags": None})) == ("tags",)


def test_what_was_not_known_then_may_turn_out_to_be_anything():
    approved = prints({"name": "q"}, unknown={"arn": True, "owner": {"id": True}})
    assert more(approved, prints({"name": "q", "arn": "arn:aws:…", "owner": {"id": "7"}})) == ()
    assert more(approved, prints({"name": "q", "owner": {"id": "7", "name": "x"}})) == ("owner",)


def told(change=None, **resource):
    """The digests of one resource of which nothing is set, as where it is imported or moved."""
    change = {"actions": ["no-op"], "before": {"a": 1}, "after": {"a": 1}, **(change or {})}
    plan = {
        "format_version": "1.2",
        "resource_changes": [{"address": "a.b", "type": "a", "change": change, **resource}],
    }
    return fingerprints_of(decode_plan(json.dumps(plan).encode()), KEY)


def imports(**what):
    return told({"importing": what})


def test_what_is_imported_is_what_was_approved_to_be():
    assert more(imports(id="q-1"), imports(id="q-1")) == ()
    assert more(imports(id="q-1"), imports(id="q-2")) == ("imported id",)
    assert more(imports(identity={"arn": "a"}), imports(identity={"arn": "b"})) == ("imported id",)
    assert more(imports(unknown=True), imports(id="q-2")) == ()


def test_what_was_to_be_made_is_not_imported_instead():
    assert more(prints({"a": 1}), imports(id="q-1")) == ("imported id",)
    assert more(imports(id="q-1"), told()) == ()


def test_what_is_moved_comes_from_where_it_was_approved_to():
    assert more(told(previous_address="a.old"), told(previous_address="a.old")) == ()
    assert more(told(previous_address="a.old"), told(previous_address="a.other")) == ("moved from",)
    assert more(prints({"a": 1}), told(previous_address="a.old")) == ("moved from",)


def test_what_was_known_then_must_be_known_now():
    assert more(prints({"a": 1}), prints({}, unknown={"a": True})) == ("a",)


def test_a_list_keeps_its_order_unless_a_part_of_it_was_not_known():
    assert more(prints({"l": ["x", "y"]}), prints({"l": ["y", "x"]})) == ("l",)
    approved = prints({"l": [{"port": 80}, {"port": 22, "from": "office"}]}, unknown={"l": [{"to": True}, {}]})
    known = [{"port": 22, "from": "office"}, {"port": 80, "to": "sg-1"}]
    assert more(approved, prints({"l": known})) == ()
    assert more(approved, prints({"l": [{"port": 22, "from": "anywhere"}, {"port": 80, "to": "sg-1"}]})) == ("l",)
    assert more(approved, prints({"l": known[:1]})) == ("l",)


def test_one_unknown_element_stands_for_one_element():
    approved = prints({"cidrs": [None, "10.0.0.0/8"]}, unknown={"cidrs": [True, False]})
    assert more(approved, prints({"cidrs": ["192.0.2.1/32", "10.0.0.0/8"]})) == ()
    assert more(approved, prints({"cidrs": ["192.0.2.1/32", "0.0.0.0/0"]})) == ("cidrs",)
    rules = prints({"rules": [{"port": 80}, {"port": 22}]}, unknown={"rules": [{"to": True}, {"to": True}]})
    known = [{"port": 80, "to": "sg-1"}, {"port": 80, "to": "sg-2"}]
    assert more(rules, prints({"rules": known})) == ("rules",)


def test_an_element_makes_room_for_one_that_fits_nowhere_else():
    approved = prints({"l": [{"a": "1"}, {}]}, unknown={"l": [{"b": True}, {"a": True, "b": True}]})
    assert more(approved, prints({"l": [{"a": "2", "b": "x"}, {"a": "1", "b": "y"}]})) == ()
    assert more(approved, prints({"l": [{"a": "1", "b": "x"}, {"a": "1", "b": "y"}]})) == ()
    assert more(approved, prints({"l": [{"a": "2", "b": "x"}, {"a": "3", "b": "y"}]})) == ("l",)
    many = prints({"l": [None] * 2_000}, unknown={"l": [True] * 2_000})
    assert more(many, prints({"l": list(range(2_000))})) == ()


def test_an_update_may_touch_only_the_attributes_that_it_was_approved_to_touch():
    update = {"actions": ("update",)}
    approved = prints({"a": 2, "b": 1}, before={"a": 1, "b": 1}, **update)
    assert more(approved, prints({"a": 2, "b": 1}, before={"a": 1, "b": 1}, **update)) == ()
    assert more(approved, prints({"a": 2, "b": 1}, before={"a": 1, "b": 9}, **update)) == ("b",)


def test_what_is_left_of_a_creation_is_an_update_to_the_approved_values():
    approved = prints({"name": "q", "size": 2}, unknown={"arn": True})
    left = prints({"name": "q", "size": 2, "arn": "x"}, before={"name": "q", "size": 1}, actions=("update",))
    assert more(approved, left) == ()


def test_another_resource_is_no_matter_of_attributes_alone():
    assert beyond_approved(prints({"a": 1}), prints({"a": 1}, address="c.d")) == {"c.d": ("a",)}


def test_what_goes_or_stays_has_no_attributes():
    assert prints(None, before={"a": 1}, actions=("delete",)) == {}
    assert prints({"a": 1}, before={"a": 1}, actions=("no-op",)) == {}


def test_a_digest_says_nothing_without_the_key():
    assert prints({"password": "hush"}) != prints({"password": "hush"}, key=b"l" * 32)
    assert "hush" not in str(prints({"password": "hush", "list": ["hush"], "map": {"a": "hush"}}))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), _VALUES), st.dictionaries(st.text(), _VALUES))
def test_only_the_same_values_are_within_known_ones(one, other):
    differing = {name for name in other if name not in one or json.dumps(one[name]) != json.dumps(other[name])}
    assert set(more(prints(one), prints(other))) <= differing | set(other)
    assert more(prints(one), prints(one)) == ()
    assert (more(prints(one), prints(other)) == ()) == all(
        name in one and json.dumps(one[name], sort_keys=True) == json.dumps(other[name], sort_keys=True)
        for name in other
    )
