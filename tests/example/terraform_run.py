"""Terraform on a copy of the example, with everything that moto stands for in the real account."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from standins.moto.account import SharedResources
from standins.moto.provider_mirror import cli_configuration, find_mirror
from standins.moto.server import MotoServer

DOMAIN = "preview.example.com"
# As many as a team might set: an S3 object, for one, takes no more than ten.
TAGS = {f"environment.on-demand/{key}": key for key in ("owner", "pr", "repository", "cost-centre", "team", "app")}


class Run:
    """One environment. Every command's seconds are kept in `seconds`."""

    def __init__(self, folder: Path, server: MotoServer, shared: SharedResources, number: int) -> None:
        self.root = folder / "infra"
        self.name = f"pr-{number}"
        self.tags = TAGS | {"environment.on-demand/name": self.name}
        self.seconds: dict[str, float] = {}
        self.completed: list[tuple[str, int]] = []
        self._number, self._server, self._shared = number, server, shared
        self._environment = self._make_environment(folder)

    def init(self) -> None:
        """Initialise with a state of its own in the shared bucket."""
        backend = {
            "bucket": self._shared.state_bucket,
            "region": self._server.region,
            "key": f"{self.name}.tfstate",
            "use_lockfile": "true",
        }
        self.call("init", *(f"-backend-config={key}={value}" for key, value in backend.items()))

    def set_variables(self, capabilities: set[str]) -> None:
        """What eod passes, and what the team's configuration adds."""
        known = {"database", "queue", "storage", "cdn", "dns", "load_balancer"}
        variables = {
            "pr_number": self._number,
            "environment": self.name,
            "namespace": self.name,
            "repository": "acme/shop",
            "pr_url": f"https://github.com/acme/shop/pull/{self._number}",
            "domain": DOMAIN,
            "region": self._server.region,
            **{f"enable_{name}": name in capabilities for name in known},
            **{f"shared_{name}": value for name, value in self._shared.shared().items()},
            **self._shared.variables(),
        }
        (self.root / "test.auto.tfvars.json").write_text(json.dumps(variables))

    def call(self, command: str, *arguments: str, codes: tuple[int, ...] = (0,), label: str = "") -> str:
        """Run one command to its end and return what it printed.

        Raises:
            AssertionError: It ended with another exit code than one of `codes`.
        """
        started = time.monotonic()
        done = subprocess.run(
            [shutil.which("terraform") or "terraform", command, *arguments],
            cwd=self.root,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.seconds[label or command] = round(time.monotonic() - started, 1)
        assert done.returncode in codes, f"{command} of {self.name}: {done.stdout}\n{done.stderr}"
        self.completed += list(_completed(done.stdout))
        return done.stdout

    def outputs(self) -> dict[str, object]:
        """The root module's outputs."""
        return {name: item["value"] for name, item in json.loads(self.call("output", "-json")).items()}

    def _make_environment(self, folder: Path) -> dict[str, str]:
        environment = {**os.environ, **self._server.environment(), "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"}
        environment |= {f"TF_AWS_DEFAULT_TAGS_{key}": value for key, value in self.tags.items()}
        mirror = cli_configuration(find_mirror())
        if mirror is not None:
            (folder / "terraform.rc").write_text(mirror)
            environment["TF_CLI_CONFIG_FILE"] = str(folder / "terraform.rc")
        return environment


def _completed(printed: str) -> Iterator[tuple[str, int]]:
    """Address and seconds of every change in a `-json` stream."""
    for line in printed.splitlines():
        if line.startswith("{") and '"type":"apply_complete"' in line:
            hook = json.loads(line)["hook"]
            yield hook["resource"]["addr"], hook["elapsed_seconds"]
