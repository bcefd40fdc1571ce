"""Teardown under trouble: it ends, or says what is in the way; and whoever runs it again finishes it."""

import json
import signal

import pytest

from testbed.waiting import eventually
from tests.live.world import MERGE, change, edited, slow, small

pytestmark = pytest.mark.live
TYPO = change("121-typo")
LIGHTWEIGHT = ("eod/tier: lightweight",)
NO_DELIVERY = {"argocd": {"mode": "none"}, "readiness": {"enabled": False}}


def test_a_stuck_finalizer_is_named_and_once_it_is_gone_the_next_run_finishes(world):
    world.configure({**NO_DELIVERY, "limits": {"teardown-minutes": 0.1}})
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    maps = f"/api/v1/namespaces/pr-{number}/configmaps"
    world.make(maps, {"metadata": {"name": "held", "finalizers": ["example.com/holds-it"]}})

    world.repository.close(number)
    assert world.event(number, "closed") == 1
    for told in (world.summary, world.comment(number)):
        assert "configmap held is held by example.com/holds-it" in told
    record = world.record_of(number)
    assert record["phase"] == "failed"
    assert record["failure"]["step"] == "namespace"
    assert "example.com/holds-it" in record["failure"]["what"]

    world.kube(
        "PATCH",
        f"{maps}/held",
        {"metadata": {"finalizers": None}},
        content_type=MERGE,
    )
    assert world.event(number, "closed") == 0
    check_gone(world, number)


def test_a_sync_that_still_runs_is_stopped_and_a_second_teardown_finds_nothing_to_do(world):
    world.configure({"argocd": {"timeout-minutes": 0.2}})
    # A migration that no node can run: the sync waits for it.
    placed = edited("deploy/workload/migrate.yaml", "restartPolicy: Never", NOWHERE)
    number = world.open(placed, labels=LIGHTWEIGHT)
    assert world.event(number, "opened") == 1
    assert "shop-migrate" in world.comment(number)
    assert world.application(number)["status"]["operationState"]["phase"] == "Running"

    world.repository.close(number)
    assert world.event(number, "closed") == 0
    check_gone(world, number)

    assert world.event(number, "closed") == 0
    assert world.outputs["phase"] == "destroyed"
    assert "does not exist (any more)" in world.summary + world.comment(number)


NOWHERE = "restartPolicy: Never\n      nodeSelector: {nowhere: exists}"


def test_killed_half_way_and_run_again(world):
    number = world.open(small(world, slow("last", 3, when="destroy")))
    assert world.event(number, "opened") == 0
    assert world.state(number) == ["terraform_data.first", "terraform_data.last"]
    key = world.record_of(number)["terraform"]["backend"]["key"]
    world.repository.close(number)

    killed = world.job_of(number, "closed")
    process = killed.start()
    eventually(lambda: "Terraform destroy" in killed.log and destroying(killed, number))
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=10) == -signal.SIGKILL
    assert world.record_of(number)["phase"] == "destroying"

    killed.over()
    # In another job, on another machine: the killed one's Terraform still holds the lock, for a moment.
    assert world.event(number, "closed") == 0, world.summary
    check_gone(world, number)
    body = world.aws.client("s3").get_object(Bucket=world.shared.state_bucket, Key=key)["Body"]
    assert json.load(body)["resources"] == []


def destroying(job, number):
    """Whether Terraform is in the middle of it."""
    stream = job.state / "eod" / "terraform" / f"pr-{number}" / "stream.jsonl"
    return stream.exists() and '"type":"apply_start"' in stream.read_text()


def check_gone(world, number):
    assert world.outputs["phase"] == "destroyed"
    assert json.loads(world.outputs["certificate"])["remaining"] == []
    assert world.application(number) is None
    assert world.namespace(number) is None
    assert world.record_of(number) == {}
    assert world.active_deployments(number) == []
