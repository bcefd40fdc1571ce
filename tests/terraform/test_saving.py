import json
from datetime import timedelta

import pytest

from eod.errors import ApplyFailedError, TerraformError
from eod.model.lock import machine_of
from eod.terraform import drain, saver
from tests.terraform.fake import (
    LOCK_ID,
    LOCKED_AT,
    failing,
    lock_complaint,
    lock_message,
    nothing,
    play,
    unsaved_by_a_killed_run,
)

pytestmark = pytest.mark.process


def test_it_is_saved_before_anything_is_planned(fake):
    unsaved_by_a_killed_run(fake)
    fake.workspace().plan()
    assert [c for c in fake.commands() if "show" not in c] == ["init", "state push", "plan"]
    assert fake.calls("state push")[0]["arguments"][-1] == str(fake.place / "errored.tfstate")
    assert not list(fake.directory.rglob("errored.tfstate"))
    assert "saving it now" in fake.said[0]


def test_nothing_is_planned_while_it_cannot_be_saved(fake):
    unsaved_by_a_killed_run(fake)
    fake.plays(state_push=[{"code": 1, "stderr": "cannot import state with serial 2 over newer state"}])
    with pytest.raises(TerraformError, match="cannot be saved now either") as failed:
        fake.workspace().plan()
    assert "serial 2" in failed.value.detail
    assert (fake.place / "errored.tfstate").exists()
    assert len(fake.calls("state push")) == 1
    assert fake.calls("plan") == []


def test_it_is_found_in_the_checkout_that_the_killed_run_worked_in(fake):
    earlier = fake.directory / "checkouts" / "abc123-1" / "infra"
    earlier.mkdir(parents=True)
    unsaved_by_a_killed_run(fake, earlier)
    fake.workspace().plan()
    assert len(fake.calls("state push")) == 1
    assert not list(fake.directory.rglob("errored.tfstate"))


@pytest.mark.parametrize("make", [
    lambda path: path.write_text("{}"),
    lambda path: path.symlink_to("main.tf.json"),
    lambda path: path.symlink_to("nowhere"),
])  # fmt: skip
def test_one_that_was_committed_is_nobodys_and_never_pushed(fake, make):
    # Into the state of a new environment it could be pushed, and the plan would destroy what it lists.
    make(fake.root / "errored.tfstate")
    workspace = fake.workspace()
    workspace.apply(workspace.plan(), nothing)
    fake.workspace().plan()
    assert fake.calls("state push") == []
    assert not (fake.place / "errored.tfstate").exists()
    assert "part of the commit" in fake.said[0]


def test_after_an_apply_it_is_saved_at_once_and_the_rest_is_done(fake):
    left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
    fake.plays(apply=[{**failing("Failed to save state"), **left}, play("apply_ok")])
    workspace = fake.workspace()
    result = workspace.apply(workspace.plan(), nothing)
    assert result.attempts == 2
    assert len(fake.calls("state push")) == 1


def test_a_backend_that_does_not_take_it_is_asked_again(fake):
    left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
    refused = {"code": 1, "stderr": "Failed to persist state: HTTP error: 503"}
    fake.plays(
        apply=[{**failing("Failed to save state"), **left}, play("apply_ok")],
        state_push=[refused, refused, {}],
    )
    workspace = fake.workspace()
    assert workspace.apply(workspace.plan(), nothing).attempts == 2
    assert len(fake.calls("state push")) == 3
    assert not (fake.place / "running.json").exists()


def test_an_earlier_one_that_the_backend_does_not_take_is_pushed_again(fake):
    unsaved_by_a_killed_run(fake)
    fake.plays(state_push=[{"code": 1, "stderr": "Failed to persist state: HTTP error: 503"}, {}])
    assert fake.workspace().plan().summary.adds == 2
    assert len(fake.calls("state push")) == 2


def test_a_push_that_fails_is_tried_again_whatever_becomes_of_its_own_lock(fake):
    unsaved_by_a_killed_run(fake)
    released = f"Error: Error releasing the state lock\n\n{lock_message()}"
    refused = {"code": 1, "stderr": f"Failed to persist state: HTTP error: 503\n\n{released}"}
    fake.plays(state_push=[refused, {}])
    fake.workspace().plan()
    assert len(fake.calls("state push")) == 2


def test_the_drain_step_saves_what_the_run_could_not(fake):
    left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
    fake.plays(apply=[{**failing("Failed to save state"), **left}], state_push=[*[{"code": 1}] * 4, {}])
    workspace = fake.workspace()
    plan = workspace.plan()
    with pytest.raises(ApplyFailedError):
        workspace.apply(plan, nothing)
    save = saver({}, interrupts=fake.interrupts, clock=fake.clock)
    (report,) = drain(fake.state, clock=fake.clock, save=save)
    assert report.unsaved == ""
    assert not list(fake.directory.rglob("errored.tfstate"))
    assert drain(fake.state, clock=fake.clock) == ()


def left_with_its_lock(fake, **run):
    """An apply without a backend at its end: neither state nor lock, and the run gave up."""
    left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
    locked = {"code": 1, "stderr": lock_complaint()}
    fake.plays(apply=[{**failing("Failed to save state"), **left}], state_push=[*[{"code": 1}] * 4, locked, {}])
    began = run.get("began", LOCKED_AT - timedelta(seconds=2))
    fake.clock.now = lambda: began + timedelta(seconds=100 * len(fake.calls("state push")))
    workspace = fake.workspace()
    plan = workspace.plan()
    with pytest.raises(ApplyFailedError):
        workspace.apply(plan, nothing)
    holder = machine_of(run.get("holder", "runner@host"))
    return saver({}, interrupts=fake.interrupts, clock=fake.clock, holder=holder)


def test_the_drain_step_saves_it_past_the_lock_that_the_same_terraform_left(fake):
    save = left_with_its_lock(fake)
    (report,) = drain(fake.state, clock=fake.clock, save=save)
    assert report.unsaved == ""
    assert [call["arguments"][-1] for call in fake.calls("force-unlock")] == [LOCK_ID]


@pytest.mark.parametrize("run", [
    {"holder": "runner@another"},
    {"holder": "root@host"},
    {"began": LOCKED_AT + timedelta(seconds=5)},
])  # fmt: skip
def test_the_drain_step_takes_nobody_elses_lock_away(fake, run):
    save = left_with_its_lock(fake, **run)
    (report,) = drain(fake.state, clock=fake.clock, save=save)
    assert report.unsaved
    assert fake.calls("force-unlock") == []


def test_if_it_cannot_be_saved_the_apply_has_failed(fake):
    left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
    fake.plays(apply=[{**failing("Failed to save state"), **left}], state_push=[{"code": 1}])
    workspace = fake.workspace()
    plan = workspace.plan()
    with pytest.raises(ApplyFailedError) as failed:
        workspace.apply(plan, nothing)
    assert "could not write the state" in failed.value.why
    assert (fake.place / "errored.tfstate").exists()
    assert not (fake.root / "errored.tfstate").exists()


def test_another_environments_is_left_alone(fake):
    # Two environments of one commit share the module's directory: pushing this would mix their states.
    other = fake.state / "pr-13"
    other.mkdir(parents=True)
    claim = {"pid": 1, "start": "0", "environment": "pr-13", "operation": "apply", "binary": "x"}
    claim |= {"root": str(fake.root), "started_at": "2026-11-23T12:00:00Z"}
    (other / "running.json").write_text(json.dumps(claim))
    (fake.root / "errored.tfstate").write_text("{}")
    fake.workspace().plan()
    assert fake.calls("state push") == []
    assert (fake.root / "errored.tfstate").exists()
