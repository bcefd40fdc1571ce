import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.config.loader import MINIMAL, load
from eod.errors import ConfigError

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schema" / "eod.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def accepted(text):
    try:
        load(text, "eod.yml")
    except ConfigError:
        return False
    return True


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/**/eod.yml")), ids=lambda path: path.parts[-3])
def test_the_examples_are_valid_for_the_loader_and_for_editors(path):
    text = path.read_text()
    load(text, str(path))
    VALIDATOR.validate(yaml.safe_load(text))


def test_the_minimal_file_is_valid_for_editors():
    VALIDATOR.validate(yaml.safe_load(MINIMAL))


@pytest.mark.parametrize(
    "text",
    [
        "name: x",
        "domain: Upper.Case",
        "domain: a.example\nnam: x",
        "domain: a.example\nterraform: {}",
        "domain: a.example\nterraform: {directory: x, parallelism: many}",
        "domain: a.example\ntiers: {heavy: {}}",
        "domain: a.example\ntiers: {none: {}}",
        "domain: a.example\nguardrails: {memory: lots}",
        "domain: a.example\nargocd: {mode: magic}",
        "domain: a.example\nrules: [{paths: [], tier: full}]",
    ],
)
def test_editors_see_what_the_loader_refuses(text):
    assert not accepted(text)
    assert not VALIDATOR.is_valid(yaml.safe_load(text))


def test_a_quantity_may_be_a_number_for_both():
    text = "domain: a.example\nguardrails: {cpu: 4, container-cpu: 0.5}\n"
    assert accepted(text)
    assert VALIDATOR.is_valid(yaml.safe_load(text))


values = st.sampled_from(
    [True, False, 0, 1, 7, 200, 1.5, "a", "", "/x", "{environment}", "http", "4Gi", [], ["a"], {}, {"a": "b"}]
)
sections = st.fixed_dictionaries(
    {"domain": st.just("a.example.com")},
    optional={
        name: st.dictionaries(st.sampled_from(sorted(SCHEMA["$defs"][kind]["properties"])), values, max_size=2)
        for name, kind in (
            ("argocd", "ArgoCd"), ("readiness", "Readiness"), ("guardrails", "Guardrails"), ("ttl", "Ttl"),
            ("limits", "Limits"), ("records", "Records"), ("aws", "Aws"), ("github", "GitHub"),
            ("labels", "Labels"),
        )
    },
)  # fmt: skip


@settings(deadline=None)
@given(sections)
def test_what_the_loader_accepts_an_editor_accepts(mapping):
    """But for numbers in the place of texts, which the loader takes as they are written."""
    text = json.dumps(mapping)
    if accepted(text):
        for error in VALIDATOR.iter_errors(mapping):
            assert isinstance(error.instance, int | float), error.message
