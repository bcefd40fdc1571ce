"""One run of `up` or `down` as a process of its own, to be killed: real lifecycle, Terraform and inventory.

Cluster, Argo CD and GitHub are in memory; records lie in files, which outlive a kill as a Git branch does.

`python -m tests.chaos.driver <settings as JSON>`
"""

import getpass
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from eod.aws.clearing import TagClearer
from eod.aws.inventory import TagInventory
from eod.aws.removal import TagRemover
from eod.aws.session import AwsSession
from eod.aws.states import StateMover
from eod.cli.clock import SystemClock
from eod.config import Aws, Limits, Terraform
from eod.errors import EodError
from eod.lifecycle.down import down
from eod.lifecycle.rooms import DownRequest, UpRequest
from eod.lifecycle.up import up
from eod.model.lock import machine_of
from eod.model.record import Record, Run
from eod.model.tier import Tier
from eod.terraform.runner import TerraformRunner
from eod.terraform.running import start_of
from eod.terraform.settings import Settings
from tests.lifecycle.builders import pull
from tests.lifecycle.inmemory import WITH_TERRAFORM, InMemoryRooms

WATCH_SECONDS = 0.5
HASTE = 5.0
"""How much shorter than a real cloud would want it are the pauses before Terraform is tried again."""


class HastyClock(SystemClock):
    """Real time, with short pauses."""

    def wait(self, seconds):
        super().wait(seconds / HASTE)


class ChaosRooms(InMemoryRooms):
    """Files for records and pull requests, real rooms for the cloud.

    `run_id` and `machine` are what GitHub and the machine's name tell of this run.
    """

    def __init__(self, given):
        self.given = given
        self.number = given["number"]
        self.directory = Path(given["directory"])
        super().__init__(
            structs.replace(
                WITH_TERRAFORM,
                terraform=Terraform(
                    directory=".",
                    backend={"bucket": given["bucket"], "region": given["region"], **given["lock"]},
                ),
                aws=Aws(region=given["region"]),
                limits=Limits(teardown_minutes=3),
            )
        )
        self.real = SystemClock(self.signals)
        self.run = Run(id=f"{os.getpid()}.{start_of(os.getpid())}", machine=machine_of(os.uname().nodename))
        session = AwsSession(os.environ, given["region"])
        self.inventory = TagInventory(session, repository=self.repository)
        self.remover = TagRemover(session, clock=self.real)
        self.move_state = StateMover(session, clock=self.real, user=getpass.getuser())
        self.clearer = TagClearer(session, clock=self.real, repository=self.repository)
        self.terraform = TerraformRunner(
            settings=Settings(parallelism=4, lock_timeout_seconds=10, timeout_minutes=4, text_limit=0),
            interrupts=self.signals,
            environ=dict(os.environ),
            state_directory=Path(given["job"]) / "terraform",
            say=self.say,
            clock=HastyClock(self.signals),
            machine=self.run.machine,
        )

    def now(self):
        return datetime.now(UTC)

    def monotonic(self):
        return time.monotonic()

    def wait(self, seconds):
        # The pauses before a retry are for a real cloud; here they would only make a round long.
        self.real.wait(min(seconds, 2.0))

    def say(self, message):
        print(f"{time.monotonic():.1f} {message}", flush=True)

    def get(self, environment):
        path = self.directory / f"{environment}.json"
        return msgspec.json.decode(path.read_bytes(), type=Record) if path.exists() else None

    def all(self):
        return tuple(filter(None, (self.get(path.stem) for path in self.directory.glob("pr-*.json"))))

    def _write(self, environment, decide, message):
        self.say(f"record: {message.splitlines()[0]}")
        record = decide(self.get(environment))
        path = self.directory / f"{environment}.json"
        if record is None:
            path.unlink(missing_ok=True)
            return None
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_bytes(msgspec.json.encode(record))
        beside.replace(path)
        return record

    def pull_request(self, number):
        return pull(number, open=not (self.directory / f"closed-{number}").exists())

    def is_over(self, run):
        pid, _, start = run.id.partition(".")
        return start_of(int(pid)) != start if pid.isdigit() else None

    def checkout(self, _commit):
        return Path(self.given["job"]) / "checkout"


def main() -> int:
    given = json.loads(sys.argv[1])
    rooms: Any = ChaosRooms(given)
    rooms.signals.install()
    import eod.lifecycle.provision

    eod.lifecycle.provision.WATCH_SECONDS = WATCH_SECONDS
    try:
        if given["command"] == "up":
            outcome = up(rooms, UpRequest(pr_number=given["number"], forced_tier=Tier.FULL))
        else:
            outcome = down(rooms, DownRequest(pr_number=given["number"]))
    except EodError as error:
        rooms.say(f"{type(error).__name__}: {error}")
        return int(error.exit_code)
    for notice in outcome.notices:
        rooms.say(f"notice: {notice}")
    rooms.say(f"phase {outcome.phase}")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # As in a job: a thread that still waits for Terraform does not keep the step alive.
    os._exit(code)
