from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.kubernetes.patches import merge_patch, strategic_merge_patch, three_way_merge
from standins.kubernetes.resources import builtin_types
from standins.kubernetes.schema import ANY

POD = {item.qualified: item for item in builtin_types()}["pods"].schema

values = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.dictionaries(st.text(max_size=3), inner, max_size=3), st.lists(inner, max_size=3)),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("target", "patch", "outcome"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_rfc_7386(target, patch, outcome):
    assert merge_patch(target, patch) == outcome


@given(values, values)
def test_a_merge_patch_applied_again_changes_nothing(target, patch):
    once = merge_patch(target, patch)
    assert merge_patch(once, patch) == once


def _containers(*names):
    return {"spec": {"containers": [{"name": name, "image": name} for name in names]}}


def _names(pod):
    return [item["name"] for item in pod["spec"]["containers"]]


def test_items_are_merged_by_their_key():
    patch = {"spec": {"containers": [{"name": "c", "image": "c"}, {"name": "b", "image": "new"}]}}
    assert _names(strategic_merge_patch(_containers("a", "b"), patch, POD)) == ["a", "b", "c"]
    assert _names(strategic_merge_patch(_containers("a", "b"), patch, POD, prepend=True)) == ["c", "b", "a"]


def test_directives():
    directive: dict[str, Any] = {"spec": {"containers": [{"$patch": "replace"}, {"name": "x", "image": "x"}]}}
    assert _names(strategic_merge_patch(_containers("a"), directive, POD)) == ["x"]
    volumes = {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}
    patch = {
        "spec": {"volumes": [{"name": "v", "$retainKeys": ["name", "configMap"], "configMap": {"name": "c"}}]}
    }
    merged = strategic_merge_patch(volumes, patch, POD)
    assert merged["spec"]["volumes"] == [{"name": "v", "configMap": {"name": "c"}}]
    order = {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}}
    assert _names(strategic_merge_patch(_containers("a", "b"), order, POD)) == ["b", "a"]
    finalizers: dict[str, Any] = {"metadata": {"finalizers": ["a", "b"]}}
    removal = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}
    assert strategic_merge_patch(finalizers, removal, POD)["metadata"]["finalizers"] == ["b"]


@given(values, values)
def test_a_three_way_merge_holds_all_that_is_wanted(original, current):
    wanted = {"a": {"b": 1}, "c": [1]}
    merged = three_way_merge(original, wanted, current, ANY, strategic=False)
    assert merged["a"]["b"] == 1
    assert merged["c"] == [1]


def test_a_three_way_merge_drops_only_what_was_applied_before():
    original, wanted = _containers("a", "b"), _containers("b")
    current = _containers("a", "b", "injected")
    assert _names(three_way_merge(original, wanted, current, POD, strategic=True)) == ["b", "injected"]
