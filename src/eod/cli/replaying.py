"""Judges many past changes in processes of their own, and remembers what it has judged."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from eod.cli.processes import workers
from eod.config import Config
from eod.errors import CancelledError, EodError, UsageError
from eod.git.history import branch_hours
from eod.git.process import Git
from eod.git.source import GitSource
from eod.hcl.parser import HclProcess
from eod.model.history import Judged, PastChange
from eod.model.tier import Verdict
from eod.tiers import classify
from eod.tiers.document import storable
from eod.tiers.explain import explain


class Memory:
    """Verdicts of earlier runs, one JSON document a line; a line that was cut off is judged again.

    Args:
        path: The file. It belongs to one repository, one configuration and one version of the rules.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Judged]:
        """What was judged before, by head.

        Raises:
            UsageError: Nothing can be kept there.
        """
        with self._kept():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            content = self._path.read_bytes() if self._path.is_file() else b""
        known = {}
        for line in content.splitlines():
            try:
                one = msgspec.json.decode(line, type=Judged)
            except msgspec.MsgspecError:
                continue
            known[one.head] = one
        return known

    def add(self, judged: Judged) -> None:
        """Remember one more. What failed is not remembered: it may go better next time.

        Raises:
            UsageError: It cannot be kept.
        """
        if judged.error:
            return
        with self._kept(), self._path.open("a+b") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write(msgspec.json.encode(judged) + b"\n")

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UsageError(
                f"Verdicts cannot be kept: {error.strerror}.",
                fix="Pass a directory that can be written as --cache.",
                where=str(self._path),
            ) from error


class Job(Struct, frozen=True, kw_only=True):
    """Everything that one process needs."""

    repository: Path
    environ: dict[str, str]
    config: Config
    state: Path


def replay(
    job: Job,
    changes: Sequence[PastChange],
    memory: Memory,
    *,
    jobs: int | None = None,
    on_done: Callable[[], None] = lambda: None,
) -> dict[str, Judged]:
    """What the classifier says of each change, by head; what `memory` knows is not judged again.

    Raises:
        CancelledError: It was interrupted.
    """
    wanted = {change.head for change in changes}
    known = {head: one for head, one in memory.read().items() if head in wanted}
    for _ in known:
        on_done()
    todo = [change for change in changes if change.head not in known]
    try:
        for one in _judge_all(job, todo, jobs or os.cpu_count() or 1):
            memory.add(one)
            known[one.head] = one
            on_done()
    except KeyboardInterrupt as error:
        raise CancelledError(
            f"Interrupted after {len(known):,} of {len(changes):,} changes.",
            fix="Run the same command again: what was judged is not judged again.",
        ) from error
    return known


def _judge_all(job: Job, changes: Sequence[PastChange], jobs: int) -> Iterator[Judged]:
    if not changes:
        return
    with workers(min(jobs, len(changes))) as pool:
        running = {pool.submit(judge, job, change): change for change in changes}
        for done in as_completed(running):
            try:
                yield done.result()
            except BrokenProcessPool:
                yield Judged(head=running[done].head, error="The process that judged it died.")


def judge(job: Job, change: PastChange) -> Judged:
    """What the classifier says of one change."""
    git = Git(directory=job.repository, environment=job.environ)
    try:
        with HclProcess(job.environ) as hcl:
            verdict = _verdict(GitSource(git, job.state), job.config, change, hcl)
        hours = branch_hours(git, change)
    except EodError as error:
        return Judged(head=change.head, error=error.what)
    deciding = explain(verdict).deciding
    first = deciding[0] if deciding else None
    return Judged(
        head=change.head,
        tier=verdict.tier,
        rule="" if first is None else first.rule,
        path="" if first is None else storable(first.path),
        reason="" if first is None else storable(first.reason),
        files=len(verdict.evidence),
        hours=hours,
    )


def _verdict(source: GitSource, config: Config, change: PastChange, hcl: HclProcess) -> Verdict:
    changes = source.changes(change.base, change.head)
    with source.sides(changes) as sides:
        return classify(changes, config, sides, hcl=hcl)
