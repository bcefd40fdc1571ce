import json
import time

import pytest

from eod.errors import ExitCode, TerraformUsageError
from eod.terraform.ownership import refuse_others, refuse_to_destroy
from eod.terraform.plan_json import decode_plan
from eod.terraform.state_json import State, read_state

NAME, REPOSITORY = "environment.on-demand/name", "environment.on-demand/repository"
OWN = {NAME: "pr-12", REPOSITORY: "acme/shop", f"{NAME}space": "pr-12"}


def change(actions, before, *, address="aws_sqs_queue.jobs", importing=False, mode="managed"):
    described = {"actions": actions, "before": before, "after": before}
    if importing:
        described["importing"] = {"id": "x"}
    return {"address": address, "type": address.partition(".")[0], "mode": mode, "change": described}


def refuse(*changes, tags=OWN):
    plan = decode_plan(json.dumps({"format_version": "1.2", "resource_changes": changes}).encode())
    refuse_others(plan, tags, "pr-12")


@pytest.mark.parametrize("actions", [["update"], ["delete"], ["delete", "create"], ["create", "delete"]])
@pytest.mark.parametrize(
    "before",
    [
        {"tags": {NAME: "pr-13"}},
        {"tags": None, "tags_all": {NAME: "pr-13", "team": "web"}},
        {"tag": [{"key": NAME, "value": "pr-13", "propagate_at_launch": True}]},
        {"tags": [{"key": "team", "value": "web"}, {"key": NAME, "value": "pr-13"}]},
        {"labels": {NAME: "pr-13"}},
        {"metadata": [{"name": "x", "labels": {NAME: "pr-13"}, "annotations": None}]},
        {"metadata": [{"annotations": {REPOSITORY: "acme/blog"}}]},
        {"tags": {NAME: "pr-12", REPOSITORY: "acme/blog"}},
    ],
)
def test_what_bears_another_environments_tags_is_not_touched(actions, before):
    with pytest.raises(TerraformUsageError, match="1 resource of another environment") as refused:
        refuse(change(actions, before))
    assert refused.value.exit_code is ExitCode.USAGE
    assert refused.value.where == "aws_sqs_queue.jobs"
    assert ("pr-13" in refused.value.detail) or ("acme/blog" in refused.value.detail)
    assert "terraform state rm" in refused.value.fix


def test_what_is_imported_would_be_destroyed_with_the_environment():
    with pytest.raises(TerraformUsageError):
        refuse(change(["no-op"], {"tags": {NAME: "pr-13"}}, importing=True))


@pytest.mark.parametrize(
    "before",
    [
        None,
        {},
        {"tags": None, "metadata": None},
        {"tags": {NAME: "pr-12", REPOSITORY: "Acme/Shop"}},
        {"tags": {"team": "pr-13"}},
        {"tags": {NAME: 7}, "metadata": ["x"], "tag": [{"key": NAME}]},
        {"tags": "pr-13"},
        "no object",
    ],
)
def test_what_is_ours_or_nobodys_is(before):
    refuse(change(["update"], before))


@pytest.mark.parametrize(
    ("actions", "mode"), [(["create"], "managed"), (["no-op"], "managed"), (["read"], "data")]
)
def test_what_is_made_left_alone_or_only_read_is_nobodys_harm(actions, mode):
    refuse(change(actions, {"tags": {NAME: "pr-13"}}, mode=mode))


def test_without_tags_of_ours_nobody_can_tell():
    refuse(change(["delete"], {"tags": {NAME: "pr-13"}}), tags={"team": "web"})


def test_many_are_counted_and_the_list_is_bounded():
    changes = [change(["delete"], {"tags": {NAME: "pr-13"}}, address=f"aws_sqs_queue.q{n}") for n in range(60)]
    with pytest.raises(TerraformUsageError, match="60 resources") as refused:
        refuse(*changes)
    assert len(refused.value.detail.splitlines()) == 50


def held(attributes, *, mode="managed", index=None, module=""):
    instance = {"attributes": attributes, "schema_version": 0}
    if index is not None:
        instance["index_key"] = index
    place = {"module": module} if module else {}
    return {"mode": mode, "type": "aws_sqs_queue", "name": "jobs", "instances": [instance], **place}


def destroy(*resources, tags=OWN):
    state = read_state(json.dumps({"version": 4, "resources": resources}).encode())
    assert state is not None
    refuse_to_destroy(state, tags, "pr-12")


@pytest.mark.parametrize(
    ("resource", "address"),
    [
        (held({"tags": {NAME: "pr-13"}}), "aws_sqs_queue.jobs"),
        (held({"tags_all": {NAME: "pr-13"}}, index=0), "aws_sqs_queue.jobs[0]"),
        (
            held({"tags": {NAME: "pr-13"}}, index="a b", module="module.x[0]"),
            'module.x[0].aws_sqs_queue.jobs["a b"]',
        ),
        (held({"metadata": [{"annotations": {REPOSITORY: "acme/blog"}}]}), "aws_sqs_queue.jobs"),
    ],
)
def test_a_state_that_holds_another_environments_is_not_destroyed(resource, address):
    with pytest.raises(TerraformUsageError, match="holds 1 resource of another environment") as refused:
        destroy(held({"tags": {NAME: "pr-12"}}), resource)
    assert refused.value.exit_code is ExitCode.USAGE
    assert refused.value.where == address
    assert f"terraform state rm '{address}'" in refused.value.fix
    assert ("pr-13's" in refused.value.detail) or ("acme/blog's" in refused.value.detail)


@pytest.mark.parametrize(
    "resource",
    [
        held({"tags": {NAME: "pr-12", REPOSITORY: "Acme/Shop"}}),
        held({"tags": None}),
        held({"tags": {NAME: "pr-13"}}, mode="data"),
        held(None),
        {"mode": "managed", "type": "x", "name": "y", "instances": []},
    ],
)
def test_what_is_its_own_or_nobodys_is_destroyed(resource):
    destroy(resource)


def test_a_destroy_without_tags_of_ours_goes_on():
    destroy(held({"tags": {NAME: "pr-13"}}), tags={"team": "web"})


def test_a_state_of_many_is_looked_through_in_moments():
    attributes = {"tags_all": {NAME: "pr-12"}, "arn": "arn:aws:sqs:eu-west-1:1:q", "policy": "x" * 2000}
    printed = json.dumps({"version": 4, "resources": [held(attributes)] * 20_000}).encode()
    began = time.thread_time()
    state = read_state(printed)
    assert isinstance(state, State)
    refuse_to_destroy(state, OWN, "pr-12")
    assert time.thread_time() - began < 5
