"""Real Terraform and the real AWS provider: what is left behind, made by others, or in the wrong state."""

import getpass
import json
import platform
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from eod.model.lock import machine_of
from standins.moto.locks import forget_digests, take_lock
from tests.engines import LOCKS_IN_TABLE
from tests.live.runs import player

pytestmark = [pytest.mark.live]
STATES = "states-of-recovery"
KEY = "eod/acme/shop/pr-{}.tfstate"
MODULE = """
resource "aws_sqs_queue" "jobs" {
  name = "${var.environment}-jobs"
}
"""
TAGS = {"environment.on-demand/name": "pr-81", "environment.on-demand/repository": "acme/shop"}


@pytest.fixture
def run(account, tmp_path):
    return player(account, tmp_path, MODULE, number=81, bucket=STATES)


@pytest.fixture
def states(account):
    aws, _, _ = account
    s3 = aws.client("s3")
    yield s3
    for one in s3.list_objects_v2(Bucket=STATES).get("Contents", []):
        s3.delete_object(Bucket=STATES, Key=one["Key"])
    s3.delete_bucket(Bucket=STATES)
    forget_digests(aws, STATES)


def keys(s3):
    return [one["Key"] for one in s3.list_objects_v2(Bucket=STATES).get("Contents", [])]


def key_of(s3, number):
    (key,) = [key for key in keys(s3) if key.endswith(f"pr-{number}.tfstate")]
    return key


def queues(account):
    aws, _, _ = account
    return {url.rpartition("/")[2] for url in aws.client("sqs").list_queues().get("QueueUrls", [])}


def killed_before(directory, number=81):
    """Have the record say that a run on this very machine vanished."""
    path = directory / f"pr-{number}.json"
    record = json.loads(path.read_text())
    record["unended"] = [{"id": "1.0", "machine": machine_of(platform.node())}]
    path.write_text(json.dumps(record))


def test_after_a_damaged_state_a_reopened_pull_request_works_and_nothing_of_it_is_lost(
    run, states, account, tmp_path
):
    run("up")
    key = key_of(states, 81)
    cut = states.get_object(Bucket=STATES, Key=key)["Body"].read()[:300]
    states.put_object(Bucket=STATES, Key=key, Body=cut)
    killed_before(tmp_path)
    lock = {
        "ID": "5c0ab2f8-6d0c-4a3e-9a55-111111111111",
        "Operation": "OperationTypeApply",
        "Info": "",
        "Who": f"{getpass.getuser()}@{platform.node()}",
        "Version": "1.11.4",
        "Created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.1Z",
        "Path": f"{STATES}/{key}",
    }
    assert "close the pull request and reopen it" in run("up", code=1)
    aws, _, _ = account
    take_lock(aws, STATES, key, lock, table=LOCKS_IN_TABLE)
    log = run("down")
    assert "was a finished run's: taken away" in log
    (aside,) = keys(states)
    assert aside.startswith(f"{key}.damaged-")
    assert f"notice: The damaged state was moved to s3://{STATES}/{aside}" in log
    assert states.get_object(Bucket=STATES, Key=aside)["Body"].read() == cut
    assert "pr-81-jobs" not in queues(account)
    assert "phase ready" in run("up")
    assert "pr-81-jobs" in queues(account)
    assert "phase destroyed" in run("down")


def test_what_a_controller_made_outlives_an_up_after_a_killed_run_and_goes_with_the_teardown(
    run, states, account, tmp_path
):
    aws, _, _ = account
    sqs = aws.client("sqs")
    run("up")
    sqs.create_queue(QueueName="pr-81-of-ack", tags={**TAGS, "services.k8s.aws/namespace": "pr-81"})
    sqs.create_queue(QueueName="pr-81-stray", tags=TAGS)
    killed_before(tmp_path)
    log = run("up")
    assert "for AWS Controllers for Kubernetes made it in the cluster: left alone" in log
    assert {"pr-81-jobs", "pr-81-of-ack"} <= queues(account)
    assert "pr-81-stray" not in queues(account)
    assert "phase destroyed" in run("down")
    assert not any(name.startswith("pr-81") for name in queues(account))
    assert states


def test_a_copy_of_another_environments_state_is_not_destroyed(run, states, account):
    run("up")
    run("up", number=82)
    ours, theirs = key_of(states, 81), key_of(states, 82)
    kept = states.get_object(Bucket=STATES, Key=ours)["Body"].read()
    states.copy_object(Bucket=STATES, Key=ours, CopySource={"Bucket": STATES, "Key": theirs})
    aws, _, _ = account
    forget_digests(aws, STATES)
    for _ in range(2):
        log = run("down", code=2)
        assert "The state of pr-81 holds 1 resource of another environment." in log
        assert "`terraform state rm 'aws_sqs_queue.jobs'`" in log
    assert {"pr-81-jobs", "pr-82-jobs"} <= queues(account)
    states.put_object(Bucket=STATES, Key=ours, Body=kept)
    forget_digests(aws, STATES)
    run("down")
    run("down", number=82)
    assert not {"pr-81-jobs", "pr-82-jobs"} & queues(account)
    with pytest.raises(ClientError):
        states.head_object(Bucket=STATES, Key=f"{ours}.tflock")
