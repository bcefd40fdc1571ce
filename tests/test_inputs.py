import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.errors import ExitCode, UsageError
from eod.inputs import INPUTS, OUTPUTS, Command, Inputs, LogLevel, parse_inputs
from eod.model.tier import Tier


def test_nothing_given_means_the_defaults():
    assert parse_inputs({}) == Inputs()
    assert parse_inputs({one.variable: "" for one in INPUTS}) == Inputs()


def test_the_tables_defaults_are_the_codes_defaults():
    given = {one.variable: one.default for one in INPUTS if "${{" not in one.default}
    assert parse_inputs(given) == Inputs()


def test_everything_given():
    parsed = parse_inputs(
        {
            "EOD_COMMAND": "down",
            "EOD_CONFIG": "ops/eod.yml",
            "EOD_GITHUB_TOKEN": " ghs_secret\n",
            "EOD_TIER": "database",
            "EOD_PR_NUMBER": "123",
            "EOD_DRY_RUN": "true",
            "EOD_TERRAFORM_BINARY": "tofu",
            "EOD_KUBE_CONTEXT": "previews",
            "EOD_IMAGE_TAG": "v1",
            "EOD_WORKING_DIRECTORY": "app",
            "EOD_RECORDS_REMOTE": "https://example.test/records.git",
            "EOD_LOG_LEVEL": "debug",
            "INPUT_COMMAND": "sweep",
        }
    )
    assert parsed == Inputs(
        command=Command.DOWN,
        config="ops/eod.yml",
        github_token="ghs_secret",
        tier=Tier.DATABASE,
        pr_number=123,
        dry_run=True,
        terraform_binary="tofu",
        kube_context="previews",
        image_tag="v1",
        working_directory="app",
        records_remote="https://example.test/records.git",
        log_level=LogLevel.DEBUG,
    )


def test_an_unknown_command_names_the_nearest():
    with pytest.raises(UsageError) as caught:
        parse_inputs({"EOD_COMMAND": "swep"})
    assert "`swep`" in str(caught.value) or "'swep'" in str(caught.value)
    assert "Did you mean `sweep`?" in caught.value.fix
    assert caught.value.exit_code is ExitCode.USAGE


def test_something_unlike_any_command_lists_them_all():
    with pytest.raises(UsageError) as caught:
        parse_inputs({"EOD_COMMAND": "zzzzzz"})
    assert "Did you mean" not in caught.value.fix
    assert "`classify`" in caught.value.fix


@pytest.mark.parametrize("value", ["True", "yes", "1", "on", "FALSE", "no"])
def test_only_true_and_false_are_truths(value):
    with pytest.raises(UsageError):
        parse_inputs({"EOD_DRY_RUN": value})


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "#7", "seven", "٣", "1 2", "9" * 30])
def test_only_positive_numbers_are_pull_requests(value):
    with pytest.raises(UsageError) as caught:
        parse_inputs({"EOD_PR_NUMBER": value})
    assert "pr-number" in str(caught.value)


@given(st.sampled_from([one.variable for one in INPUTS]), st.text(max_size=50))
def test_any_value_is_taken_or_refused_and_never_crashes(variable, value):
    with contextlib.suppress(UsageError):
        assert isinstance(parse_inputs({variable: value}), Inputs)


def test_the_token_stays_out_of_a_repr():
    assert "ghs_secret" not in repr(Inputs(github_token="ghs_secret"))


def test_names_are_kebab_case_and_variables_ours():
    assert {one.variable for one in INPUTS} >= {"EOD_COMMAND", "EOD_GITHUB_TOKEN", "EOD_PR_NUMBER"}
    described = [(one.name, one.description) for one in INPUTS] + [(one.name, one.description) for one in OUTPUTS]
    for name, description in described:
        assert name == name.lower().replace("_", "-")
        assert description.endswith(".")
