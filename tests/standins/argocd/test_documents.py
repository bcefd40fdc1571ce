import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.argocd.documents import ManifestError, join, parse


def test_lists_are_unfolded_and_empty_documents_skipped():
    text = """
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
---
{apiVersion: v1, kind: ConfigMap, metadata: {generateName: b-}}
"""
    assert [item["kind"] for item in parse(text, "x.yaml")] == ["ConfigMap", "ConfigMap"]


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60)))
def test_any_content_is_objects_or_a_manifest_error(content):
    try:
        found = parse(content, "x.yaml")
    except ManifestError:
        return
    assert all(isinstance(item, dict) for item in found)


@given(st.lists(st.sampled_from(["..", ".", "a", "b"]), max_size=6))
def test_no_path_leads_out_of_the_repository(parts):
    try:
        joined = join("x/y", "/".join(parts))
    except ManifestError:
        return
    assert not joined.startswith(("..", "/"))


@pytest.mark.parametrize(
    ("folder", "path", "outcome"), [("", ".", ""), ("a/b", "../c", "a/c"), ("a", "b/./c", "a/b/c")]
)
def test_paths_are_relative_to_their_folder(folder, path, outcome):
    assert join(folder, path) == outcome
