import json
from pathlib import Path

import pytest

from eod.errors import ApplyFailedError, ExitCode, PolicyRefusedError, UnapprovedChangeError
from tests.terraform.fake import failing, nothing, outputs_only, play
from tests.terraform.support import document

pytestmark = pytest.mark.process


@pytest.mark.parametrize(
    "change", [{"environment": "pr-13"}, {"commit": "def"}, {"variables": {}}, {"tags": {"a": "b"}}]
)
def test_a_plan_for_something_else_is_refused(fake, change):
    plan = fake.workspace().plan()
    bound = {
        "environment": "pr-12",
        "commit": "abc123",
        "variables": {"pr_number": 12, "secret": "hush"},
        "tags": {"environment.on-demand/name": "pr-12"},
        "backend": {"key": "pr-12/pr-13"},
    }
    other = fake.runner().workspace(**{**bound, **change}, root=fake.root)
    with pytest.raises(ApplyFailedError, match="made for something else"):
        other.apply(plan, nothing)
    assert fake.calls("apply") == []


def test_nothing_is_applied_that_was_not_approved(fake):
    more = json.loads(document("plan_small"))
    more["resource_changes"].append(
        {"address": "terraform_data.other", "type": "terraform_data", "change": {"actions": ["delete"]}}
    )
    shown = {"stdout": document("plan_small").decode()}
    fake.plays(apply=[failing("Saved plan is stale")], show=[shown, {"stdout": json.dumps(more)}])
    workspace = fake.workspace()
    plan = workspace.plan()
    with pytest.raises(UnapprovedChangeError, match="1 things that were not approved") as failed:
        workspace.apply(plan, nothing)
    assert failed.value.detail == "terraform_data.other: delete"
    assert failed.value.exit_code == ExitCode.WAITING_FOR_APPROVAL
    assert len(fake.calls("apply")) == 1
    assert not Path(plan.path).exists()


def test_a_further_plan_is_judged_before_it_is_applied(fake):
    fake.plays(apply=[failing("Saved plan is stale"), play("apply_ok")])
    judged = []

    def refuse(plan):
        judged.append(plan.digest)
        raise PolicyRefusedError("Public.")

    workspace = fake.bare_workspace(judge=refuse)
    plan = workspace.plan()
    assert judged == []
    with pytest.raises(PolicyRefusedError):
        workspace.apply(plan, nothing)
    assert judged == [plan.digest]
    assert len(fake.calls("apply")) == 1
    assert not Path(plan.path).exists()


def test_an_approved_resource_is_not_made_otherwise_than_approved(fake):
    approved, other = (json.loads(document("plan_small")) for _ in range(2))
    for plan, password in ((approved, "correct horse"), (other, "battery staple")):
        change = plan["resource_changes"][0]["change"]
        change["after"] = {"size": 1, "password": password}
        change["after_sensitive"] = {"password": True}
    fake.plays(
        apply=[failing("Saved plan is stale")],
        show=[{"stdout": json.dumps(approved)}, {"stdout": json.dumps(other)}],
    )
    workspace = fake.workspace()
    plan = workspace.plan()
    assert "horse" not in str(plan)
    with pytest.raises(UnapprovedChangeError) as failed:
        workspace.apply(plan, nothing)
    address = approved["resource_changes"][0]["address"]
    assert failed.value.detail == f"{address}: password"
    assert len(fake.calls("apply")) == 1


@pytest.mark.parametrize(
    ("approved", "planned", "more"),
    [
        ({"url": "https://a"}, {"url": "https://a"}, ""),
        ({"url": None}, {"url": "https://a"}, ""),
        ({"url": "https://a", "other": "b"}, {"url": "https://a"}, ""),
        ({"url": "https://a"}, {"url": "https://b"}, "output.url: value"),
        ({"url": "https://a"}, {"url": "https://a", "late": "x"}, "output.late: value"),
    ],
)
def test_an_output_of_a_second_plan_was_approved_or_not_known(fake, approved, planned, more):
    fake.plays(
        apply=[failing("Saved plan is stale"), play("apply_ok")],
        show=[{"stdout": json.dumps(outputs_only(**one))} for one in (approved, planned)],
    )
    workspace = fake.workspace()
    plan = workspace.plan()
    if not more:
        assert workspace.apply(plan, nothing).attempts == 2
        return
    with pytest.raises(UnapprovedChangeError) as failed:
        workspace.apply(plan, nothing)
    assert failed.value.detail == more
    assert len(fake.calls("apply")) == 1


def test_a_plan_file_that_is_not_the_one_that_was_shown_is_refused(fake):
    workspace = fake.workspace()
    plan = workspace.plan()
    Path(plan.path).write_text("another plan")
    with pytest.raises(ApplyFailedError, match="not the one that was shown"):
        workspace.apply(plan, nothing)
    assert fake.calls("apply") == []
