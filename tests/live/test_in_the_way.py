"""Real Terraform and the real AWS provider: what is in a teardown's way and its own is cleared away."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines import LOCK

pytestmark = [pytest.mark.live]
ROOT = Path(__file__).parents[2]
MODULE = """\
terraform {
  backend "s3" {}
  required_providers {
    aws = {
      source = "registry.terraform.io/hashicorp/aws"
    }
  }
}

variable "environment" {
  type = string
}

resource "aws_s3_bucket" "filled" {
  bucket = "${var.environment}-filled"
}

resource "aws_s3_bucket_versioning" "filled" {
  bucket = aws_s3_bucket.filled.id
  versioning_configuration {
    status = "Enabled"
  }
}
"""


@pytest.fixture
def run(account, tmp_path):
    """Plays a run of `up` or `down` to its end and returns its log."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    aws, _, found = account
    (tmp_path / "job/checkout").mkdir(parents=True)
    (tmp_path / "job/checkout/main.tf").write_text(MODULE)
    aws.client("s3").create_bucket(
        Bucket="states-of-the-way", CreateBucketConfiguration={"LocationConstraint": aws.region}
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_", "EOD_"))}

    def play(command):
        given = {
            "command": command,
            "number": 71,
            "directory": str(tmp_path),
            "job": str(tmp_path / "job"),
            "bucket": "states-of-the-way",
            "region": aws.region,
            "lock": LOCK,
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.chaos.driver", json.dumps(given)],
            cwd=ROOT,
            env={**inherited, **found, "PYTHONPATH": f"{ROOT}/src"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    return play


def test_a_bucket_that_the_application_filled_is_emptied_with_its_versions_and_goes(run, account):
    aws, _, _ = account
    run("up")
    s3 = aws.client("s3")
    for body in (b"one", b"two"):
        s3.put_object(Bucket="pr-71-filled", Key="upload", Body=body)
    log = run("down")
    assert "s3 bucket pr-71-filled still held objects: 2 deleted." in log
    assert "phase destroyed" in log
    assert "pr-71-filled" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
