"""Which Terraform the tests with real parts run: the machine's own, or the one that `EOD_LIVE_ENGINE` names."""

import os
import shutil
from pathlib import Path

import pytest

from standins.moto.locks import TABLE
from testbed.build import ensure_program
from testbed.parts import part_of

VARIABLE = "EOD_LIVE_ENGINE"
"""A program that the testbed builds (`terraform-1.9`, `tofu`, `tofu-1.10`); then it is `terraform`."""

NAMED = os.environ.get(VARIABLE, "")

LOCKS_IN_TABLE = NAMED == "terraform-1.9"
LOCK: dict[str, object] = {"dynamodb_table": TABLE} if LOCKS_IN_TABLE else {"use_lockfile": True}
"""How a state in S3 is locked: by an object beside it, which Terraform knows since 1.10, or in a table."""


@pytest.fixture(scope="session", autouse=True)
def engine(tmp_path_factory):
    """Where an engine is named, it comes first on the PATH, under the name that every configuration has."""
    if not NAMED:
        yield
        return
    directory = tmp_path_factory.mktemp("engine")
    (directory / "terraform").symlink_to(built(NAMED))
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{directory}{os.pathsep}{before}"
    yield
    os.environ["PATH"] = before


def built(program: str) -> Path:
    """An engine that the testbed builds."""
    return ensure_program(program, part_of(program), say=lambda _line: None)


def found(name: str) -> str:
    """The engine of this name on the PATH. OpenTofu is built where there is none; without Terraform it skips."""
    path = shutil.which(name)
    if path is None and name == "tofu":
        path = str(built(name))
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path
