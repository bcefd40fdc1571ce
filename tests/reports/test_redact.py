import re
import time
from base64 import b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.model.outcome import Outcome
from eod.reports.redact import Redactor, redacted
from tests.reports import samples


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a1B2" * 9,
        "ghs_" + "eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl",
        "github_pat_11ABCDEFG0123456789_abcdefghij",
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
        "abcdefghijklmn.atlasv1." + "x" * 60,
        "glpat-abcdefghij0123456789",
        "xoxb-1234567890-abcdef",
    ],
)
def test_tokens_are_known_by_their_shape(secret):
    assert Redactor()(f"before {secret} after") == "before *** after"


def test_private_keys_go_whole_also_when_cut_short():
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----"
    assert Redactor()(f"a {key} b") == "a *** b"
    assert Redactor()(f"a {key[:40]}") == "a ***"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abcdefghijklmnop1234", "Authorization: Bearer ***"),
        ("postgres://app:s3cr3t@db.internal:5432/shop", "postgres://***@db.internal:5432/shop"),
        ('+ master_password = "hunter2222"', '+ master_password = "***"'),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "AWS_SECRET_ACCESS_KEY=***"),
        ('{"client_secret": "abcdef123"}', '{"client_secret": "***"}'),
        ("master_password = (sensitive value)", "master_password = (sensitive value)"),
        ("manage_master_user_password = true", "manage_master_user_password = true"),
        ("manage_password: false,", "manage_password: false,"),
        ("password = truelove", "password = ***"),
        ("the token lacks a permission: ask for it", "the token lacks a permission: ask for it"),
        ("https://pr-123.acme.dev/ and 9f1c2ab", "https://pr-123.acme.dev/ and 9f1c2ab"),
    ],
)
def test_secrets_are_known_by_what_stands_before_them(text, expected):
    assert Redactor()(text) == expected


def test_known_values_go_wherever_they_stand_the_longest_first():
    redact = Redactor(["hunter", "hunter22", "", "ab", "line-one\nline-two"])
    assert redact("hunter22 hunter ab line-two") == "*** *** ab ***"


@given(st.text(min_size=4).map(str.strip).filter(lambda s: len(s) >= 4 and len(s.splitlines()) == 1), st.text())
def test_a_known_secret_never_survives(secret, text):
    stored = secret.encode("utf-8", "replace").decode()
    cleaned = Redactor([stored])(f"{text}{stored}{text}")
    assert stored not in cleaned or stored in "***"


PASSWORD = "hunter2hunter"


@pytest.mark.parametrize("value", [
    PASSWORD, f"{PASSWORD}\n", f"app:{PASSWORD}", f"ab:{PASSWORD}@db", f'{{"password": "{PASSWORD}"}}',
])  # fmt: skip
@pytest.mark.parametrize("padding", ["=", ""])
def test_base64_of_a_known_value_goes_like_itself(value, padding):
    code = b64encode(value.encode()).decode()
    written = code if padding else code.rstrip("=")
    cleaned = Redactor([PASSWORD])(f"data:\n  key: {written}\n")
    assert "***" in cleaned
    left = re.sub(r"[^A-Za-z0-9+/]", "", cleaned.partition("key: ")[2])
    assert len(left) <= len(code) - len(b64encode(PASSWORD.encode())) + 8


@given(st.binary(max_size=9), st.text(min_size=8, max_size=40), st.binary(max_size=9))
def test_base64_of_a_known_value_never_survives(before, secret, after):
    line = "".join(secret.split()) or "x"
    value = line.encode("utf-8", "replace")
    if len(value) < 8 or len(line.splitlines()) != 1:
        return
    code = b64encode(before + value + after).decode()
    assert code not in Redactor([value.decode()])(f"a {code} b")


def test_base64_of_short_values_is_left_alone_and_so_are_words():
    redact = Redactor(["hunter2", PASSWORD])
    text = f"{b64encode(b'hunter2').decode()} aws_secretsmanager_secret_version/projects/acme/locations"
    assert redact(text) == text


def test_one_of_many_secrets_is_found_in_a_long_text():
    redact = Redactor(f"correct-horse-{number}" for number in range(1_000))
    text = "\n".join(f"+ arn = arn:aws:sqs:eu-central-1:123456789012:queue{number}" for number in range(2_000))
    code = b64encode(b"app:correct-horse-777").decode()
    assert code not in redact(f"{text}\n{code}")


def test_a_plan_that_comes_by_with_every_word_of_terraform_is_cleaned_once():
    plan = "password = hunter2hunter2\n" * 5_000
    redact = Redactor(["hunter2hunter2"])
    first = redact(plan)
    assert "hunter2" not in first
    assert redact(plan) is first


def test_every_text_of_an_outcome_is_cleaned_and_nothing_else_changes():
    outcome = redacted(samples.LEFTOVERS, Redactor(["acme-shop-pr-123-assets"]))
    assert "acme-shop-pr-123-assets" not in str(outcome)
    assert type(outcome) is Outcome
    assert redacted(samples.READY, Redactor()) == samples.READY


def test_what_came_from_undecodable_paths_can_be_stored():
    verdict = msgspec.structs.replace(
        samples.VERDICT,
        evidence=(msgspec.structs.replace(samples.VERDICT.evidence[0], path="caf\udce9.py"),),
    )
    outcome = redacted(msgspec.structs.replace(samples.READY, verdict=verdict), Redactor())
    assert b"caf?.py" in msgspec.json.encode(outcome)


def test_dictionaries_are_cleaned_too():
    assert redacted({"AKIAIOSFODNN7EXAMPLE": ("AKIAIOSFODNN7EXAMPLE", 1)}, Redactor()) == {"***": ("***", 1)}


def test_what_is_learned_later_is_hidden_also_where_it_was_shown_before():
    redact = Redactor(["first-secret"])
    texts = ["first-secret and later-secret", "later-secret\n" * 100]
    assert "later-secret" in redact(texts[0]) + redact(texts[1])
    redact.learn(["later-secret", "abc"])
    assert [redact(text) for text in texts] == ["*** and ***", "***\n" * 100]
    assert redact("abc") == "abc"


def test_a_thousand_secrets_are_taken_out_of_a_whole_plan_quickly():
    redact = Redactor([f"a-secret-value-{number}" for number in range(1_000)])
    plan = 'attribute = "a-secret-value-7"\n' * 6_000
    started = time.thread_time()
    assert "secret" not in redact(plan)
    assert time.thread_time() - started < 1.0
