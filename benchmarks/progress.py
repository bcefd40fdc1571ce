"""What it costs to follow a large apply: the CPU seconds of log, comment and estimate, without Terraform's own.

    python -m benchmarks.progress [RESOURCES]

Feeds the event stream of an apply of 30 minutes through the transcript, the run's journey and its reports, with a
clock that does not wait: so the estimate is made anew every 5 s and the comment every 20 s, as in a real run.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta

from eod.config import Config
from eod.lifecycle.estimating import Estimator
from eod.lifecycle.journey import Journey
from eod.model.forecast import Node
from eod.model.learned import History
from eod.model.outcome import Outcome, Step, StepState
from eod.model.plan import Plan, PlanSummary
from eod.model.record import Phase
from eod.model.tier import Tier, Verdict
from eod.reports.redact import Redactor
from eod.reports.renderer import Renderer
from eod.reports.reporter import RunReporter
from eod.terraform.transcript import Transcript

APPLY_SECONDS = 1800.0
IN_FLIGHT = 10
KINDS = ("aws_sqs_queue", "aws_s3_bucket", "aws_iam_role", "aws_security_group", "aws_db_instance")


class Clock:
    """Time that passes when it is told to, and while this process computes."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self.passed + time.process_time()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.passed += seconds


class Paper:
    """Counts what would be written."""

    summary_room = 0

    def __init__(self) -> None:
        self.lines = 0

    def say(self, message: str) -> None:
        """A line."""
        self.lines += 1

    def fold(self, title: str, text: str) -> None:
        """Several."""

    def error(self, message: str, *, title: str = "") -> None:
        """An annotation."""

    def warning(self, message: str, *, title: str = "") -> None:
        """An annotation."""

    def set_outputs(self, outputs: Mapping[str, str]) -> None:
        """Outputs."""

    def add_summary(self, markdown: str) -> None:
        """A summary."""


class Comments:
    """Counts what would be sent."""

    def __init__(self) -> None:
        self.edits = 0

    def put_comment(self, number: int, body: str, comment_id: int | None) -> int | None:
        """An edit."""
        self.edits += 1
        return 1

    def add_comment(self, number: int, body: str) -> int | None:
        """A comment."""
        return 1

    def hasty(self) -> AbstractContextManager[None]:
        """Nothing is waited for anyway."""
        return nullcontext()


def plan_of(resources: int) -> Plan:
    """Resources in five layers, each waiting for one of the layer before."""
    graph = tuple(
        Node(
            name=_address(number),
            addresses=(_address(number),),
            type=KINDS[number % len(KINDS)],
            kind=KINDS[number % len(KINDS)],
            title=KINDS[number % len(KINDS)],
            minutes=(0.1, 0.5),
            actions=("create",),
            after=(number - resources // 5,) if number >= resources // 5 else (),
            needed=True,
        )
        for number in range(resources)
    )
    return Plan(path="", digest="", terraform_version="", changes=(), summary=PlanSummary(), graph=graph)


def stream_of(resources: int) -> Iterator[bytes]:
    """Each resource starts and completes, ten at a time."""
    for first in range(0, resources, IN_FLIGHT):
        batch = range(first, min(first + IN_FLIGHT, resources))
        yield from (_event("apply_start", number) for number in batch)
        yield from (_event("apply_complete", number) for number in batch)


def measure(resources: int) -> tuple[float, int, int]:
    """CPU seconds, log lines and edits of the comment."""
    clock, paper, comments = Clock(), Paper(), Comments()
    reporter = RunReporter(paper, clock, renderer=Renderer(Redactor(["swordfish"])), comments=comments)
    verdict = Verdict(tier=Tier.FULL, evidence=())
    outcome = Outcome(
        command="up",
        environment="pr-1",
        repository="o/r",
        pr_number=1,
        started_at=clock.now(),
        verdict=verdict,
        phase=Phase.PROVISIONING,
        steps=(Step(name="apply", title="Terraform apply", state=StepState.RUNNING, started_at=clock.now()),),
    )
    lines = list(stream_of(resources))
    journey, transcript = Journey(outcome, clock=clock, reporter=reporter), Transcript()
    estimator = Estimator(Config(domain="example.com"), plan_of(resources), History())
    began = time.process_time()
    journey.estimate_with(estimator)
    for line in lines:
        clock.wait(APPLY_SECONDS / len(lines))
        report = transcript.feed(line)
        if report is not None:
            journey.progress(report)
    return time.process_time() - began, paper.lines, comments.edits


def _address(number: int) -> str:
    return f'module.service["{number // 50}"].{KINDS[number % len(KINDS)]}.this["{number}"]'


def _event(kind: str, number: int) -> bytes:
    resource = {"addr": _address(number), "resource_type": KINDS[number % len(KINDS)]}
    return json.dumps({"type": kind, "hook": {"resource": resource, "action": "create"}}).encode()


def main() -> None:
    """Print the figures."""
    resources = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    seconds, lines, edits = measure(resources)
    print(f"{resources} resources: {seconds:.2f} CPU seconds, {lines} log lines, {edits} edits of the comment")


if __name__ == "__main__":
    main()
