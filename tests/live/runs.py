"""Runs of `up` and `down` with the real Terraform and the real AWS provider, each a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engines import LOCK

ROOT = Path(__file__).parents[2]
HEAD = """\
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
"""


def player(account: Any, directory: Path, module: str, *, number: int, bucket: str) -> Callable[..., str]:
    """Plays a run to its end and returns its log; states lie in `bucket`, which is made.

    It is called with the command, and with the pull request's `number` and the exit `code` where they differ.
    """
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    aws, _, found = account
    (directory / "job/checkout").mkdir(parents=True)
    (directory / "job/checkout/main.tf").write_text(HEAD + module)
    aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": aws.region})
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_", "EOD_"))}

    def play(command: str, *, number: int = number, code: int = 0) -> str:
        given = {
            "command": command,
            "number": number,
            "directory": str(directory),
            "job": str(directory / "job"),
            "bucket": bucket,
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
        assert done.returncode == code, done.stdout
        return done.stdout

    return play
