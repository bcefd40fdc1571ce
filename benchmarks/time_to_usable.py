"""`python -m benchmarks.time_to_usable`: how long until an environment can be used, against the script of today.

Real Terraform makes resources that take as long as the founding document's typical times, one minute as one second
(`--scale`); Argo CD is played by a wait. Measured are `eod up`, its lifecycle and its Terraform room as they are,
with records, GitHub and cluster in memory, and what people write today: `terraform init && terraform apply &&
argocd app sync && argocd app wait`. Both are held against the critical path computed by hand: with these resources
nothing can be quicker. So the script divided by the critical path ("At most") is how much faster than the script
anybody can be in that case. What does not shrink with the scale (Terraform's own start, plan and show) weighs
sixty times as much here as in real life; `--scale 10` brings that down to six.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from msgspec import Struct, structs

from eod.config import ArgoCd, Config, Readiness, Terraform
from eod.lifecycle.rooms import UpRequest
from eod.lifecycle.up import up
from eod.model.kube import ApplicationStage, ApplicationStatus
from eod.model.tier import Tier
from eod.terraform import Settings, TerraformRunner
from tests.lifecycle.builders import pull
from tests.lifecycle.inmemory import InMemoryRooms

LATER = {"terraform_data.certificate": False, "terraform_data.cdn": False, "terraform_data.alias": False}
"""What the kind table would know by itself: `terraform_data` is of no kind."""

_USES = {
    "secret": "local.endpoints",
    "record": "terraform_data.balancer.id",
    "cdn": "[terraform_data.storage.id, terraform_data.certificate.id]",
    "alias": "terraform_data.cdn.id",
}
"""What a resource refers to; the one through a local is what plan JSON does not show."""


class Case(Struct, frozen=True, kw_only=True):
    """Minutes within the ranges of the table: database 10-15, queue 5-10, CDN 5-15, DNS 1-5, pods 2-5."""

    name: str
    database: float
    queue: float
    cdn: float
    dns: float
    balancer: float
    pods: float
    storage: float = 0.5
    secret: float = 0.5

    def critical_path(self) -> float:
        """Minutes until it can be used: all that the application needs, then its pods."""
        needed = (max(self.database, self.queue) + self.secret, self.balancer + self.dns, self.storage)
        return max(needed) + self.pods

    def resources(self) -> dict[str, float]:
        """Each resource and how long it takes."""
        return {
            "database": self.database,
            "queue": self.queue,
            "storage": self.storage,
            "balancer": self.balancer,
            "secret": self.secret,
            "record": self.dns,
            "certificate": self.dns,
            "cdn": self.cdn,
            "alias": self.dns,
        }

    def scaled(self, scale: float) -> "Case":
        """The same in seconds."""
        times = {name: getattr(self, name) * scale for name in self.__struct_fields__ if name != "name"}
        return structs.replace(self, **times)


CASES = (
    Case(name="full, quick CDN", database=12.5, queue=7.5, cdn=5, dns=1, balancer=3.5, pods=3.5),
    Case(name="full, middle of each range", database=12.5, queue=7.5, cdn=10, dns=3, balancer=3.5, pods=3.5),
    Case(name="full, slow CDN and DNS", database=10, queue=5, cdn=15, dns=5, balancer=2, pods=2),
)
LIGHTWEIGHT_PODS = 3.5


class Measured(Struct, frozen=True, kw_only=True):
    """Seconds until it could be used and until all was over, CPU seconds of ours and of Terraform, and calls."""

    usable: float
    over: float
    cpu: float = 0.0
    children: float = 0.0
    calls: int = 0


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


class _ArgoCd:
    """Syncs in a fixed time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def ensure(self, _spec: object) -> bool:
        return True

    def wait_ready(self, name: str, revision: str, **_how: object) -> ApplicationStatus:
        time.sleep(self._seconds)
        return ApplicationStatus(name=name, stage=ApplicationStage.READY, revision=revision)


class _Rooms(InMemoryRooms):
    """Real Terraform and a real clock; it notes when the record became ready."""

    def __init__(self, root: Path, pods: float, config: Config) -> None:
        super().__init__(config, pulls=[pull()])
        self.clock: Any = _Clock()
        self.delivery: Any = _ArgoCd(pods)
        self.ready_at = 0.0
        self._root = root
        if config.terraform is not None:
            self.terraform: Any = TerraformRunner(
                settings=Settings(gates=config.terraform.gates, allow_local_state=True),
                interrupts=self.signals,
                environ=dict(os.environ),
                state_directory=root / "state",
                say=lambda _line: None,
                clock=self.clock,
            )

    def checkout(self, _commit: object) -> Path:
        return self._root

    def _write(self, environment: str, decide: Any, message: str) -> Any:
        written = super()._write(environment, decide, message)
        if f"{environment}: ready" in message:
            self.ready_at = time.perf_counter()
        return written


def ours(case: Case | None, pods: float, tier: Tier) -> Measured:
    """`eod up` for a pull request of this tier; all times in seconds."""
    terraform = None if case is None else Terraform(directory="infra", gates=LATER)
    config = Config(
        domain="preview.example.com", terraform=terraform, argocd=ArgoCd(), readiness=Readiness(enabled=False)
    )
    with _module(case) as root:
        rooms: Any = _Rooms(root, pods, config)
        cpu, children = time.process_time(), _children()
        began = time.perf_counter()
        up(rooms, UpRequest(pr_number=7, forced_tier=tier))
        return Measured(
            usable=rooms.ready_at - began,
            over=time.perf_counter() - began,
            cpu=time.process_time() - cpu,
            children=_children() - children,
            calls=sum(rooms.calls.values()),
        )


def script(case: Case, pods: float) -> Measured:
    """What people write today: one step after the other."""
    with _module(case) as root:
        steps = "terraform init -input=false && terraform apply -input=false -auto-approve && sleep " + str(pods)
        began = time.perf_counter()
        subprocess.run(["sh", "-c", steps], cwd=root / "infra", check=True, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - began
        return Measured(usable=took, over=took)


@contextmanager
def _module(case: Case | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="eod-benchmark-") as directory:
        root = Path(directory)
        (root / "infra").mkdir()
        if case is not None:
            endpoints = "locals {\n  endpoints = [terraform_data.database.id, terraform_data.queue.id]\n}\n"
            resources = (_block(name, seconds) for name, seconds in case.resources().items())
            (root / "infra" / "main.tf").write_text(endpoints + "".join(resources))
        yield root


def _block(name: str, seconds: float) -> str:
    return f"""
resource "terraform_data" "{name}" {{
  input = {_USES.get(name, "null")}
  provisioner "local-exec" {{
    command = "sleep {seconds}"
  }}
}}
"""


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@click.command(help=__doc__)
@click.option("--runs", default=3, show_default=True)
@click.option("--scale", default=1.0, show_default=True, help="Seconds for a minute.")
@click.option("--only", default="", help="Cases whose name holds this.")
def main(runs: int, scale: float, only: str) -> None:
    """Measure every case and print a table in Markdown."""
    if shutil.which("terraform") is None:
        raise click.ClickException("terraform is not on the PATH.")
    click.echo(
        "| Case | Run | Critical path | eod up | of it | All done | Script | Faster | At most | CPU eod | Calls |"
    )
    click.echo("|:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for case in (case for case in CASES if only in case.name):
        scaled = case.scaled(scale)
        for run in range(1, runs + 1):
            mine, theirs = ours(scaled, scaled.pods, Tier.FULL), script(scaled, scaled.pods)
            path = scaled.critical_path()
            click.echo(
                f"| {case.name} | {run} | {path:.1f} s | {mine.usable:.1f} s | {mine.usable / path:.2f} x "
                f"| {mine.over:.1f} s | {theirs.usable:.1f} s | {theirs.usable / mine.usable:.2f} x "
                f"| {theirs.usable / path:.2f} x "
                f"| {mine.cpu:.2f} s | {mine.calls} |"
            )
    for run in range(1, runs + 1 if only in "lightweight" else 1):
        pods = LIGHTWEIGHT_PODS * scale
        mine = ours(None, pods, Tier.LIGHTWEIGHT)
        click.echo(
            f"| lightweight | {run} | {pods:.1f} s | {mine.usable:.1f} s | {mine.usable / pods:.2f} x "
            f"| {mine.over:.1f} s | | | | {mine.cpu:.2f} s | {mine.calls} |"
        )


if __name__ == "__main__":
    sys.exit(main())
