"""Judges the files of a large pull request in several processes."""

import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec import Struct

from eod.config import Config
from eod.errors import EodError
from eod.git.process import Git
from eod.git.source import GitSource
from eod.hcl.parser import HclProcess
from eod.model.change import ChangeSet
from eod.model.tier import Evidence
from eod.tiers.case import Case
from eod.tiers.classify import examinations

LARGE: Final = 500
"""Files from which on starting processes is worth its while."""
PARTS: Final = 4
"""Always so many, however many cores there are: what is read within bounds must not depend on the machine."""


class Part(Struct, frozen=True, kw_only=True):
    """Some of the files of a change, and what one process needs to judge them."""

    changes: ChangeSet
    config: Config
    repository: Path
    environ: dict[str, str]
    state: Path
    first: int
    last: int


def evidence_of(
    changes: ChangeSet, config: Config, *, repository: Path, environ: Mapping[str, str], state: Path
) -> tuple[Evidence, ...]:
    """The evidence of every file, in no particular order.

    Raises:
        EodError: A process died.
    """
    count = len(changes.files)
    bounds = [count * at // PARTS for at in range(PARTS + 1)]
    parts = [
        Part(
            changes=changes, config=config, repository=repository, environ=dict(environ), state=state,
            first=first, last=last,
        )
        for first, last in pairwise(bounds)
    ]  # fmt: skip
    from concurrent.futures.process import BrokenProcessPool

    from eod.cli.processes import workers

    with workers(min(PARTS, os.cpu_count() or 1)) as pool:
        try:
            found = list(pool.map(_judge, parts))
        except BrokenProcessPool as error:
            raise EodError(
                "A process that judges changed files died.",
                why="It was killed, or the machine is out of memory.",
                fix="Run it again on a machine with more memory.",
            ) from error
    return tuple(evidence for part in found for evidence in part)


def _judge(part: Part) -> list[Evidence]:
    source = GitSource(Git(directory=part.repository, environment=part.environ), part.state)
    hcl = HclProcess(part.environ)
    try:
        with source.sides(part.changes) as sides:
            case = Case(part.changes, part.config, sides, hcl)
            return [each.evidence for each in examinations(case, part.first, part.last)]
    finally:
        hcl.close()
