import json

import pytest

from eod.errors import ApplyFailedError, StateDamagedError, TerraformError, TerraformUsageError
from tests.terraform.fake import EMPTY_STATE, STATE, failing, nothing, play

pytestmark = pytest.mark.process


def test_a_backend_that_does_not_answer_once_is_asked_again(fake):
    away = {"code": 1, "stderr": "Failed to refresh state: HTTP remote state endpoint returned 503"}
    fake.plays(apply=[play("destroy_ok")], state_pull=[away, {"stdout": STATE}, away, {"stdout": EMPTY_STATE}])
    assert fake.workspace().destroy(nothing).destroyed == 2
    refused = {"code": 1, "stderr": "Error: AccessDenied: not authorized to perform: s3:GetObject"}
    fake.plays(state_pull=[refused])
    with pytest.raises(TerraformError, match="cannot be read"):
        fake.workspace().destroy(nothing)
    assert len(fake.calls("state pull")) == 5


def test_everything_in_the_state_goes(fake):
    fake.plays(apply=[play("destroy_ok")])
    result = fake.workspace().destroy(nothing)
    assert result.destroyed == 2
    arguments = set(fake.calls("apply")[0]["arguments"])
    assert {"-destroy", "-auto-approve", f"-var-file={fake.place}/variables.tfvars.json"} <= arguments


@pytest.mark.parametrize("state", ["", EMPTY_STATE, '{"version": 4}'])
def test_an_empty_state_is_a_success_without_a_plan(fake, state):
    fake.plays(state_pull=[{"stdout": state}])
    result = fake.workspace().destroy(nothing)
    assert result.destroyed == 0
    assert fake.commands() == ["init", "state pull"]


def test_a_state_that_nobody_can_read_is_not_empty(fake):
    fake.plays(
        state_pull=[{"stdout": "not JSON"}, {"stdout": EMPTY_STATE}],
        apply=[play("destroy_ok")],
    )
    assert fake.workspace().destroy(nothing).destroyed == 2


def test_a_state_that_is_not_empty_afterwards_is_no_success(fake):
    fake.plays(state_pull=[{"stdout": STATE}], apply=[play("destroy_ok")])
    with pytest.raises(ApplyFailedError, match="state is still not empty"):
        fake.workspace().destroy(nothing)


@pytest.mark.parametrize("command", ["init", "state_pull"])
def test_a_damaged_state_is_told_apart_for_a_teardown_that_does_without(fake, command):
    said = (
        "Failed to refresh state: 2 problems:\n\n- Unsupported state file format: The state file could not\n"
        "be parsed as JSON: syntax error at byte offset 22."
    )
    if command == "init":
        diagnostic = {"severity": "error", "summary": "Error refreshing state", "detail": said}
        answer = {"stdout": json.dumps({"type": "diagnostic", "diagnostic": diagnostic}), "code": 1}
    else:
        answer = {"stderr": said, "code": 1}
    fake.plays(**{command: [answer]})
    with pytest.raises(StateDamagedError, match="damaged"):
        fake.workspace().destroy(nothing)
    assert fake.calls("apply") == []


def test_a_state_of_a_newer_terraform_is_not_damaged(fake):
    said = "Unsupported state file format: The state file uses format version 9, which is not supported"
    fake.plays(state_pull=[{"stderr": said, "code": 1}])
    with pytest.raises(TerraformError, match="cannot be read") as failed:
        fake.workspace().destroy(nothing)
    assert not isinstance(failed.value, StateDamagedError)


def test_a_state_that_cannot_be_had_is_told(fake):
    fake.plays(state_pull=[{"code": 1, "stderr": "AccessDenied"}])
    with pytest.raises(TerraformError, match="state cannot be read"):
        fake.workspace().destroy(nothing)


def test_what_passes_is_tried_again(fake):
    blocked = failing("deleting EC2 Subnet: api error DependencyViolation: has dependencies")
    fake.plays(apply=[blocked, blocked, play("destroy_ok")])
    result = fake.workspace().destroy(nothing)
    assert result.attempts == 3
    assert len(result.retried) == 2
    assert fake.calls("plan") == []


def test_what_does_not_pass_is_told(fake):
    fake.plays(apply=[failing("BucketNotEmpty: The bucket you tried to delete is not empty")])
    with pytest.raises(ApplyFailedError) as failed:
        fake.workspace().destroy(nothing)
    assert "force_destroy" in failed.value.fix


def test_another_environments_resources_are_not_destroyed_by_a_second_try_either(fake):
    another = {"environment.on-demand/name": "pr-13"}
    resource = {"mode": "managed", "type": "aws_sqs_queue", "name": "jobs"}
    state = {"version": 4, "resources": [{**resource, "instances": [{"attributes": {"tags": another}}]}]}
    fake.plays(state_pull=[{"stdout": json.dumps(state)}])
    for _ in range(2):
        with pytest.raises(TerraformUsageError, match="1 resource of another environment") as refused:
            fake.workspace().destroy(nothing)
        assert refused.value.where == "aws_sqs_queue.jobs"
    assert fake.calls("apply") == []


def test_a_state_that_cannot_be_decoded_is_still_destroyed(fake):
    fake.plays(state_pull=[{"stdout": '{"resources": 7}'}, {"stdout": EMPTY_STATE}], apply=[play("destroy_ok")])
    fake.workspace().destroy(nothing)
    assert len(fake.calls("apply")) == 1
