import json

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from eod.github.commands import storable
from eod.github.runner import Runner
from eod.github.voices import RunnerVoice
from eod.inputs import OUTPUTS
from eod.lifecycle.outputs import kept_of
from eod.model.cloud import Certificate
from eod.model.outputs import Outputs
from eod.model.tier import Verdict
from eod.reports.outputs import as_json, outcome_document, outputs_of, sweep_document
from eod.reports.redact import Redactor
from tests.github import reading as github
from tests.reports import samples
from tests.reports.nasty import TEXT


def test_there_is_an_output_for_each_one_that_is_declared():
    for outcome in samples.SITUATIONS.values():
        assert list(outputs_of(outcome)) == [one.name for one in OUTPUTS]


def test_a_ready_environment():
    outputs = outputs_of(samples.READY)
    verdict = outputs.pop("verdict-json")
    assert outputs == {
        "tier": "full",
        "phase": "ready",
        "environment": "pr-123",
        "url": "https://pr-123.acme.dev/",
        "namespace": "pr-123",
        "plan-summary": "13 to add, 0 to change, 0 to destroy",
        "terraform-outputs": "",
        "ready-seconds": "760",
        "cost-per-day": "50",
        "expires-at": "2026-11-24T11:18:05Z",
        "certificate": "",
    }
    assert msgspec.json.decode(verdict, type=Verdict) == samples.VERDICT


def test_a_url_is_told_only_when_it_answers():
    for name in ("starting", "applying", "failed", "none", "destroyed", "updating"):
        assert outputs_of(samples.SITUATIONS[name])["url"] == ""


def test_the_certificate_is_json():
    outputs = outputs_of(samples.DESTROYED)
    assert msgspec.json.decode(outputs["certificate"], type=Certificate) == samples.CERTIFICATE
    assert outputs["tier"] == "full"


def test_nothing_known_is_nothing_said():
    assert set(outputs_of(samples.FIRST_SECONDS).values()) == {"", "pr-123"}


def test_a_document_has_stable_keys_and_what_follows_from_them():
    document = json.loads(as_json(outcome_document(samples.READY)))
    assert document["schema"] == 1
    assert document["situation"] == "ready"
    assert document["phase"] == "ready"
    assert document["plan"]["line"] == "13 to add, 0 to change, 0 to destroy"
    assert document["steps"][0]["seconds"] == 1.0
    assert document["verdict"]["evidence"][0]["tier"] == "full"
    assert json.loads(as_json(outcome_document(samples.LEFTOVERS)))["certificate"]["complete"] is False
    assert json.loads(as_json(outcome_document(samples.NONE)))["plan"] is None


def test_terraforms_outputs_are_one_json_object_and_in_the_document_with_the_names_of_the_others():
    told = Outputs(values={"urls": ["https://a.acme.dev", {"n": 1}]}, sensitive=("password",))
    outcome = structs.replace(samples.READY, outputs=told)
    assert outputs_of(outcome)["terraform-outputs"] == '{"urls":["https://a.acme.dev",{"n":1}]}'
    document = json.loads(as_json(outcome_document(outcome, Redactor(["acme.dev"]))))
    assert document["outputs"] == {"values": {"urls": ["https://a.***", {"n": 1}]}, "sensitive": ["password"]}


STORABLE = TEXT.map(storable)
"""No JSON holds half a character."""
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | STORABLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STORABLE, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(STORABLE, ANY, max_size=5))
@example({"a": "1\nEOF\ntier=full\n::error::x", "b": "terraform-outputs<<ghadelimiter_x\r\n", 'c"': "'\\"})
def test_whatever_terraforms_outputs_hold_there_is_one_output_of_it_and_it_is_read_back(tmp_path_factory, found):
    file = tmp_path_factory.mktemp("outputs") / "output"
    kept = kept_of(Outputs(values=found), Redactor())
    runner = Runner(RunnerVoice(lambda: "token"), lambda _line: None, output_file=file)
    runner.set_outputs(outputs_of(structs.replace(samples.READY, outputs=kept)))
    read = github.outputs(file.read_bytes().decode())
    assert list(read) == [one.name for one in OUTPUTS]
    assert json.loads(read["terraform-outputs"]) == kept.values
    assert "\n" not in read["terraform-outputs"]


def test_a_sweeps_document():
    document = json.loads(as_json(sweep_document(samples.SWEEP)))
    assert document["actions"][0]["environment"] == "pr-101"
    assert document["certificates"][0]["complete"] is True


def test_documents_hold_no_secrets_and_no_undecodable_text():
    outcome = structs.replace(samples.READY, notices=("token ghp_" + "a" * 36, "caf\udce9"))
    text = as_json(outcome_document(outcome, Redactor(["acme.dev"])))
    assert "ghp_" not in text
    assert "acme.dev" not in text
    assert "caf?" in text
