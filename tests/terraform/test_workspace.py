"""What every command that Terraform is given has in common, and the runner that makes workspaces."""

import json
import stat
from pathlib import Path

import pytest

from eod.errors import UsageError
from tests.terraform.fake import nothing

pytestmark = pytest.mark.process


def private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_terraform_is_asked_in_the_right_words(fake):
    fake.workspace(parallelism=7, lock_timeout_seconds=30).plan()
    (init,), (plan,) = fake.calls("init"), fake.calls("plan")
    assert init["arguments"][:4] == ["init", "-json", "-input=false", "-reconfigure"]
    assert {
        "-json",
        "-input=false",
        "-detailed-exitcode",
        "-lock-timeout=30s",
        "-parallelism=7",
        f"-out={fake.place}/plan.tfplan",
        f"-var-file={fake.place}/variables.tfvars.json",
    } <= set(plan["arguments"])
    assert plan["cwd"] == str(fake.root)


def test_only_declared_variables_are_passed_and_none_on_the_command_line(fake):
    fake.workspace().plan()
    assert json.loads((fake.place / "variables.tfvars.json").read_text()) == {
        "pr_number": 12,
        "secret": "hush",
    }
    assert "hush" not in json.dumps([call["arguments"] for call in fake.calls()])
    assert json.loads((fake.place / "backend.tfbackend.json").read_text()) == {
        "key": "eod/acme/shop/pr-12.tfstate",
        "bucket": "states",
    }


def test_what_may_hold_secrets_is_for_nobody_else(fake):
    plan = fake.workspace().plan()
    assert private(fake.place)
    assert private(Path(plan.path))
    assert private(fake.place / "variables.tfvars.json")
    assert private(fake.place / "backend.tfbackend.json")
    assert not (fake.place / "stream.jsonl").exists()


def test_tags_are_the_same_for_plan_apply_and_destroy(fake):
    workspace = fake.workspace()
    workspace.apply(workspace.plan(), nothing)
    workspace.destroy(nothing)
    changing = [call for call in fake.calls() if call["command"] in {"plan", "apply"}]
    assert len(changing) == 3
    for call in changing:
        assert call["environ"]["TF_AWS_DEFAULT_TAGS_environment.on-demand/name"] == "pr-12"
        assert call["environ"]["TF_DATA_DIR"] == str(fake.place / "data")
        assert "GITHUB_ENV" not in call["environ"]


def test_environments_do_not_share_a_data_directory(fake):
    fake.workspace("pr-12").plan()
    fake.workspace("pr-13").plan()
    assert len({call["environ"]["TF_DATA_DIR"] for call in fake.calls("plan")}) == 2


def test_at_the_end_no_plan_is_left_on_the_machine(fake):
    runner = fake.runner()
    plan = runner.workspace(
        environment="pr-12",
        root=fake.root,
        commit="abc123",
        backend={"key": "pr-12"},
        variables={},
        tags={},
    ).plan()
    assert Path(plan.path).exists()
    runner.close()
    assert not Path(plan.path).exists()


def test_variables_are_known_without_terraform(fake):
    assert fake.runner().declared_variables(fake.root) == {"pr_number", "secret"}
    asked = (fake.directory / "calls").read_text().count("'command': 'version'")
    assert asked == 1, "each start of the binary costs a run a moment"
    assert fake.commands() == []


def test_a_note_on_the_module_is_said_once(fake):
    (fake.root / "odd.tf.json").write_text("{")
    runner = fake.runner()
    runner.declared_variables(fake.root)
    runner.declared_variables(fake.root)
    assert len(fake.said) == 1


@pytest.mark.parametrize("name", ["", "../pr-1", "a/b", "-x", "pr 1"])
def test_a_name_that_leads_elsewhere_is_refused(fake, name):
    with pytest.raises(UsageError, match="name of an environment"):
        fake.workspace(name)


def test_the_version_is_asked_once(fake):
    runner = fake.runner()
    assert runner.engine is runner.engine
