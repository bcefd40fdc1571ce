import json
import shutil
from pathlib import Path

import pytest

from eod.errors import ExitCode, PlanFailedError, TerraformError, TerraformUsageError
from eod.model.outputs import Outputs
from eod.terraform import tail
from eod.terraform.planning import CUT
from tests.terraform.fake import STATE, STRAY, outputs_only, play
from tests.terraform.support import document, stream

pytestmark = pytest.mark.process


def test_a_plan_is_summed_up_and_bound(fake):
    plan = fake.workspace().plan()
    assert plan.summary.line == "2 to add, 0 to change, 0 to destroy"
    assert plan.gates == {"terraform_data.db", "terraform_data.cdn"}
    assert plan.terraform_version == "1.11.4"
    assert len(plan.digest) == 64
    assert Path(plan.path).read_text() == "a plan"


def test_a_plan_that_changes_nothing_knows_the_outputs_that_there_are(fake):
    shown = outputs_only()
    shown["output_changes"] = {"url": {"actions": ["no-op"]}, "password": {"actions": ["no-op"]}}
    held = {"url": {"value": "https://x"}, "password": {"sensitive": True, "value": "in clear"}}
    shown["prior_state"] = {"format_version": "1.0", "values": {"outputs": held, "root_module": {}}}
    fake.plays(show=[{"stdout": json.dumps(shown)}], plan=[play("plan_ok")])
    plan = fake.workspace().plan()
    assert plan.summary.empty
    assert plan.outputs == Outputs(values={"url": "https://x"}, sensitive=("password",))
    assert "output" not in fake.commands()


def test_a_plan_of_any_length_is_read_whole(fake, monkeypatch):
    # `show -json` prints one line, and thousands of resources are more than any line of a stream may be.
    monkeypatch.setattr(tail, "LINE_LIMIT", 1_000)
    monkeypatch.setattr(tail, "CHUNK", 100)
    fake.plays(state_pull=[{"stdout": STATE.replace('"x"', f'"{"x" * 5_000}"')}])
    workspace = fake.workspace()
    assert len(document("plan_small")) > 2 * tail.LINE_LIMIT
    assert workspace.plan().summary.adds == 2
    assert workspace.unknown((STRAY,)) == (STRAY,)


def test_what_plan_json_leaves_out_is_asked_for_only_where_there_is_any(fake):
    assert fake.workspace().plan().graph
    assert fake.calls("graph") == []
    (fake.root / "more.tf").write_text("locals { a = 1 }\noutput o { value = local.a }\n")
    edge = '"[root] terraform_data.cdn (expand)" -> "[root] local.a (expand)"\n'
    edge += '"[root] local.a (expand)" -> "[root] terraform_data.db (expand)"\n'
    fake.plays(graph=[{"stdout": edge}])
    graph = fake.workspace().plan().graph
    assert [node.name for node in graph if node.after] == ["terraform_data.cdn"]


def test_a_graph_that_cannot_be_had_is_no_failure(fake):
    (fake.root / "more.tf").write_text("output o { value = local.a }\n")
    fake.plays(graph=[{"code": 1, "stdout": "Error"}])
    assert fake.workspace().plan().summary.adds == 2


def test_a_failed_plan_says_where(fake):
    fake.plays(plan=[play("plan_missing_variable", code=1)])
    with pytest.raises(PlanFailedError, match="could not make a plan") as failed:
        fake.workspace().plan()
    assert failed.value.where == "infra/main.tf:4"
    assert 'variable "need" is not set' in failed.value.detail
    assert len(fake.calls("plan")) == 1


def test_text_for_people_is_cut(fake):
    plan = fake.workspace(text_limit=100).plan()
    assert plan.text.startswith("Terraform will perform")
    assert len(plan.text) < 200
    assert plan.text.endswith("(the rest is cut)")


def test_it_is_cut_between_lines_so_that_no_secret_is_cut_in_two_and_not_known_any_more(fake):
    whole = fake.workspace().plan().text
    for limit in (40, 75, 100, 130):
        shown = fake.workspace(text_limit=limit).plan().text.removesuffix(CUT)
        assert all(line in whole.splitlines() for line in shown.splitlines())


def test_a_text_that_nobody_wants_is_not_made(fake):
    assert fake.workspace(text_limit=0).plan().text == ""
    assert fake.calls("show text") == []


def test_a_plan_file_that_cannot_be_read_is_no_plan(fake):
    fake.plays(show=[{"code": 1, "stderr": "zip: not a valid zip file"}])
    with pytest.raises(TerraformError, match="cannot be read") as failed:
        fake.workspace().plan()
    assert "zip" in failed.value.detail


def test_a_disk_that_filled_while_the_plan_was_shown_is_told(fake, monkeypatch):
    # Terraform ends with 0 although what it printed is cut off.
    fake.plays(show=[{"stdout": document("plan_small").decode()[:900]}])
    with pytest.raises(TerraformError, match="cannot be read"):
        fake.workspace().plan()
    free = shutil.disk_usage(fake.directory)._replace(free=4096)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    with pytest.raises(TerraformError, match="The disk is full") as failed:
        fake.workspace().plan()
    assert failed.value.where == str(fake.place)
    assert "Free space" in failed.value.fix


@pytest.mark.parametrize(
    ("operation", "summary", "detail"),
    [
        ("init", "Failed to install provider", "write /cache/x: no space left on device"),
        ("plan", "Failed to write plan file", "write /x/plan.tfplan: no space left on device."),
    ],
)
def test_a_full_disk_is_told_and_not_tried_again(fake, operation, summary, detail):
    diagnostic = {"severity": "error", "summary": summary, "detail": detail}
    full = {"stdout": json.dumps({"type": "diagnostic", "diagnostic": diagnostic}) + "\n", "code": 1}
    fake.plays(**{operation: [full]})
    with pytest.raises(TerraformError) as failed:
        fake.workspace().plan()
    assert failed.value.why == "The runner's disk is full."
    assert "Free space" in failed.value.fix
    assert detail in failed.value.detail
    assert len(fake.calls(operation)) == 1


def test_a_plan_that_would_delete_another_environments_resource_does_not_stay(fake):
    tags = {"tags": {"environment.on-demand/name": "pr-13"}}
    change = {"actions": ["delete"], "before": tags, "after": None}
    described = {"address": "aws_sqs_queue.q", "type": "aws_sqs_queue", "change": change}
    shown = {"format_version": "1.2", "resource_changes": [described]}
    fake.plays(show=[{"stdout": json.dumps(shown)}])
    with pytest.raises(TerraformUsageError, match="another environment") as refused:
        fake.workspace().plan()
    assert refused.value.exit_code is ExitCode.USAGE
    assert not (fake.place / "plan.tfplan").exists()
    assert fake.calls("apply") == []


def test_a_stream_of_another_version_is_refused(fake):
    line = '{"type":"version","terraform":"3.0.0","ui":"2.0"}\n'
    fake.plays(plan=[{"stdout": line, "code": 2}])
    with pytest.raises(TerraformError, match=r"version 2\.0"):
        fake.workspace().plan()


def test_noise_between_lines_is_survived(fake):
    noisy = stream("plan_ok").decode().replace("\n", "\nprovider: something\n")
    fake.plays(plan=[{"stdout": noisy, "code": 2}])
    assert fake.workspace().plan().summary.adds == 2
