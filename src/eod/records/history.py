"""How long things took, as one file beside the records: what environments taught that are gone."""

from typing import Final

import msgspec

from eod.model.learned import History
from eod.model.record import Record

MOST_SAMPLES: Final = 30
"""The newest ones count: clouds and modules change."""


def with_record(history: History, record: Record) -> History:
    """The history and what a record holds."""
    resources = {name: dict(actions) for name, actions in history.resources.items()}
    for one in record.durations:
        actions = resources.setdefault(one.type, {})
        actions[one.action] = _appended(actions.get(one.action, ()), one.seconds)
    steps = dict(history.steps)
    for step in record.steps:
        steps[step.step] = _appended(steps.get(step.step, ()), step.seconds)
    return History(resources=resources, steps=steps)


def dump(history: History) -> bytes:
    """The history as JSON with sorted keys, so that commits show what is new."""
    return msgspec.json.format(msgspec.json.encode(history, order="sorted"), indent=1) + b"\n"


def load(content: bytes) -> History:
    """The history in a file; an empty one where the file is damaged."""
    try:
        return msgspec.json.decode(content, type=History)
    except msgspec.MsgspecError:
        return History()


def _appended(samples: tuple[float, ...], seconds: float) -> tuple[float, ...]:
    return (*samples, seconds)[-MOST_SAMPLES:]
