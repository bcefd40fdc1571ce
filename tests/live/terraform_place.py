"""A root module on this machine with its state, and runs of the real Terraform on it."""

import json
import subprocess
import sys
from pathlib import Path

from eod.interrupts import Interrupts
from eod.terraform import drain
from tests.live.terraform_driver import RealClock, runner

REPOSITORY = Path(__file__).parents[2]

SLOW = """
resource "terraform_data" "quick" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]
  provisioner "local-exec" {
    command = "sleep SECONDS"
  }
}
resource "terraform_data" "after" {
  depends_on = [terraform_data.slow]
}
"""
BACKEND = 'terraform {\n  backend "KIND" {}\n}\n'


class Place:
    """A root module, its state on this machine, and runners for it."""

    def __init__(self, directory: Path, binary: str, environ: dict[str, str]) -> None:
        self.directory, self.binary, self.environ = directory, binary, environ
        self.root = directory / "module"
        self.root.mkdir()
        self.backend = {"key": f"{directory}/pr-1.tfstate"}
        self.said: list[str] = []
        self.hidden: list[str] = []
        self.drivers: list[subprocess.Popen[str]] = []

    def module(self, text: str, kind: str = "local") -> None:
        (self.root / "main.tf").write_text(BACKEND.replace("KIND", kind) + text)

    def workspace(self, *, steps="steps", variables=None, tags=None, **settings):
        made = runner(
            self.binary,
            self.directory / steps,
            self.environ,
            say=self.said.append,
            hide=self.hidden.extend,
            allow_local_state=True,
            **settings,
        )
        return made.workspace(
            environment="pr-1",
            root=self.root,
            commit="abc",
            backend=self.backend,
            variables=variables or {},
            tags=tags or {},
        )

    def state(self):
        return json.loads((self.directory / "pr-1.tfstate").read_text())

    def addresses(self):
        return {f"{r['type']}.{r['name']}" for r in self.state()["resources"] if r["instances"]}

    def driver(self):
        given = {
            "binary": self.binary,
            "state_directory": str(self.directory / "steps"),
            "root": str(self.root),
            "backend": self.backend,
        }
        driver = subprocess.Popen(
            [sys.executable, "-m", "tests.live.terraform_driver", json.dumps(given)],
            cwd=REPOSITORY,
            env={**self.environ, "PYTHONPATH": f"{REPOSITORY}/src"},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.drivers.append(driver)
        return driver

    def running(self):
        return json.loads((self.directory / "steps" / "pr-1" / "running.json").read_text())

    def drain(self, **more):
        return drain(self.directory / "steps", clock=RealClock(Interrupts()), **more)

    def stream(self):
        return (self.directory / "steps" / "pr-1" / "stream.jsonl").read_text()


def nothing(_progress):
    pass


def told(driver, what, text=""):
    """Read what the driver says until it says this; everything said until then."""
    said = []
    for line in driver.stdout:
        said.append(json.loads(line))
        if said[-1][0] == what and text in said[-1][1]:
            return said
    raise AssertionError(f"the driver never said {what}: {said}")
