import json
import shutil
import subprocess
import sys

import pytest
import yaml


def _is_source(path):
    return path.is_file() and "__pycache__" not in path.parts


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if _is_source(path)}


def test_every_step_changes_something(example, changes):
    for change in changes.iterdir():
        state = files_of(example)
        for step in sorted(change.iterdir()):
            assert files_of(step), step
            for path, content in files_of(step).items():
                assert state.get(path) != content, f"{step.name}/{path} changes nothing"
            state |= files_of(step)


def test_121_changes_one_word_of_text(example, changes):
    ((path, content),) = files_of(changes / "121-typo/1-opened").items()
    before, after = json.loads((example / path).read_bytes()), json.loads(content)
    assert path == "app/locales/en.json"
    assert [key for key in before if before[key] != after[key]] == ["welcome"]


def test_122_only_adds_migrations_in_two_pushes(example, changes):
    steps = sorted((changes / "122-migration").iterdir())
    assert [step.name for step in steps] == ["1-opened", "2-pushed"]
    for step in steps:
        for path in files_of(step):
            assert path.startswith("app/migrations/")
            assert not (example / path).exists(), "an applied migration is never edited"


def test_123_adds_a_service_and_puts_it_behind_the_ingress(example, changes):
    step = changes / "123-payment/1-opened"
    kustomization = yaml.safe_load((step / "deploy/workload/kustomization.yaml").read_text("utf-8"))
    before = yaml.safe_load((example / "deploy/workload/kustomization.yaml").read_text("utf-8"))
    assert set(kustomization["resources"]) - set(before["resources"]) == {"payments.yaml"}
    assert kustomization | {"resources": before["resources"]} == before


@pytest.mark.parametrize("body", [{}, {"order": "7"}, {"order": "7", "cents": 0}, {"order": "7", "cents": True}])
def test_123_refuses_charges_that_make_no_sense(changes, load_module, body):
    charge = load_module(changes / "123-payment/1-opened/app/payments/charge.py")
    with pytest.raises(charge.RefusedError):
        charge.parse(body)
    assert charge.parse({"order": "7", "cents": 100}).cents == 100


@pytest.mark.process
@pytest.mark.parametrize(
    ("change", "tier"), [("121-typo", "lightweight"), ("122-migration", "database"), ("123-payment", "full")]
)
def test_each_change_asks_for_the_tier_that_the_demo_shows(example, changes, tmp_path, change, tier):
    def git(*arguments):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch=main", ".")
    for step in (example, *sorted((changes / change).iterdir())):
        shutil.copytree(
            step, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".terraform*", "__pycache__")
        )
        git("add", "--all")
        git("commit", "--message", step.name)
        if step == example:
            git("branch", "base")
    command = [
        sys.executable,
        "-m",
        "eod",
        "classify",
        "--repo",
        ".",
        "--base",
        "base",
        "--head",
        "main",
        "--json",
    ]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["tier"] == tier
