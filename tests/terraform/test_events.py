import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.terraform.events import (
    NOISE_LIMIT,
    Completed,
    Diagnosed,
    Errored,
    Logged,
    Noise,
    Started,
    Summarised,
    Version,
    Yielded,
    decode,
)
from tests.terraform.support import stream


def test_real_lines_become_typed_events():
    kinds = [type(decode(line)) for line in stream("apply_ok").splitlines()]
    assert kinds[0] is Version
    assert kinds.count(Started) == kinds.count(Completed) == 2
    assert kinds[-2:] == [Summarised, Yielded]
    assert Noise not in kinds


def test_an_error_names_its_resource_and_its_place():
    diagnosed = [e for line in stream("apply_failed").splitlines() if isinstance(e := decode(line), Diagnosed)]
    first = diagnosed[0].diagnostic
    assert first.address == "terraform_data.bad[0]"
    assert first.range is not None
    assert (first.range.filename, first.range.start.line) == ("main.tf", 8)
    assert first.text.startswith("local-exec provisioner error: Error running command")


def test_unknown_keys_are_ignored_and_unknown_types_are_nothing():
    line = {"type": "apply_start", "new": 1, "hook": {"resource": {"addr": "a.b", "odd": {}}, "more": []}}
    started = decode(json.dumps(line).encode())
    assert isinstance(started, Started)
    assert started.hook.resource.addr == "a.b"
    assert decode(b'{"type": "from the future", "hook": 7}') is None


def test_an_ephemeral_operation_is_none_of_ours():
    assert decode(b'{"type": "ephemeral_op_start", "hook": {"resource": {"addr": "x"}}}') is None


@pytest.mark.parametrize(
    "line",
    [
        b"\x1b[0mSuccessfully configured the backend",
        b'{"@level":"info","@message":"- built in"}',
        b'{"type":"apply_start"}',
        b'{"type":"apply_complete","hook":{"resource":{"addr":"half',
        b"[1, 2]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_no_event_is_kept_as_noise(line):
    event = decode(line)
    assert isinstance(event, Noise)
    assert event.text == line.decode(errors="replace")[:NOISE_LIMIT]


def test_empty_lines_are_nothing():
    assert decode(b"") is None
    assert decode(b"  \r") is None


@pytest.mark.parametrize(
    ("ui", "supported"), [("1.2", True), ("1", True), ("1.99", True), ("2.0", False), ("", False)]
)
def test_only_the_major_version_counts(ui, supported):
    assert Version(ui).supported is supported


@given(st.binary(max_size=400))
def test_no_bytes_can_break_it(line):
    decode(line)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
        max_leaves=20,
    ),
    st.sampled_from(["version", "apply_start", "apply_errored", "diagnostic", "outputs", "change_summary", "log"]),
)
def test_no_payload_can_break_it(payload, kind):
    decode(json.dumps({"type": kind, "hook": payload, "diagnostic": payload, "outputs": payload}).encode())


def test_a_log_line_is_a_sentence():
    assert decode(b'{"type":"log","@message":"Stopping operation..."}') == Logged("Stopping operation...")


def test_errored_carries_no_reason():
    line = next(line for line in stream("apply_failed").splitlines() if b'"apply_errored"' in line)
    event = decode(line)
    assert isinstance(event, Errored)
    assert event.hook.action == "create"
