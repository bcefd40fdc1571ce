"""The drain step: waits for a Terraform that a cancelled step left behind, and writes down how it went."""

import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import structs

from eod.cli.action import base_commit_of, base_configuration, read_own_event, settings_of
from eod.cli.build import LiveRooms
from eod.cli.clock import SystemClock
from eod.cli.parts import make_log
from eod.errors import EodError
from eod.inputs import parse_inputs
from eod.interrupts import Interrupts
from eod.lifecycle.turn import taken
from eod.lifecycle.unended import unended_of
from eod.model.record import Failure, Phase, Record, Run
from eod.records.machine import move

if TYPE_CHECKING:
    from eod.terraform.drain import DrainReport


def run_drain(environ: Mapping[str, str]) -> None:
    """Wait, then bring record and comment up to date. Nothing to wait for is the ordinary case, and quick."""
    inputs = parse_inputs(environ)
    settings = settings_of(environ, inputs)
    state = settings.state_directory / "terraform"
    if not any(state.glob("*/running.json")):
        return
    from eod.terraform.drain import BUDGET_SECONDS, drain
    from eod.terraform.saving import saver

    log = make_log(environ, sys.stdout, debug=False)
    interrupts = Interrupts()
    interrupts.install()
    clock = SystemClock(interrupts)
    until = clock.monotonic() + BUDGET_SECONDS
    save = saver(environ, interrupts=interrupts, clock=clock, holder=settings.run.holder)
    reports = drain(state, clock=clock, say=log.say, save=save)
    commit = base_commit_of(read_own_event(environ), settings)
    config = base_configuration(environ, settings, commit, inputs.config)
    rooms = LiveRooms(
        config=config, base_commit=commit, settings=settings, interrupts=interrupts, environ=environ, runner=log
    )
    with closing(rooms):
        for report in reports:
            log.say(_sentence(report))
            _write_down(rooms, report, until)


def _write_down(rooms: LiveRooms, report: "DrainReport", until: float) -> None:
    """The record first; the comment only if there is time for it, as the next run repairs from the record."""
    from eod.lifecycle.status import outcome_of

    now = rooms.clock.now()

    def decide(record: Record | None) -> Record | None:
        return None if record is None else after_drain(record, report, run=rooms.run, now=now)

    try:
        record = rooms.records.update(report.environment, decide, f"{report.environment}: {_sentence(report)}")
        if record is not None and not taken(record, rooms.run) and rooms.clock.monotonic() < until:
            rooms.reporter.finish(outcome_of(rooms, record, record.pr_number))
    except EodError as error:
        rooms.runner.warning(str(error), title="The end of Terraform could not be written down")


def after_drain(record: Record, report: "DrainReport", *, run: Run, now: datetime) -> Record:
    """The record once Terraform has ended, or will be killed. Pure.

    Another run's is left alone, and so is one that is ready with all of it there. One that was ready while
    something was still cooking stays ready if that was finished, and has failed if it was not.
    """
    if taken(record, run) or (record.phase is Phase.READY and record.lease is None):
        return record
    if _completed(report):
        # Only the cancelled run knew what is secret in the new outputs, and the old ones are not true any more.
        record = structs.replace(record, outputs=None)
    if record.phase is Phase.READY and record.terraform is not None and _completed(report):
        return structs.replace(
            record, lease=None, unended=(), terraform=structs.replace(record.terraform, applied=True)
        )
    failure = record.failure or Failure(step=report.operation, what="The run was cancelled.", at=now)
    told = structs.replace(failure, what=f"{failure.what} {_sentence(report)}")
    return move(record, Phase.FAILED, now, failure=told, lease=None, unended=unended_of(record, run))


def _completed(report: "DrainReport") -> bool:
    return report.operation == "apply" and report.end == "succeeded"


def _sentence(report: "DrainReport") -> str:
    what = f"Terraform {report.operation}"
    if not report.ended:
        return f"{what} still runs and will be killed; the next run repairs what that leaves."
    if report.end == "lost":
        unknown = ", ".join(sorted(report.account.running)) or "nothing that it spoke of"
        return (
            f"{what} was killed; what it was working on may be in no state: {unknown}. The next run looks for it."
        )
    saved = f"unsaved in {report.unsaved}" if report.unsaved else "saved"
    if report.operation == "state push":
        return f"The state that could not be saved before is {saved}."
    return f"{what} ended after the cancel ({report.end}) and its state is {saved}."
