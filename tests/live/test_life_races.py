"""What people do while a run works."""

import json

import pytest

from testbed.waiting import eventually
from tests.live.world import slow, small

pytestmark = pytest.mark.live


def test_closed_while_it_is_being_provisioned(world):
    number = world.open(small(world, slow("long", 5)))
    job = world.job_of(number, "opened")
    process = job.start()
    eventually(lambda: "creating terraform_data.long" in job.log)
    key = world.record_of(number)["terraform"]["backend"]["key"]
    world.repository.close(number)
    assert process.wait(timeout=120) == 0, job.log
    assert job.outputs["phase"] == "destroyed"
    assert json.loads(job.outputs["certificate"])["remaining"] == []
    assert world.record_of(number) == {}
    assert world.namespace(number) is None
    assert world.active_deployments(number) == []
    body = world.aws.client("s3").get_object(Bucket=world.shared.state_bucket, Key=key)["Body"]
    assert json.load(body)["resources"] == []

    # The run that the closing itself starts comes after it, and has nothing to do.
    assert world.event(number, "closed") == 0
    assert world.outputs["phase"] == "destroyed"


def test_pushed_to_while_it_is_being_provisioned(world):
    number = world.open(small(world, slow("long", 4)))
    job = world.job_of(number, "opened")
    process = job.start()
    eventually(lambda: "creating terraform_data.long" in job.log)
    head = world.repository.push("change", small(world, slow("other", 0)), message="Newer")
    newer = world.job_of(number, "synchronize")
    assert process.wait(timeout=120) == 0, job.log
    assert world.record_of(number)["phase"] != "ready"
    assert head[:7] in job.summary

    job.over()
    assert newer.run() == 0
    record = world.record_of(number)
    assert (record["phase"], record["head_sha"]) == ("ready", head)
    assert world.state(number) == ["terraform_data.first", "terraform_data.other"]
