"""Rules that the house lives by and no linter knows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from eod.inputs import INPUTS, OUTPUTS

ROOT = Path(__file__).parents[1]
HEAVY = {"boto3", "botocore", "kubernetes", "github", "hcl2", "jinja2", "requests", "rich", "lark"}


def loaded_by(code):
    program = f"import sys; {code}; import json; print(json.dumps(sorted(m.split('.')[0] for m in sys.modules)))"
    shown = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    return set(json.loads(shown.stdout.splitlines()[-1]))


@pytest.mark.process
def test_the_command_line_starts_without_heavy_libraries():
    assert not loaded_by("import eod.cli") & HEAVY


@pytest.mark.process
def test_classify_needs_no_client_at_all():
    assert not loaded_by("import eod.cli.classify, eod.cli.show, eod.tiers") & HEAVY


def sources():
    return [
        path
        for folder in ("src", "standins", "testbed", "demo", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
    ]


def test_no_process_is_started_through_a_shell():
    guilty = [
        path for path in sources() if re.search(r"shell\s*=\s*True|os\.system\(|os\.popen\(", path.read_text())
    ]
    assert guilty == []


def action():
    return yaml.safe_load((ROOT / "action.yml").read_text())


def test_every_input_reaches_the_code_under_its_own_name():
    declared = action()["inputs"]
    assert list(declared) == [one.name for one in INPUTS]
    for step in action()["runs"]["steps"][1:]:
        for one in INPUTS:
            assert step["env"][one.variable] == f"${{{{ inputs.{one.name} }}}}"


def test_every_output_comes_from_the_run():
    declared = action()["outputs"]
    assert list(declared) == [one.name for one in OUTPUTS]
    for name, output in declared.items():
        assert output["value"] == f"${{{{ steps.run.outputs.{name} }}}}"


def test_a_cancel_meets_python_and_nothing_is_imported_from_the_checkout():
    for step in action()["runs"]["steps"]:
        assert step["run"].split("PYTHONPATH")[-1].count("exec ") == 1
        assert "${{" not in step["run"]
        if "python" in step["run"].lower() and "setup" not in step["run"]:
            assert '"$EOD_PYTHON" -P -m eod' in step["run"]


def test_the_drain_step_runs_whatever_happened_before():
    assert "always()" in action()["runs"]["steps"][-1]["if"]


def workflows():
    return sorted([*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / "examples/workflows").glob("*.yml")])


@pytest.mark.parametrize("path", workflows(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_workflow_puts_an_expression_into_a_script(path):
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        for step in job.get("steps", []):
            assert "${{" not in step.get("run", "")


def test_a_comments_run_gets_credentials_only_for_code_of_this_repository():
    (job,) = yaml.safe_load((ROOT / ".github/workflows/preview.yml").read_text())["jobs"].values()
    secretive = ("secrets.", "aws-role", "eks-cluster")
    steps = [step for step in job["steps"] if any(word in yaml.dump(step) for word in secretive)]
    assert len(steps) == 3
    for step in steps:
        assert "steps.code.outputs.own == 'true'" in step["if"]
    assert "event.issue.number" in job["concurrency"]["group"]


@pytest.mark.parametrize("name", ["preview", "on-close"])
def test_a_teardown_queues_behind_the_run_that_it_undoes(name):
    (job,) = yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text())["jobs"].values()
    assert job["concurrency"]["cancel-in-progress"] is False
    assert job["concurrency"]["queue"] == "max"
    assert "pull_request.number" in job["concurrency"]["group"]
    assert "ref" not in job["concurrency"]["group"].replace("repository", "")
