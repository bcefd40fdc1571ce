"""A cancelled run loses nothing: one signal reaches Terraform, the record knows, and the next run goes on."""

import json
import signal
import subprocess
import time

import pytest

from eod.terraform.running import is_alive, noted
from eod.terraform.workplace import Workplace
from standins.moto.inventory import inventory, left_over
from testbed.waiting import eventually
from tests.live.gate import gate_before
from tests.live.world import edited, slow, small

pytestmark = pytest.mark.live
LIGHTWEIGHT = ("eod/tier: lightweight",)


@pytest.fixture
def gate(world):
    with gate_before(world.aws.endpoint) as running:
        world.environment |= {"AWS_ENDPOINT_URL": running.url}
        yield running


def test_in_the_middle_of_an_apply(world, gate):
    before = inventory(world.aws)
    number = world.open(small(world, slow("long", 60)))
    job = world.job_of(number, "opened")
    process = job.start()
    eventually(lambda: began(job, number, "terraform_data.long"))
    gate.shut()
    seconds = cancel(process)

    # We are gone in time, and Terraform, which cannot save its state yet, is not.
    assert process.returncode == 130, job.log
    assert seconds < 10
    assert terraform_lives(job, number)
    record = world.record_of(number)
    assert (record["phase"], record["failure"]["step"]) == ("failed", "apply")
    assert "cancelled" in world.history()[0]

    drain = job.start("drain")
    with pytest.raises(subprocess.TimeoutExpired):
        drain.wait(timeout=2)
    gate.open()
    assert drain.wait(timeout=60) == 0, job.log
    assert not terraform_lives(job, number)
    stream = stream_of(job, number)
    assert stream.count("Interrupt received") == 1
    assert "Two interrupts" not in stream
    assert "its state is saved" in world.record_of(number)["failure"]["what"]
    assert "cancel" in world.comment(number)
    assert "terraform_data.first" in world.state(number)

    job.over()
    world.repository.push("change", small(world, slow("long", 0)), message="Quicker")
    assert world.event(number, "synchronize") == 0
    assert world.record_of(number)["phase"] == "ready"
    assert world.state(number) == ["terraform_data.first", "terraform_data.long"]
    world.close(number)
    assert left_over(world.aws, before, world.shared.state_bucket) == ()


def test_while_argo_cd_syncs(world):
    placed = edited("deploy/workload/migrate.yaml", "restartPolicy: Never", NOWHERE)
    number = world.open(placed, labels=LIGHTWEIGHT)
    job = world.job_of(number, "opened")
    process = job.start()
    eventually(lambda: "waiting for completion of hook" in job.log)
    assert cancel(process) < 10
    assert process.returncode == 130
    record = world.record_of(number)
    assert (record["phase"], record["failure"]["step"]) == ("failed", "sync")
    assert job.start("drain").wait(timeout=60) == 0
    job.over()

    world.repository.push("change", edited("deploy/workload/migrate.yaml", "", ""), message="Anywhere")
    assert world.event(number, "synchronize") == 0
    assert world.record_of(number)["phase"] == "ready"


NOWHERE = "restartPolicy: Never\n      nodeSelector: {nowhere: exists}"


def cancel(process):
    """What the runner does to a step, with one signal more, too early; how long the step took to go.

    It sends SIGINT, SIGTERM after 7.5 s and SIGKILL after 10 s.
    """
    started = time.monotonic()
    for number, until in ((signal.SIGINT, 1.0), (signal.SIGTERM, 7.5), (signal.SIGTERM, 10.0)):
        process.send_signal(number)
        try:
            process.wait(timeout=until - (time.monotonic() - started))
            break
        except subprocess.TimeoutExpired:
            continue
    else:
        process.kill()
        process.wait()
    return time.monotonic() - started


def place_of(job, number):
    return job.state / "eod" / "terraform" / f"pr-{number}"


def stream_of(job, number):
    """What Terraform has said so far in its command that runs now or ran last."""
    path = place_of(job, number) / "stream.jsonl"
    return path.read_text() if path.exists() else ""


def began(job, number, address):
    """Whether Terraform is making that resource."""
    lines = [json.loads(line) for line in stream_of(job, number).splitlines() if '"apply_start"' in line]
    return any(line["hook"]["resource"]["addr"] == address for line in lines)


def terraform_lives(job, number):
    running = noted(Workplace(place_of(job, number)))
    return running is not None and is_alive(running)
