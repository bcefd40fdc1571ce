import subprocess

import pytest

from tests.terraform.test_drain import left

pytestmark = [pytest.mark.network, pytest.mark.process]


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
