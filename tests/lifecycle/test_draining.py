import subprocess

import pytest

from eod.cli.draining import after_drain
from eod.model.record import Failure, Lease, Phase, Run, TerraformRecord
from eod.terraform.drain import DrainEnd, DrainReport
from eod.terraform.transcript import Account
from tests.lifecycle.builders import NOW, record
from tests.terraform.test_drain import left


@pytest.mark.network
@pytest.mark.process
def test_the_drain_step_too_reads_the_base_branchs_configuration(world):
    number = world.open(
        {"app/shop.py": "GREETING = 'Hello'\n", ".github/eod.yml": "domain: evil.example.org\nx: 1\n"}
    )
    job = world.job_of(number, "opened")
    assert job.run() == 0
    checkout = job.directory / "checkout"
    subprocess.run(["git", "-C", str(checkout), "checkout", "-q", "origin/change"], check=True)
    left(job.state / "eod" / "terraform", b"", environment="pr-1", pid=2**22 - 1)
    assert job.run("drain") == 0


OURS = Run(id="1", url="https://github.com/acme/shop/actions/runs/1")
APPLIED = TerraformRecord(commit="a" * 40, directory="infra")


def report(end, operation="apply"):
    return DrainReport(environment="pr-7", operation=operation, end=end, account=Account(), waited_seconds=1.0)


def left_at(phase, run=OURS, **changes):
    lease = None if run is None else Lease(run=run, since=NOW)
    return record(phase=phase, terraform=APPLIED, lease=lease, **changes)


def drained(kept, one):
    return after_drain(kept, one, run=OURS, now=NOW)


@pytest.mark.parametrize("end", [DrainEnd.FAILED, DrainEnd.STOPPED, DrainEnd.LOST, DrainEnd.RUNNING])
def test_a_cdn_that_was_killed_while_it_cooked_does_not_stay_ready(end):
    after = drained(left_at(Phase.READY), report(end))
    assert (after.phase, after.failure.step, after.terraform.applied, after.lease) == (
        Phase.FAILED,
        "apply",
        False,
        None,
    )


def test_a_state_that_only_the_drain_step_could_save_is_told_beside_what_failed():
    failed = Failure(step="apply", what="The backend took nothing.", at=NOW)
    after = drained(left_at(Phase.FAILED, None, failure=failed), report(DrainEnd.STOPPED, "state push"))
    assert after.failure.what == "The backend took nothing. The state that could not be saved before is saved."
    assert after.failure.step == "apply"


def test_a_cdn_that_was_finished_after_the_run_was_killed_is_ready():
    after = drained(left_at(Phase.READY), report(DrainEnd.SUCCEEDED))
    assert (after.phase, after.terraform.applied, after.lease, after.failure) == (Phase.READY, True, None, None)


@pytest.mark.parametrize("end", list(DrainEnd))
def test_what_was_ready_before_this_run_began_stays_ready(end):
    kept = left_at(Phase.READY, run=None)
    assert drained(kept, report(end, "plan")) == kept


@pytest.mark.parametrize("end", list(DrainEnd))
def test_what_another_run_has_taken_over_is_left_alone(end):
    kept = left_at(Phase.PROVISIONING, run=Run(id="2"))
    assert drained(kept, report(end)) == kept


@pytest.mark.parametrize("phase", [Phase.PROVISIONING, Phase.SYNCING, Phase.DESTROYING])
def test_a_run_that_was_killed_has_failed_and_gives_the_lease_back(phase):
    after = drained(left_at(phase), report(DrainEnd.STOPPED))
    assert (after.phase, after.lease) == (Phase.FAILED, None)
    assert after.failure.what.startswith("The run was cancelled. Terraform apply ended after the cancel")


def test_the_failure_that_was_written_keeps_its_step():
    kept = left_at(Phase.FAILED, failure=Failure(step="sync", what="The run was cancelled."))
    assert drained(kept, report(DrainEnd.SUCCEEDED)).failure.step == "sync"
