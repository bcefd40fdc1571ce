import json
from base64 import b64encode

import pytest

from eod.terraform.plan_json import decode_plan
from eod.terraform.sensitive import (
    MOST,
    KnownSecrets,
    is_secret,
    secrets_in,
    sensitive_in_plan,
    sensitive_in_state,
)


def plan_of(**more):
    return decode_plan(json.dumps({"format_version": "1.2", **more}).encode())


def change(*, before=None, after=None, before_sensitive=False, after_sensitive=False, **more):
    return {
        "address": "x.y",
        "type": "x",
        "change": {
            "actions": ["no-op"],
            "before": before,
            "after": after,
            "before_sensitive": before_sensitive,
            "after_sensitive": after_sensitive,
        },
        **more,
    }


def found(plan):
    return {text for value in sensitive_in_plan(plan) for text in secrets_in(value)}


def test_every_mask_of_a_change_counts_before_and_after_nested_and_whole():
    plan = plan_of(
        resource_changes=[
            change(
                before={"password": "old-secret-1", "name": "shown-name-1"},
                before_sensitive={"password": True},
                after={
                    "list": ["shown-list-1", "list-secret-1"],
                    "map": {"a": "shown-map-1", "b": "map-secret-1"},
                },
                after_sensitive={"list": [False, True], "map": {"b": True}},
            ),
            change(after={"a": {"b": ["deep-secret-1"]}, "n": 1234567890, "yes": True}, after_sensitive=True),
        ]
    )
    assert found(plan) == {"old-secret-1", "list-secret-1", "map-secret-1", "deep-secret-1", "1234567890"}


def test_outputs_variables_drift_and_what_data_sources_read_count_too():
    plan = plan_of(
        variables={"pw": {"value": "variable-secret-1"}, "name": {"value": "shown-variable-1"}},
        configuration={"root_module": {"variables": {"pw": {"sensitive": True}, "name": {}}}},
        output_changes={
            "token": {
                "actions": ["update"],
                "before": "output-secret-1",
                "after": "output-secret-2",
                "before_sensitive": True,
                "after_sensitive": True,
            },
            "url": {"actions": ["create"], "after": "https://shown-output-1", "after_sensitive": False},
        },
        resource_drift=[change(after={"k": "drift-secret-1"}, after_sensitive={"k": True})],
        prior_state={
            "values": {
                "outputs": {"o": {"sensitive": True, "value": {"k": "state-secret-1"}}},
                "root_module": {
                    "child_modules": [
                        {
                            "resources": [
                                {
                                    "values": {"secret_string": "data-secret-1", "arn": "shown-arn-1"},
                                    "sensitive_values": {"secret_string": True},
                                }
                            ]
                        }
                    ]
                },
            }
        },
    )
    assert found(plan) == {
        "variable-secret-1",
        "output-secret-1",
        "output-secret-2",
        "drift-secret-1",
        "state-secret-1",
        "data-secret-1",
    }


def test_a_mask_that_does_not_fit_its_value_breaks_nothing():
    masked = {"a": {"b": True}, "c": [True, True], "d": True}
    assert found(plan_of(resource_changes=[change(after=None, after_sensitive=masked)])) == set()
    after = {"a": ["not-a-map"], "c": ["one-secret-1"], "d": None}
    assert found(plan_of(resource_changes=[change(after=after, after_sensitive=masked)])) == {"one-secret-1"}


def test_a_state_is_read_in_the_same_way_and_rubbish_teaches_nothing():
    state = {"format_version": "1.0", "values": {"outputs": {"o": {"sensitive": True, "value": "made-secret-1"}}}}
    assert list(sensitive_in_state(json.dumps(state).encode())) == ["made-secret-1"]
    assert list(sensitive_in_state(b'{"format_version": "1.0"}')) == []
    assert list(sensitive_in_state(b"Error: no state")) == []


@pytest.mark.parametrize("word", ["------", "******", "t3.micro", "db.r6g.2xlarge", "kube-system", "Kubernetes"])
def test_a_rule_a_machine_and_words_of_a_cluster_are_no_secrets(word):
    assert not is_secret(word)


@pytest.mark.parametrize(
    "word",
    [
        "true",
        "admin",
        "Administrator",
        "postgres",
        "aurora-postgresql",
        "password",
        "us-east-1",
        "eu-central-1",
        "us-gov-west-1",
        "ap-southeast-2b",
        "europe-west1",
        "westeurope",
        "eastus2",
        "5432",
        "12345678",
        "15.4",
        "2012-10-17",
        "",
    ],
)
def test_what_every_log_is_full_of_is_no_secret(word):
    assert not is_secret(word)
    assert list(secrets_in(word)) == []


@pytest.mark.parametrize("texts", [["hunter2"], ["supersecret"], ["P@ss!1", "P%40ss%211"]])
def test_a_short_password_is_one_all_the_same(texts):
    assert list(secrets_in(texts[0])) == texts


def test_several_lines_are_hidden_one_by_one_and_short_ones_not():
    key = "-----BEGIN KEY-----\r\n  bGluZS1vbmUtb2YtaXQ=\nbGluZS10d28tb2YtaXQ=\n}\nkind: User\n"
    assert list(secrets_in(key)) == ["-----BEGIN KEY-----", "bGluZS1vbmUtb2YtaXQ=", "bGluZS10d28tb2YtaXQ="]


def test_what_a_json_text_holds_is_hidden_too_and_as_json_quotes_it():
    text = json.dumps({"user": "admin", "password": 'in"ner-secret'})
    hidden = list(secrets_in(text))
    assert text in hidden
    assert 'in"ner-secret' in hidden
    assert 'in\\"ner-secret' in hidden
    assert "admin" not in hidden
    assert list(secrets_in("[not json, but long]")) == ["[not json, but long]"]
    assert len(list(secrets_in("[" * 5_000))) == 1


def test_each_value_is_handed_on_once_and_what_everybody_knows_never():
    hidden: list[tuple[str, ...]] = []
    known = KnownSecrets(hidden.append, print)
    known.learn(["one-secret-1", "pr-123.preview.example.com", "one-secret-1"], {"pr-123.preview.example.com"})
    known.learn(["one-secret-1", "two-secret-2"])
    known.learn(["two-secret-2"])
    assert hidden == [("one-secret-1",), ("two-secret-2",)]


def test_what_everybody_knows_stays_shown_when_the_state_is_learned_after_the_plan():
    hidden: list[tuple[str, ...]] = []
    known = KnownSecrets(hidden.append, print)
    known.learn([], {"pr-123.preview.example.com"})
    known.learn(["pr-123.preview.example.com", "one-secret-1"], {"pr-123"})
    assert hidden == [("one-secret-1",)]


@pytest.mark.parametrize(
    ("secret", "quoted"),
    [
        ("f&Q<9>zw+1", r"f\u0026Q\u003c9\u003ezw+1"),  # a provider's document, by Go's encoder
        ('f&Q"9zw+1', r"f\u0026Q\"9zw+1"),
        ("f&Q<9>zw+1", "f%26Q%3C9%3Ezw%2B1"),  # a connection string, or a form
    ],
)
def test_a_secret_is_known_as_providers_write_it(secret, quoted):
    assert {secret, quoted} <= set(secrets_in(secret))


def test_a_secret_that_is_written_the_same_everywhere_is_one():
    assert list(secrets_in("topsecret-pw_1")) == ["topsecret-pw_1"]


def test_too_many_are_cut_and_that_is_said_once():
    hidden: list[tuple[str, ...]] = []
    said: list[str] = []
    known = KnownSecrets(hidden.append, said.append)
    known.learn(f"secret-number-{i}" for i in range(MOST + 10))
    known.learn(["another-secret-1"])
    assert len(hidden[0]) == MOST
    assert len(hidden) == 1
    assert said == [f"More than {MOST} values are marked as sensitive: Terraform alone hides the rest."]


def test_a_failure_says_no_base64_of_a_secret_either():
    known = KnownSecrets(lambda _values: None, print)
    known.learn(["correct horse battery"])
    code = b64encode(b"app:correct horse battery").decode()
    assert code[8:-4] not in known.clean(f"invalid value: {code}.")
