"""What the subcommands do: have the rooms built, call the lifecycle, print the outcome."""

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import msgspec

from eod.cli.build import LiveRooms
from eod.cli.clock import SystemClock
from eod.cli.parts import make_git, make_log, make_terminal, secrets_in
from eod.cli.reading import DEFAULT_CONFIG, read_text
from eod.cli.settings import Settings, read_settings
from eod.cli.show import record_text, records_text
from eod.config.loader import load
from eod.config.names import environment_name
from eod.errors import ConfigError, EodError, NotFoundError
from eod.interrupts import Interrupts
from eod.lifecycle.rooms import DownRequest, SweepRequest, Until, UpRequest
from eod.model.outcome import Outcome, SweepOutcome
from eod.model.tier import Tier

__all__ = ["Until", "run_doctor", "run_down", "run_sweep", "run_up", "show_list", "show_status"]


def run_up(
    pr_number: int, until: Until, *, tier: str | None, image_tag: str, as_json: bool, **surroundings: Any
) -> None:
    """`eod up` and `eod plan`."""
    from eod.lifecycle.up import up

    rooms = assemble(os.environ, pr_number=pr_number, as_json=as_json, **surroundings)
    forced = None if tier is None else Tier(tier)
    request = UpRequest(pr_number=pr_number, forced_tier=forced, image_tag=image_tag, until=until)
    with closing(rooms):
        _print(up(rooms, request), rooms, as_json=as_json)


def run_down(pr_number: int, *, dry_run: bool, as_json: bool, **surroundings: Any) -> None:
    """`eod down`."""
    from eod.lifecycle.down import down

    rooms = assemble(os.environ, pr_number=pr_number, as_json=as_json, **surroundings)
    request = DownRequest(pr_number=pr_number, reason="torn down by hand", dry_run=dry_run)
    with closing(rooms):
        _print(down(rooms, request), rooms, as_json=as_json)


def run_sweep(*, dry_run: bool, as_json: bool, **surroundings: Any) -> None:
    """`eod sweep`."""
    from eod.lifecycle.sweep import sweep

    rooms = assemble(os.environ, as_json=as_json, sweeping=True, **surroundings)
    with closing(rooms):
        _print(sweep(rooms, SweepRequest(dry_run=dry_run)), rooms, as_json=as_json)


def show_status(pr_number: int, *, as_json: bool, **surroundings: Any) -> None:
    """`eod status`.

    Raises:
        NotFoundError: The pull request has no environment.
    """
    rooms = assemble(os.environ, pr_number=pr_number, as_json=as_json, **surroundings)
    environment = environment_name(rooms.config, pr_number)
    record = rooms.records.get(environment)
    if record is None:
        raise NotFoundError(
            f"#{pr_number} has no environment.",
            why="It never got one, or it was torn down: `git log` of the records branch tells.",
            fix=f"`eod up --pr {pr_number}` gives it one; `eod list` shows all.",
        )
    if as_json:
        _print(record, rooms, as_json=True)
    else:
        click.echo(record_text(record))


def show_list(*, as_json: bool, **surroundings: Any) -> None:
    """`eod list`."""
    rooms = assemble(os.environ, as_json=as_json, **surroundings)
    records = rooms.records.all()
    if as_json:
        _print(records, rooms, as_json=True)
    else:
        click.echo(records_text(records))


def run_doctor(*, as_json: bool, **surroundings: Any) -> None:
    """`eod doctor`.

    Raises:
        EodError: Something is missing.
    """
    from eod.cli.doctor import examine

    rooms = assemble(os.environ, as_json=as_json, **surroundings)
    with closing(rooms):
        findings = examine(rooms)
    if as_json:
        _print(findings, rooms, as_json=True)
    else:
        for finding in findings:
            click.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name:<21} {finding.detail}")
            if not finding.ok and finding.fix:
                click.echo(f"      {'':<21} → {finding.fix}")
    failed = [finding.name for finding in findings if not finding.ok]
    if failed:
        raise EodError(f"Not in place yet: {', '.join(failed)}.", fix="Do what the lines above say.")


def assemble(
    environ: Mapping[str, str],
    *,
    as_json: bool,
    repository: str,
    config_path: Path | None,
    kube_context: str,
    terraform_binary: str,
    records_remote: str,
    verbose: bool,
    pr_number: int | None = None,
    sweeping: bool = False,
) -> LiveRooms:
    """The rooms for a command on a terminal.

    Raises:
        ConfigError: There is no configuration, or it cannot be used.
        UsageError: It cannot be told which repository this is about.
    """
    settings = read_settings(
        environ,
        checkout=Path.cwd(),
        repository=repository,
        kube_context=kube_context,
        terraform_binary=terraform_binary,
        records_remote=records_remote,
        debug=verbose,
    )
    path = config_path or Path(DEFAULT_CONFIG)
    if config_path is None and not path.exists():
        raise ConfigError(
            f"There is no {DEFAULT_CONFIG} here.",
            why="This is not the root of a repository that uses eod-action, or its configuration lies elsewhere.",
            fix="Go to the repository's root, pass --config FILE, or start from docs/configuration.md.",
        )
    interrupts = Interrupts()
    interrupts.install()
    log, screen = make_log(environ, sys.stderr, debug=verbose), None
    if sys.stderr.isatty() and not as_json:
        log, screen = make_terminal(sys.stderr, SystemClock(interrupts), debug=verbose)
    for secret in secrets_in(environ):
        log.mask(secret)
    return LiveRooms(
        config=load(read_text(path), str(path)),
        base_commit=_head(settings, environ),
        settings=settings,
        interrupts=interrupts,
        environ=environ,
        runner=log,
        pr_number=pr_number,
        screen=screen,
        sweeping=sweeping,
    )


def _head(settings: Settings, environ: Mapping[str, str]) -> str:
    head = make_git(settings, environ, settings.checkout).attempt("rev-parse", "--verify", "--quiet", "HEAD")
    return head.output.decode("ascii", "replace").strip() if head.ok else ""


def _print(document: object, rooms: LiveRooms, *, as_json: bool) -> None:
    if not as_json:
        return
    from eod.reports.outputs import as_json as text_of
    from eod.reports.outputs import outcome_document, sweep_document

    if isinstance(document, Outcome):
        click.echo(text_of(outcome_document(document, rooms.redactor)))
    elif isinstance(document, SweepOutcome):
        click.echo(text_of(sweep_document(document, rooms.redactor)))
    else:
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
