"""Commands that only read or mend a state meet the same faults as an apply does."""

import json

import msgspec
import pytest

from eod.errors import StateDamagedError, TerraformError
from eod.model.plan import Creation
from tests.terraform.fake import BACKEND, STATE, STRAY, nothing, play

pytestmark = pytest.mark.process
BROKEN = "Error: Retrieving AWS account details: api error ServiceUnavailable: StatusCode: 503"
DIGESTS = (
    "Failed to load state: state data in S3 does not have the expected content.",
    "failed to load state: calculated checksum of the state does not match the stored checksum",
)


def test_a_state_that_cannot_be_read_for_a_moment_is_read_again(fake):
    fake.plays(state_pull=[{"code": 1, "stderr": BROKEN}, {"stdout": STATE}], apply=[play("destroy_ok")])
    with pytest.raises(TerraformError, match="not empty"):  # the fake's state stays as it is
        fake.workspace().destroy(nothing)
    assert fake.commands()[:4] == ["init", "state pull", "state pull", "apply"]


@pytest.mark.parametrize("said", DIGESTS)
def test_a_state_that_is_not_the_one_of_its_digest_is_damaged_for_a_teardown(fake, said):
    fake.plays(state_pull=[{"code": 1, "stderr": said}])
    with pytest.raises(StateDamagedError, match="digest"):
        fake.workspace().destroy(nothing)
    assert fake.calls("apply") == []


@pytest.mark.parametrize("then", [{}, {"code": 1, "stderr": "Error: Resource already managed by Terraform"}])
def test_an_import_that_fails_for_a_moment_is_made_again(fake, then):
    fake.plays(**{"import": [{"code": 1, "stderr": BROKEN}, then]})
    workspace = fake.workspace()
    creation = Creation(address="a.b", type="aws_sqs_queue", name="pr-12-jobs")
    plan = msgspec.structs.replace(workspace.plan(), creations=(creation,))
    assert workspace.adopt(plan, (STRAY,)) == (STRAY,)
    assert len(fake.calls("import")) == 2


def test_a_bucket_that_does_not_exist_is_named_also_where_the_engine_does_not(fake):
    said = {"severity": "error", "summary": "Failed to get existing workspaces: S3 bucket does not exist."}
    fake.plays(init=[{"stdout": json.dumps({"type": "diagnostic", "diagnostic": said}), "code": 1}])
    with pytest.raises(TerraformError, match="could not be initialised") as failed:
        fake.workspace().plan()
    assert BACKEND["bucket"] in failed.value.where
    assert BACKEND["key"] in failed.value.where
