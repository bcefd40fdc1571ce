"""What the composite action runs: the event and the inputs decide."""

import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from eod.chatops import parse_command
from eod.cli.build import LiveRooms
from eod.cli.clock import SystemClock
from eod.cli.parts import make_client, make_log, make_source, secrets_in
from eod.cli.settings import Settings, read_settings
from eod.config import Config
from eod.config.loader import load
from eod.errors import ConfigError, EodError
from eod.github.event import read_event
from eod.inputs import Command, Inputs, LogLevel, parse_inputs
from eod.intent import Act, Intent, intent_of
from eod.interrupts import Interrupts
from eod.lifecycle.rooms import DownRequest, SweepRequest, Until, UpRequest
from eod.model.event import Event

if TYPE_CHECKING:
    from eod.github.runner import Runner

_UNTIL = {Act.UP: Until.READY, Act.PLAN: Until.PLANNED, Act.CLASSIFY: Until.CLASSIFIED}


def run_action(environ: Mapping[str, str]) -> None:
    """Read event, inputs and the base branch's configuration, and do what they ask for.

    Raises:
        EodError: With an annotation and a summary that say the same.
    """
    interrupts = Interrupts()
    interrupts.install()
    log = make_log(environ, sys.stdout, debug=environ.get("EOD_LOG_LEVEL") == "debug")
    try:
        _run(environ, interrupts, log)
    except EodError as error:
        if not error.reported:
            _tell(log, error)
            _tell_pull_request(environ, interrupts, log, error)
        raise


def _run(environ: Mapping[str, str], interrupts: Interrupts, log: "Runner") -> None:
    inputs = parse_inputs(environ)
    for secret in (inputs.github_token, *secrets_in(environ)):
        log.mask(secret)
    settings = settings_of(environ, inputs)
    event = with_pull(read_own_event(environ), inputs, settings, SystemClock(interrupts), log)
    commit = base_commit_of(event, settings)
    config = base_configuration(environ, settings, commit, inputs.config)
    intent = intent_of(event, inputs, config, settings.repository)
    log.say(intent.reason)
    rooms = LiveRooms(
        config=config,
        base_commit=commit,
        settings=settings,
        interrupts=interrupts,
        environ=environ,
        runner=log,
        pr_number=intent.pr_number,
        sweeping=intent.act is Act.SWEEP,
    )
    with closing(rooms):
        _do(rooms, intent, inputs, event)


def _do(rooms: LiveRooms, intent: Intent, inputs: Inputs, event: Event | None) -> None:
    number = intent.pr_number
    if intent.commander and not _may_command(rooms, intent):
        return
    if number is not None and intent.act is Act.REPLY:
        rooms.reporter.reply(number, intent.reply)
    elif intent.act is Act.SWEEP:
        from eod.lifecycle.sweep import sweep

        sweep(rooms, SweepRequest(dry_run=intent.dry_run))
    elif intent.act is Act.STATUS:
        from eod.lifecycle.status import report_status

        report_status(rooms, number)
    elif number is not None and intent.act is Act.DOWN:
        from eod.lifecycle.down import down

        down(rooms, DownRequest(pr_number=number, dry_run=intent.dry_run))
    elif number is not None and intent.act in _UNTIL:
        from eod.lifecycle.up import up

        request = UpRequest(
            pr_number=number,
            head_sha="" if event is None or event.pull is None else event.pull.head_sha,
            forced_tier=intent.forced_tier,
            wish=intent.wish,
            asked_by=rooms.settings.asker,
            image_tag=inputs.image_tag,
            until=Until.PLANNED if intent.dry_run and intent.act is Act.UP else _UNTIL[intent.act],
        )
        up(rooms, request)


def _may_command(rooms: LiveRooms, intent: Intent) -> bool:
    from eod.lifecycle.overruling import may_command

    return may_command(rooms, intent.commander)


def with_pull(
    event: Event | None, inputs: Inputs, settings: Settings, clock: SystemClock, log: "Runner"
) -> Event | None:
    """The event, with the pull request that a comment is about: its payload holds a number only.

    Without it nobody could tell code of this repository from a fork's, or whose configuration counts. A comment
    that asks for nothing costs no request.

    Raises:
        EodError: GitHub does not tell.
    """
    if event is None or event.commented_pull is None or event.pull is not None:
        return event
    said = event.comment
    commanded = said is not None and said.person and parse_command(said.body) is not None
    if inputs.command is Command.AUTO and not commanded:
        return event
    from eod.github.forge import GitHubForge

    with closing(make_client(settings, clock, log)) as client:
        return structs.replace(event, pull=GitHubForge(client).pull_request(event.commented_pull))


def settings_of(environ: Mapping[str, str], inputs: Inputs) -> Settings:
    """Where this job runs.

    Raises:
        UsageError: It cannot be told which repository this is about.
    """
    workspace = Path(environ.get("GITHUB_WORKSPACE", "."))
    return read_settings(
        environ,
        checkout=workspace / inputs.working_directory,
        token=inputs.github_token,
        kube_context=inputs.kube_context,
        terraform_binary=inputs.terraform_binary,
        records_remote=inputs.records_remote,
        debug=inputs.log_level is LogLevel.DEBUG,
    )


def base_configuration(environ: Mapping[str, str], settings: Settings, commit: str, path: str) -> Config:
    """The configuration as the base branch has it: a pull request must not steer its own environment.

    Raises:
        ConfigError: The base branch has none, or it cannot be used.
    """
    content = make_source(settings, environ).show(commit or "HEAD", path)
    if content is None:
        raise ConfigError(
            f"There is no {path} on the base branch ({commit[:7]}).",
            why="The configuration is read from the base branch, so that a pull request cannot steer its own "
            "environment. One that adds it begins to count when it is merged.",
            fix=f"Merge {path}, or name another file in the input `config`.",
            where=path,
        )
    try:
        return load(content.decode("utf-8", "replace"), path)
    except ConfigError as error:
        which = commit[:7] or "HEAD"
        read = f"This is the file of commit {which} on the base branch; a mend counts once it is merged."
        error.why = f"{error.why} {read}".lstrip()
        raise


def base_commit_of(event: Event | None, settings: Settings) -> str:
    """The commit of the base branch; what is checked out may be the pull request's."""
    return settings.commit if event is None or event.pull is None else event.pull.base_sha


def read_own_event(environ: Mapping[str, str]) -> Event | None:
    """The event that this job runs for; `None` on a terminal."""
    name, path = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_EVENT_PATH", "")
    return read_event(name, Path(path)) if name and path else None


def _tell(log: "Runner", error: EodError) -> None:
    from eod.reports.failure import failure_summary

    file, _, line = error.where.rpartition(":")
    log.error(str(error), title=error.what.splitlines()[0], file=file, line=int(line) if line.isdigit() else 0)
    log.add_summary(failure_summary(error))
    error.reported = True


def _tell_pull_request(environ: Mapping[str, str], interrupts: Interrupts, log: "Runner", error: EodError) -> None:
    """The same in the comment. Nothing is known of the configuration here, not even the environment's name."""
    from eod.reports.failure import failure_outcome

    try:
        inputs, event = parse_inputs(environ), read_own_event(environ)
        settings = settings_of(environ, inputs)
        if event is None or event.pull is None or event.pull.is_from_fork(settings.repository):
            return
        rooms = LiveRooms(
            config=Config(domain="preview.example.com"),
            base_commit="",
            settings=settings,
            interrupts=interrupts,
            environ=environ,
            runner=log,
        )
        outcome = failure_outcome(
            error, event.pull, repository=settings.repository, run_url=settings.run.url, now=rooms.clock.now()
        )
        with closing(rooms):
            rooms.reporter.comment(outcome)
    except EodError as second:
        log.say(f"The pull request could not be told: {second.what}")
