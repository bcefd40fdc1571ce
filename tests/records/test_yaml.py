from datetime import UTC, datetime, timedelta, timezone

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from eod.errors import RecordError
from eod.model.outputs import Outputs
from eod.model.record import (
    SCHEMA_VERSION,
    ApplicationRecord,
    CloudRecord,
    Failure,
    Lease,
    Phase,
    Record,
    Run,
    SharedCdn,
    StepTime,
    TerraformRecord,
)
from eod.model.tier import How, Overrule, Tier
from eod.records.yaml import dump, load
from tests.records.conftest import NOW, record


def said(text):
    with pytest.raises(RecordError) as caught:
        load(text, "pr-1.yaml")
    assert caught.value.where.startswith("pr-1.yaml:")
    return str(caught.value)


def test_a_record_reads_as_a_person_would_write_it():
    text = dump(record(capabilities=("dns",), ready_at=NOW, run=Run(id="7")))
    assert text == (
        "# Written by eod-action; every change is a commit. Do not edit: the next transition reads it back.\n"
        "schema: 1\n"
        "environment: pr-1\n"
        "repository: acme/shop\n"
        "pr_number: 1\n"
        "pr_url: https://github.example/acme/shop/pull/1\n"
        "owner: ada\n"
        "phase: requested\n"
        "tier: full\n"
        "capabilities:\n"
        "- dns\n"
        f"head_sha: {'a' * 40}\n"
        "namespace: pr-1\n"
        "hostname: pr-1.preview.example.com\n"
        "url: https://pr-1.preview.example.com/\n"
        "created_at: '2026-03-01T12:00:00Z'\n"
        "updated_at: '2026-03-01T12:00:00Z'\n"
        "ready_at: '2026-03-01T12:00:00Z'\n"
        "run:\n"
        "  id: '7'\n"
    )


def test_times_are_written_in_utc():
    local = datetime(2026, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert dump(record(created_at=local)) == dump(record())


texts = st.text(max_size=20) | st.sampled_from(
    [
        "yes",
        "NO",
        "null",
        "~",
        "012",
        "1e3",
        "0o7",
        "0x1F",
        "1:30",
        "2026-01-01",
        "- a",
        "a: b",
        "# x",
        "<<",
        "=",
        "1_0",
        ".5",
        "!x",
        "&a",
        "*a",
        "%",
        "@",
        "`",
        "'",
        '"',
        "\\",
        " a ",
        "a\nb\n",
        "\u2028",
        "\x85",
        "\ud800",
        "\x00",
        "\x7f",
        "\ufeff",
    ]
)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
times = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants naive bounds
numbers = st.floats(min_value=0, max_value=1e6)
runs = st.builds(Run, id=texts, attempt=st.integers(1, 99), url=texts, actor=texts)
records = st.builds(
    Record,
    schema=st.just(SCHEMA_VERSION),
    environment=texts, repository=texts, pr_number=st.integers(1, 10**9), pr_url=texts, owner=texts,
    phase=st.sampled_from(Phase), tier=st.sampled_from(Tier), capabilities=st.lists(texts, max_size=2).map(tuple),
    forced_by=st.none() | texts, head_sha=texts, base_sha=texts, namespace=texts, hostname=texts, url=texts,
    created_at=times, updated_at=times, ready_at=st.none() | times,
    expires_at=st.none() | times, warned_at=st.none() | times,
    terraform=st.none() | st.builds(
        TerraformRecord, commit=texts, directory=texts, backend=st.dictionaries(texts, texts, max_size=2),
        variables=st.dictionaries(texts, plain, max_size=3), tags=st.dictionaries(texts, texts, max_size=2),
        applied=st.booleans(), plan_digest=texts,
    ),
    application=st.none() | st.builds(ApplicationRecord, name=texts, namespace=texts, mode=texts, revision=texts),
    deployment_id=st.none() | st.integers(1, 2**53), comment_id=st.none() | st.integers(1, 2**53),
    plan_summary=texts,
    outputs=st.none() | st.builds(
        Outputs, values=st.dictionaries(texts, plain, max_size=3),
        sensitive=st.lists(texts, max_size=2).map(tuple),
    ),
    ready_seconds=st.none() | numbers, cost_per_day=st.none() | numbers,
    steps=st.lists(st.builds(StepTime, step=texts, seconds=numbers), max_size=2).map(tuple),
    failure=st.none() | st.builds(Failure, step=texts, what=texts, why=texts, fix=texts, at=st.none() | times),
    run=runs,
    lease=st.none() | st.builds(Lease, run=runs, since=times),
    cluster=texts,
    cloud=st.none()
    | st.builds(
        CloudRecord,
        region=texts,
        sdk_region=texts,
        regions=st.lists(texts, max_size=2).map(tuple),
        tag_prefix=texts,
        hosted_zone=texts,
        cdn=st.builds(SharedCdn, shared_distribution=texts, bucket=texts, prefix=texts),
    ),
)  # fmt: skip


@settings(deadline=None)
@given(records)
def test_what_is_written_is_read_back_exactly(some: Record):
    text = dump(some)
    text.encode("utf-8")
    assert load(text, "x") == some
    assert dump(load(text, "x")) == text


@settings(deadline=None)
@given(records)
def test_other_readers_of_yaml_read_the_same_texts(some: Record):
    read = pyyaml.safe_load(dump(some))
    assert (read["owner"], read["head_sha"], read["pr_number"]) == (some.owner, some.head_sha, some.pr_number)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "", "there is none"),
        (lambda text: "- a\n", "there is none"),
        (lambda text: text.replace("phase: requested", "phase: asleep"), "pr-1.yaml:8: `phase`: Expected one of"),
        (
            lambda text: text.replace("pr_number: 1", "pr_number: one"),
            "pr-1.yaml:5: `pr_number`: Expected a whole number",
        ),
        (lambda text: text.replace("tier: full\n", ""), "The key `tier` is missing"),
        (lambda text: text.replace("2026-03-01T12:00:00Z", "20260301T120000Z", 1), "cannot be read"),
        (lambda text: text + "tear: full\n", "Unknown key `tear`"),
        (
            lambda text: text + "terraform: {commit: a, directory: b, secret: c}\n",
            "`terraform`: Unknown key `secret`",
        ),
        (lambda text: text.replace("'2026-03-01T12:00:00Z'", "yesterday", 1), "Expected a time with its zone"),
        (
            lambda text: text.replace("'2026-03-01T12:00:00Z'", "'2026-03-01T12:00:00'", 1),
            "Expected a time with its zone",
        ),
        (
            lambda text: text.replace("owner: ada", "<<<<<<< HEAD\nowner: ada\n=======\nowner: bob\n>>>>>>> x"),
            "not YAML",
        ),
        (lambda text: text.replace("owner: ada", "owner: ada\nowner: bob"), "stands twice"),
        (lambda text: text[: len(text) // 2], "is missing"),
    ],
)
def test_a_damaged_record_is_an_error_with_its_line(change, words):
    text = change(dump(record()))
    assert words in said(text)


def test_a_record_of_a_newer_schema_is_refused_as_such():
    text = dump(structs.replace(record(), schema=SCHEMA_VERSION + 1)) + "soul: immortal\n"
    message = said(text)
    assert "schema 2" in message
    assert "newer version" in message
    assert "pr-1.yaml:2" in message


def test_who_overruled_reads_back_as_it_was_written():
    overrule = Overrule(tier=Tier.NONE, found=Tier.FULL, how=How.COMMENT, name="eod/tier: none", by="ada", at=NOW)
    kept = record(overrule=overrule)
    assert load(dump(kept), "pr-1.yaml") == kept
    assert "by: ada" in dump(kept)
