import json
from pathlib import Path

import pytest

from eod.errors import ApplyFailedError
from eod.model.outputs import Outputs
from eod.model.plan import ResourceProgress
from eod.terraform.running import start_of
from tests.terraform.fake import failing, nothing, outputs_only, play
from tests.terraform.support import document, stream

pytestmark = pytest.mark.process

OUTPUTS = Outputs(values={"m": {"a": 1}, "n": 12}, sensitive=("s",))


def test_exactly_the_plan_is_applied_and_then_it_is_gone(fake):
    workspace = fake.workspace()
    plan = workspace.plan()
    seen: list[ResourceProgress] = []
    result = workspace.apply(plan, seen.append)
    assert (result.added, result.changed, result.destroyed, result.attempts) == (2, 0, 0, 1)
    assert result.outputs == OUTPUTS
    assert [(p.address, p.state) for p in seen] == [
        ("terraform_data.db", "started"),
        ("terraform_data.db", "complete"),
        ("terraform_data.cdn", "started"),
        ("terraform_data.cdn", "complete"),
    ]
    assert fake.calls("apply")[0]["arguments"][-1] == plan.path
    assert not Path(plan.path).exists()


def test_data_sources_that_are_looked_up_are_no_progress(fake):
    address = "data.aws_caller_identity.current"
    hook = {"resource": {"addr": address, "resource_type": "aws_caller_identity"}, "action": "read"}
    looked_up = [
        json.dumps({"type": "apply_start", "hook": hook}),
        json.dumps({"type": "apply_complete", "hook": {**hook, "elapsed_seconds": 0}}),
    ]
    first, *others = stream("apply_ok").decode().splitlines()
    fake.plays(apply=[{"stdout": "\n".join([first, *looked_up, *others]) + "\n"}])
    workspace = fake.workspace()
    seen: list[ResourceProgress] = []
    result = workspace.apply(workspace.plan(), seen.append)
    assert result.added == 2
    assert {progress.address for progress in seen} == {"terraform_data.db", "terraform_data.cdn"}


def test_a_fault_that_passes_is_tried_again_with_a_new_plan(fake):
    rest = json.loads(document("plan_small"))
    rest["resource_changes"][1]["change"]["actions"] = ["no-op"]
    shown = {"stdout": document("plan_small").decode()}
    fake.plays(
        apply=[failing("Throttling: Rate exceeded"), play("apply_ok")],
        show=[shown, {"stdout": json.dumps(rest)}],
    )
    workspace = fake.workspace()
    result = workspace.apply(workspace.plan(), nothing)
    assert result.attempts == 2
    assert result.retried == ("throttled: The cloud's API throttles this account.",)
    assert result.added == 3
    assert [c for c in fake.commands() if "show" not in c] == ["init", "plan", "apply", "plan", "apply"]
    first, second = fake.calls("apply")
    assert "-parallelism=20" in first["arguments"]
    assert "-parallelism=10" in second["arguments"]


def test_a_plan_of_nothing_but_outputs_is_applied(fake):
    shown = {"stdout": json.dumps(outputs_only(url="https://new"))}
    fake.plays(show=[shown], apply=[play("apply_ok")])
    workspace = fake.workspace()
    plan = workspace.plan()
    assert not plan.summary.empty
    assert plan.changes == ()
    assert workspace.apply(plan, nothing).outputs == OUTPUTS
    assert len(fake.calls("apply")) == 1


def test_a_stale_plan_is_made_anew(fake):
    fake.plays(apply=[play("apply_stale", code=1), play("apply_ok")])
    workspace = fake.workspace()
    result = workspace.apply(workspace.plan(), nothing)
    assert (result.attempts, result.added) == (2, 2)


def test_a_permanent_fault_ends_it_at_once(fake):
    fake.plays(apply=[failing("creating: AccessDenied: no", "terraform_data.cdn")])
    workspace = fake.workspace()
    plan = workspace.plan()
    with pytest.raises(ApplyFailedError, match="1 added, 0 changed, 0 destroyed") as failed:
        workspace.apply(plan, nothing)
    assert failed.value.why == "The credentials may not do this."
    assert failed.value.where == "terraform_data.cdn"
    assert len(fake.calls("apply")) == 1
    assert not Path(plan.path).exists()


def test_a_killed_terraform_is_not_tried_again(fake):
    fake.plays(apply=[{"stdout": stream("apply_ok").decode()[:4000], "kill": True}])
    workspace = fake.workspace()
    plan = workspace.plan()
    with pytest.raises(ApplyFailedError) as failed:
        workspace.apply(plan, nothing)
    assert "SIGKILL" in failed.value.why
    assert len(fake.calls("apply")) == 1


def test_it_is_known_who_runs_and_forgotten_afterwards(fake):
    workspace = fake.workspace()
    plan = workspace.plan()
    seen: list[dict[str, object]] = []

    def look(_progress):
        seen.append(json.loads((fake.place / "running.json").read_text()))

    workspace.apply(plan, look)
    running = seen[0]
    call = fake.calls("apply")[0]
    assert (running["pid"], running["operation"], running["environment"]) == (call["pid"], "apply", "pr-12")
    assert call["group"] == call["pid"]
    assert start_of(call["pid"]) == ""
    assert not (fake.place / "running.json").exists()


def test_an_error_of_a_listener_does_not_leave_terraform_behind(fake):
    workspace = fake.workspace()
    plan = workspace.plan()

    def broken(_progress):
        raise ValueError("the listener's own")

    with pytest.raises(ValueError, match="own"):
        workspace.apply(plan, broken)
    assert start_of(fake.calls("apply")[0]["pid"]) == ""
    assert not (fake.place / "running.json").exists()
    assert not Path(plan.path).exists()
