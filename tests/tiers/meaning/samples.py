"""The files of `samples.toml`, and what is said of a change."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from eod.tiers.meaning import Unchanged
from tests.tiers.builders import case_of


class Sample(NamedTuple):
    path: str
    code: str
    comment: str
    trailing: str = ""

    @property
    def plain(self):
        return self.code.replace("@@", "")

    @property
    def lines(self):
        return self.plain.splitlines(keepends=True)


SAMPLES = [
    Sample(**each)
    for each in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["samples"]
]
IDS = [sample.path for sample in SAMPLES]


def opinion(path, old, new):
    """What the examiner says, or `None`. `old` or `new` is `None` where the file is not there."""
    case = case_of({} if old is None else {path: old}, {} if new is None else {path: new})
    opinions = [Unchanged().ask(file, case) for file in case.files]
    return opinions[0] if opinions else None


def rule(path, old, new):
    """What it calls it."""
    said = opinion(path, old, new)
    return said.rule if said else None
