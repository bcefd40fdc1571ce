"""One round of chaos: a run that is struck at some moment, and one that has to put right what that left."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec

from eod.cli.clock import SystemClock
from eod.cli.draining import after_drain
from eod.interrupts import Interrupts
from eod.model.record import Record
from eod.model.state import is_damaged
from eod.terraform.drain import drain
from eod.terraform.saving import saver
from standins.moto.faults import FaultLayer
from standins.moto.inventory import inventory, left_over
from standins.moto.server import MotoServer
from tests.engines import LOCK

ROOT = Path(__file__).parents[2]
HEALED_SECONDS = 240
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

resource "aws_s3_bucket" "assets" {
  for_each      = toset(["assets", "up loads"])
  bucket        = "${var.environment}-${replace(each.key, " ", "-")}"
  force_destroy = true
}

resource "aws_sns_topic" "news" {
  name = "${var.environment}-news"
}

resource "aws_cloudwatch_log_group" "app" {
  name       = "/${var.environment}/app"
  depends_on = [aws_sns_topic.news]
}

resource "aws_secretsmanager_secret" "database" {
  name                    = "${var.environment}/database"
  recovery_window_in_days = 0
  depends_on              = [aws_cloudwatch_log_group.app]
}
"""
QUEUES = """
resource "aws_sqs_queue" "dead" {
  name = "${var.environment}-dead"
}

resource "aws_sqs_queue" "jobs" {
  name = "${var.environment}-jobs"
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 3
  })
}
"""
"""The provider watches a queue for half a minute after it was made: these are in every `QUEUES_EVERY`th round."""
QUEUES_EVERY = 12
EXPECTED = ("assets", "up-loads", "news", "/app", "/database")
EXPECTED_QUEUES = ("dead", "jobs")


class Strike(StrEnum):
    """What happens to the run."""

    KILL_US = "SIGKILL of us"
    KILL_TERRAFORM = "SIGKILL of Terraform"
    KILL_BOTH = "SIGKILL of both"
    KILL_PROVIDER = "SIGKILL of the provider"
    MACHINE = "the machine is gone"
    CANCEL = "cancelled as the runner does"
    SIGNALS = "many signals in any order"
    CLOSE = "the pull request is closed"
    NONE = "nothing but faults"
    STATE_GONE = "the state is gone"
    STATE_DAMAGED = "the state is damaged"


@dataclass
class Job:
    """One job: its directory, and everything that was started in it."""

    directory: Path
    process: "subprocess.Popen[str]"
    environment: dict[str, str]

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text()

    def terraforms(self) -> list[int]:
        """Terraform itself, as far as it is known to run."""
        found = []
        for path in self.directory.glob("terraform/*/running.json"):
            with suppress(OSError, ValueError, KeyError):
                found.append(int(json.loads(path.read_text())["pid"]))
        return found

    def everything(self) -> list[int]:
        """Each process whose environment names this job's directory: also a provider whose parent is dead."""
        mark = f"TF_DATA_DIR={self.directory}/".encode()
        return [pid for pid, environ in _environs() if mark in environ]

    def providers(self) -> list[int]:
        known = {*self.terraforms(), self.process.pid}
        return [pid for pid in self.everything() if pid not in known]

    def kill(self, pids: list[int]) -> None:
        for pid in pids:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def end(self) -> None:
        """What the runner does at a job's end."""
        self.process.kill()
        self.process.wait()
        for _ in range(50):
            left = self.everything()
            if not left:
                return
            self.kill(left)
            time.sleep(0.05)


def _environs() -> Iterator[tuple[int, bytes]]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            yield int(path.parent.name), path.read_bytes()


@dataclass
class Ground:
    """Where rounds take place: an account, a layer of faults before it, and a directory."""

    aws: MotoServer
    faults: FaultLayer
    directory: Path
    environment: dict[str, str]
    bucket: str
    queues: bool = False
    usual_seconds: tuple[float, float] = (15.0, 45.0)
    """How long a run takes that nothing happens to, without queues and with them."""
    before: frozenset[str] = frozenset()
    jobs: int = field(default=0)

    def start(self, number: int, command: str, *, machine: Path | None = None) -> Job:
        """Begin a run. `machine` is the directory of an earlier job that it shares, as on a self-hosted runner."""
        self.jobs += 1
        directory = machine or self.directory / f"job-{number}-{self.jobs}"
        (directory / "checkout").mkdir(parents=True, exist_ok=True)
        (directory / "checkout" / "main.tf").write_text(MODULE + QUEUES * self.queues)
        environment = {**self.environment, "AWS_ENDPOINT_URL": self.faults.url}
        given = {
            "command": command,
            "number": number,
            "directory": str(self.directory),
            "job": str(directory),
            "bucket": self.bucket,
            "region": self.aws.region,
            "lock": LOCK,
        }
        with (directory / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.driver", json.dumps(given)],
                cwd=ROOT,
                env={**environment, "PYTHONPATH": f"{ROOT}/src"},
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        return Job(directory=directory, process=process, environment=environment)

    def record(self, number: int) -> Record | None:
        path = self.directory / f"pr-{number}.json"
        return msgspec.json.decode(path.read_bytes(), type=Record) if path.exists() else None

    def drain(self, job: Job, number: int, patience: float) -> None:
        """The later step of the same job, with what it writes down."""
        interrupts = Interrupts()
        clock = SystemClock(interrupts)
        reports = drain(
            job.directory / "terraform",
            clock=clock,
            patience_seconds=patience,
            interrupt_after_seconds=patience / 3,
            save=saver(job.environment, interrupts=interrupts, clock=clock),
        )
        for report in reports:
            record = self.record(number)
            if record is not None and record.lease is not None:
                told = after_drain(record, report, run=record.lease.run, now=clock.now())
                (self.directory / f"pr-{number}.json").write_bytes(msgspec.json.encode(told))

    def spoil_state(self, number: int, dice: random.Random | None) -> None:
        """Cut the state off somewhere; without dice, remove it."""
        s3 = self.aws.client("s3")
        for item in s3.list_objects_v2(Bucket=self.bucket).get("Contents", []):
            if not item["Key"].endswith(f"/pr-{number}.tfstate"):
                continue
            if dice is None:
                s3.delete_object(Bucket=self.bucket, Key=item["Key"])
                continue
            whole = s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
            s3.put_object(Bucket=self.bucket, Key=item["Key"], Body=whole[: dice.randrange(1, len(whole) - 2)])

    def set_aside(self, number: int) -> list[str]:
        """What is wrong with where a damaged state lies after its teardown; its copy goes, as by a person."""
        s3 = self.aws.client("s3")
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]
        aside = [key for key in keys if f"/pr-{number}.tfstate.damaged-" in key]
        for key in aside:
            s3.delete_object(Bucket=self.bucket, Key=key)
        stay = [key for key in keys if key.endswith(f"/pr-{number}.tfstate")]
        bodies = [s3.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in stay]
        return ["the damaged state was not moved aside"] if any(map(is_damaged, bodies)) else []

    def names(self, number: int) -> set[str]:
        """What the account holds for an environment, whatever its tags."""
        marks = (f"pr-{number}-", f"/pr-{number}/", f":pr-{number}/")
        there = {arn.removesuffix(":*") for arn in inventory(self.aws) - self.before}
        return {arn for arn in there if any(mark in arn for mark in marks)}

    @property
    def expected(self) -> tuple[str, ...]:
        """A part of the name of everything that an environment has."""
        return EXPECTED + EXPECTED_QUEUES * self.queues

    def leftovers(self, number: int) -> list[str]:
        """What of an environment is left, its lock among that."""
        marks = (f"pr-{number}-", f"pr-{number}/", f"pr-{number}.")
        return [arn for arn in left_over(self.aws, self.before, self.bucket) if any(mark in arn for mark in marks)]


def play(ground: Ground, number: int, seed: int, *, strike: Strike | None = None) -> list[str]:
    """One round; what went wrong, nothing if all is well. `strike` overrules what the seed says."""
    dice = random.Random(seed)
    thrown = dice.choice(list(Strike))
    strike = strike or thrown
    ground.queues = dice.randrange(QUEUES_EVERY) == 0
    delay = dice.uniform(0.5, ground.usual_seconds[ground.queues] * 1.1)
    same_machine, drained, heal = dice.random() < 0.5, dice.random() < 0.5, dice.choice(["up", "down"])
    with_queues = ", with queues" * ground.queues
    said = [f"seed {seed}: pr-{number}, {strike} after {delay:.1f} s, then {heal}{with_queues}"]

    ground.faults.quiet = False
    job = ground.start(number, "up")
    try:
        _wait(job, delay)
        _strike(ground, job, number, strike, dice)
        if strike not in {Strike.MACHINE, Strike.KILL_BOTH} and drained:
            ground.drain(job, number, patience=30)
    finally:
        job.end()
    ground.faults.quiet = True
    machine = job.directory if same_machine and strike is not Strike.MACHINE else None
    if strike in {Strike.CLOSE, Strike.STATE_GONE, Strike.STATE_DAMAGED}:
        heal = "down"
    problems = []
    if heal == "up":
        problems += _heal(ground, number, "up", machine)
        names = ground.names(number)
        wrong = [name for name in names if not any(part in name for part in ground.expected)]
        if not problems and (len(names) != len(ground.expected) or wrong):
            problems.append(f"expected {len(ground.expected)} resources, there are {sorted(names)}")
    problems += _heal(ground, number, "down", machine)
    if strike is Strike.STATE_DAMAGED:
        problems += ground.set_aside(number)
    problems += [f"left over: {arn}" for arn in ground.leftovers(number)]
    if ground.record(number) is not None:
        problems.append("the record is still there")
    logs = [f"--- {path}\n{path.read_text()}" for path in sorted(ground.directory.glob(f"job-{number}-*/log"))]
    return [*said, *problems, *logs] if problems else []


def _wait(job: Job, seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        job.process.wait(timeout=seconds)


def _strike(ground: Ground, job: Job, number: int, strike: Strike, dice: random.Random) -> None:
    match strike:
        case Strike.KILL_US:
            job.process.kill()
        case Strike.KILL_TERRAFORM:
            job.kill(job.terraforms())
        case Strike.KILL_BOTH:
            both = [job.process.pid, *job.terraforms()]
            dice.shuffle(both)
            job.kill(both)
            time.sleep(dice.uniform(0, 1))
        case Strike.KILL_PROVIDER:
            job.kill(job.providers())
        case Strike.MACHINE:
            job.kill([job.process.pid, *job.everything()])
        case Strike.CANCEL:
            _signals(job, [(signal.SIGINT, 0.0), (signal.SIGTERM, 7.5), (signal.SIGKILL, 2.5)])
        case Strike.SIGNALS:
            kinds = [dice.choice([signal.SIGINT, signal.SIGTERM]) for _ in range(dice.randint(2, 6))]
            _signals(job, [(kind, dice.uniform(0, 1.5)) for kind in kinds])
        case Strike.CLOSE:
            (ground.directory / f"closed-{number}").touch()
        case Strike.STATE_GONE | Strike.STATE_DAMAGED:
            _wait(job, 120)
            ground.spoil_state(number, None if strike is Strike.STATE_GONE else dice)
        case Strike.NONE:
            pass
    if strike in {Strike.KILL_TERRAFORM, Strike.KILL_PROVIDER, Strike.CLOSE, Strike.NONE, Strike.SIGNALS}:
        _wait(job, 120)


def _signals(job: Job, which: list[tuple[signal.Signals, float]]) -> None:
    for kind, after in which:
        _wait(job, after)
        if job.process.poll() is not None:
            return
        with suppress(OSError):
            job.process.send_signal(kind)


def _heal(ground: Ground, number: int, command: str, machine: Path | None) -> list[str]:
    if command == "down":
        (ground.directory / f"closed-{number}").touch()
    job = ground.start(number, command, machine=machine)
    _wait(job, HEALED_SECONDS)
    code = job.process.poll()
    job.end()
    return [] if code == 0 else [f"`{command}` ended with {code} instead of 0"]


def calibrate(ground: Ground) -> None:
    """How long runs take that nothing happens to; whatever they leave is gone afterwards."""
    ground.faults.quiet = True
    ground.before = inventory(ground.aws)
    ground.usual_seconds = (_undisturbed(ground, queues=False), _undisturbed(ground, queues=True))


def _undisturbed(ground: Ground, *, queues: bool) -> float:
    number, ground.queues = next_number(), queues
    started = time.monotonic()
    problems = _heal(ground, number, "up", None)
    seconds = time.monotonic() - started
    problems += _heal(ground, number, "down", None)
    problems += ground.leftovers(number)
    logs = [path.read_text() for path in sorted(ground.directory.glob(f"job-{number}-*/log"))]
    if problems:
        raise AssertionError("\n".join(["without any fault:", *problems, *logs]))
    return seconds


_numbers = iter(range(100, 1_000_000))
_guard = threading.Lock()


def next_number() -> int:
    """A pull request that no other round has."""
    with _guard:
        return next(_numbers)
