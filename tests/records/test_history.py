import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.model.learned import History
from eod.model.record import ResourceTime, StepTime
from eod.records.history import MOST_SAMPLES, dump, load, with_record
from eod.records.yaml import dump as as_yaml
from eod.records.yaml import load as from_yaml
from tests.records.conftest import BRANCH, record

TIMES = {
    "steps": (StepTime(step="sync", seconds=40.0),),
    "durations": (ResourceTime(type="aws_rds_cluster", action="create", seconds=600.0),),
}


def test_only_the_newest_samples_count():
    history = History()
    for seconds in range(MOST_SAMPLES + 5):
        taught = record(steps=(StepTime(step="sync", seconds=float(seconds)),))
        history = with_record(history, taught)
    assert len(history.steps["sync"]) == MOST_SAMPLES
    assert history.steps["sync"][-1] == MOST_SAMPLES + 4


def test_a_record_keeps_its_times_to_the_letter():
    one = record(**TIMES)
    assert from_yaml(as_yaml(one), "pr-1.yaml") == one


names = st.text(min_size=1, max_size=10)
numbers = st.lists(st.floats(0, 1e6), max_size=4).map(tuple)


@given(st.dictionaries(names, st.dictionaries(names, numbers)), st.dictionaries(names, numbers))
def test_it_is_read_back_as_it_was_written(resources, steps):
    history = History(resources=resources, steps=steps)
    assert load(dump(history)) == history


@given(st.binary())
def test_a_damaged_file_is_an_empty_history(content):
    assert isinstance(load(content), History)


@pytest.mark.process
class TestStore:
    def test_what_an_environment_taught_outlives_it_in_the_commit_that_removes_it(self, open_store, remote):
        store = open_store(remote.path)
        for environment in ("pr-1", "pr-2"):
            store.update(environment, lambda _, name=environment: record(name, **TIMES), f"{environment}: ready")
        assert store.history().steps == {"sync": (40.0, 40.0)}
        store.update("pr-1", lambda _: None, "pr-1: destroyed")
        changed = remote.git("diff", "--name-only", f"{BRANCH}~1", BRANCH).split()
        assert changed == ["environments/preview-times.json", "environments/preview/pr-1.yaml"]
        history = open_store(remote.path).history()
        assert history.resources == {"aws_rds_cluster": {"create": (600.0, 600.0)}}
        assert [one.environment for one in store.all()] == ["pr-2"]

    def test_a_removed_record_without_times_changes_one_file(self, open_store, remote):
        store = open_store(remote.path)
        store.update("pr-1", lambda _: record(), "pr-1: requested")
        store.update("pr-1", lambda _: None, "pr-1: destroyed")
        assert remote.git("diff", "--name-only", f"{BRANCH}~1", BRANCH) == "environments/preview/pr-1.yaml"
        assert store.history() == History()

    def test_a_damaged_record_is_left_out(self, open_store, remote, tmp_path):
        store = open_store(remote.path)
        store.update("pr-1", lambda _: record(**TIMES), "pr-1: ready")
        copy = tmp_path / "copy"
        remote.git("worktree", "add", "--quiet", str(copy), BRANCH)
        (copy / "environments/preview/pr-9.yaml").write_text("environment: [broken\n")
        (copy / "environments/preview-times.json").write_text("{")
        remote.git("-C", str(copy), "add", ".")
        remote.git("-C", str(copy), "-c", "user.name=x", "-c", "user.email=x@y.z", "commit", "-qm", "break")
        assert store.history().steps == {"sync": (40.0,)}

    def test_no_branch_has_no_history(self, open_store, remote):
        assert open_store(remote.path).history() == History()
