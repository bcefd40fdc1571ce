import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.kubernetes.errors import StatusError
from standins.kubernetes.selectors import label_predicate, selects


@pytest.mark.parametrize(
    ("selector", "labels", "matches"),
    [
        ("", {}, True),
        ("a=b", {"a": "b"}, True),
        ("a==b", {"a": "c"}, False),
        ("a!=b", {}, True),
        ("a in (b, c),d", {"a": "c", "d": ""}, True),
        ("a notin (b)", {"a": "b"}, False),
        ("!a", {"a": "b"}, False),
        ("example.com/a", {"example.com/a": "b"}, True),
        ("a=", {"a": ""}, True),
    ],
)
def test_label_selectors(selector, labels, matches):
    assert label_predicate(selector)({"metadata": {"labels": labels}}) is matches


@given(st.text(max_size=12))
def test_any_text_is_a_selector_or_a_bad_request(text):
    with contextlib.suppress(StatusError):
        assert label_predicate(text)({"metadata": {}}) in {True, False}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"a": "b"}}, True),
        ({"matchLabels": {"a": "c"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}, False),
        ({"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "x", "operator": "Exists"}]}, False),
    ],
)
def test_selectors_of_objects(selector, matches):
    assert selects(selector, {"a": "b"}) is matches
