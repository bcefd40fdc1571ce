from pathlib import Path

import pytest

from eod.errors import UsageError
from eod.terraform.environment import terraform_environment

DATA = Path("/private/pr-1/data")


def environment(base=None, tags=None):
    return terraform_environment(base or {}, data=DATA, tags=tags or {})


def test_terraform_runs_unattended_and_with_a_data_directory_of_its_own():
    assert environment({"TF_INPUT": "1", "TF_DATA_DIR": "shared"}) == {
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "TF_DATA_DIR": str(DATA),
    }


def test_what_the_user_set_up_is_kept():
    base = {"PATH": "/bin", "AWS_PROFILE": "x", "TF_CLI_CONFIG_FILE": "/x.tfrc", "TF_VAR_password": "p"}
    assert environment(base).items() >= base.items()
    assert environment({"TF_PLUGIN_CACHE_DIR": "/cache"})["TF_PLUGIN_CACHE_DIR"] == "/cache"
    assert "TF_PLUGIN_CACHE_DIR" not in environment()


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_ENV",
        "GITHUB_PATH",
        "GITHUB_OUTPUT",
        "ACTIONS_RUNTIME_TOKEN",
        "EOD_GITHUB_TOKEN",
        "INPUT_X",
        "TF_WORKSPACE",
    ],
)
def test_what_code_of_a_pull_request_has_no_business_with_is_taken_away(name):
    assert name not in environment({name: "x"})


def test_tags_reach_the_provider_and_only_ours_do():
    tags = {"environment.on-demand/name": "pr-1", "team": "a=b"}
    made = environment({"TF_AWS_DEFAULT_TAGS_other": "x"}, tags)
    assert {name: value for name, value in made.items() if name.startswith("TF_AWS")} == {
        "TF_AWS_DEFAULT_TAGS_environment.on-demand/name": "pr-1",
        "TF_AWS_DEFAULT_TAGS_team": "a=b",
    }


@pytest.mark.parametrize("key", ["", "a=b", "a\0b"])
def test_a_tag_that_cannot_be_passed_is_refused(key):
    with pytest.raises(UsageError, match="tag"):
        environment(tags={key: "x"})
