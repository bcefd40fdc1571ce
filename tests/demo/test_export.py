import pytest
import yaml

from demo.export import ACTION, export

pytestmark = pytest.mark.process


@pytest.fixture
def actions(tmp_path):
    return export(tmp_path)


def test_the_action_is_whole_and_holds_nothing_that_only_lies_beside_it(actions):
    own = actions.folders[f"{ACTION}@v1"]
    assert {"action.yml", "requirements.txt", "scripts", "src"} <= {path.name for path in own.iterdir()}
    assert (own / "src/eod/__main__.py").is_file()
    assert (own / "scripts/setup").stat().st_mode & 0o111, "it is run as a program"
    assert not list(own.rglob("__pycache__"))
    assert not (own / ".venv").exists()


def test_every_action_that_a_workflow_names_is_there(actions):
    own = actions.folders[f"{ACTION}@v1"]
    for name in ("preview.yml", "on-close.yml", "sweep.yml"):
        jobs = yaml.safe_load((own / ".github/workflows" / name).read_text("utf-8"))["jobs"].values()
        for step in (step for job in jobs for step in job["steps"] if "uses" in step):
            folder = actions.folders[step["uses"]]
            assert (folder / "action.yml").is_file(), step["uses"]


def test_a_checkout_clones_and_anything_else_must_not_run(actions):
    names = {name.partition("@")[0]: folder.name for name, folder in actions.folders.items()}
    assert names["actions/checkout"] == "checkout"
    assert {folder for name, folder in names.items() if name not in {ACTION, "actions/checkout"}} == {"unneeded"}


def test_what_act_does_not_know_is_taken_out(actions):
    own = actions.folders[f"{ACTION}@v1"]
    for workflow in (own / ".github/workflows").glob("*.yml"):
        jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values()
        assert all("queue" not in job.get("concurrency", {}) for job in jobs if isinstance(job, dict))
