import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.argocd.documents import ManifestError
from standins.argocd.pull_requests import slug
from standins.argocd.templates import render_template

VALUES = {"number": "7", "head_sha": "abc", "labels": ["a", "b"]}


def _render(text, *, go=False, options=()):
    return render_template({"x": text}, VALUES, go_template=go, options=list(options))["x"]


@pytest.mark.parametrize(
    ("text", "go", "outcome"),
    [
        ("pr-{{number}}", False, "pr-7"),
        ("{{ number }}-{{head_sha}}", False, "7-abc"),
        ("{{unknown}}", False, "{{unknown}}"),
        ("pr-{{ .number }}", True, "pr-7"),
        ("{{- .number -}}", True, "7"),
        ("{{ .labels }}", True, "[a b]"),
        ("{{ .unknown }}", True, "<no value>"),
    ],
)
def test_expressions(text, go, outcome):
    assert _render(text, go=go) == outcome


def test_keys_are_rendered_too():
    template = {"labels": {"pr-{{number}}": ["{{head_sha}}", 1]}}
    assert render_template(template, VALUES, go_template=False, options=[]) == {"labels": {"pr-7": ["abc", 1]}}


@pytest.mark.parametrize("text", ["{{ .number | quote }}", "{{ if .x }}", "{{ range .labels }}", "{{number}}"])
def test_go_templates_that_are_not_known_are_refused(text):
    with pytest.raises(ManifestError, match="not supported here"):
        _render(text, go=True)


def test_a_missing_key_may_be_an_error():
    with pytest.raises(ManifestError, match='map has no entry for key "unknown"'):
        _render("{{ .unknown }}", go=True, options=["missingkey=error"])


@pytest.mark.parametrize(
    ("branch", "outcome"),
    [
        ("feature/a_b", "feature-a-b"),
        ("Äpfel & Birnen!", "apfel-birnen"),
        ("x" * 60, "x" * 50),
        ("one-" * 20, "one-one-one-one-one-one-one-one-one-one-one-one"),
    ],
)
def test_slugs(branch, outcome):
    assert slug(branch) == outcome


@given(st.text(max_size=120))
def test_a_slug_fits_into_a_label(text):
    made = slug(text)
    assert len(made) <= 50
    assert re.fullmatch(r"([a-z0-9]([-a-z0-9]*[a-z0-9])?)?", made)
