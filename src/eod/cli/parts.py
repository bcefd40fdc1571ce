"""The parts that several entries of the command line build: log, Git, records, Terraform."""

import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from eod.cli.clock import SystemClock
from eod.cli.settings import Settings
from eod.config import Records, Terraform
from eod.git.process import Credential, Git
from eod.git.source import GitSource
from eod.interrupts import Interrupts

if TYPE_CHECKING:
    from eod.github.client import Client
    from eod.github.runner import Runner
    from eod.records.store import GitRecords
    from eod.reports.terminal import LiveScreen
    from eod.terraform.runner import TerraformRunner

_SECRET = re.compile(r"(TOKEN|SECRET|PASSWORD|PRIVATE_KEY|SECRET_ACCESS_KEY)(_[A-Z0-9]+)*$", re.IGNORECASE)
_PLACE = re.compile(r"_(FILE|PATH|DIR|URL|ARN|NAME|ID)$", re.IGNORECASE)


def secrets_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Values of the environment that no report may show."""
    return tuple(
        value for name, value in environ.items() if value and _SECRET.search(name) and not _PLACE.search(name)
    )


def make_log(environ: Mapping[str, str], stream: TextIO, *, debug: bool) -> "Runner":
    """The log: in the runner's own language where there is one, else plain lines."""
    from eod.github.runner import Runner
    from eod.github.voices import PlainVoice, RunnerVoice

    in_actions = environ.get("GITHUB_ACTIONS") == "true"
    output, summary = environ.get("GITHUB_OUTPUT", ""), environ.get("GITHUB_STEP_SUMMARY", "")

    def write(line: str) -> None:
        stream.write(f"{line}\n")
        stream.flush()

    return Runner(
        RunnerVoice(lambda: secrets.token_hex(16)) if in_actions else PlainVoice(verbose=debug),
        write,
        output_file=Path(output) if output else None,
        summary_file=Path(summary) if summary else None,
    )


def make_terminal(stream: TextIO, clock: SystemClock, *, debug: bool) -> "tuple[Runner, LiveScreen]":
    """The log of a person who watches: lines that scroll by, and what goes on below them."""
    from eod.github.runner import Runner
    from eod.github.voices import PlainVoice
    from eod.reports.terminal import LiveScreen, style

    screen = LiveScreen(stream, clock)
    return Runner(PlainVoice(style, verbose=debug), screen.write), screen


def make_source(settings: Settings, environ: Mapping[str, str], pr_number: int | None = None) -> GitSource:
    """The checkout's Git objects; what is missing is fetched from GitHub itself, whatever `origin` is called."""
    hints = () if pr_number is None else (f"refs/pull/{pr_number}/head",)
    remote = settings.clone_url if settings.in_actions else "origin"
    return GitSource(
        make_git(settings, environ, settings.checkout),
        settings.state_directory / "checkouts",
        remote=remote,
        hints=hints,
    )


def make_git(settings: Settings, environ: Mapping[str, str], directory: Path) -> Git:
    """Git in `directory`; the token goes to GitHub's own server only."""
    credential = Credential(server=settings.server_url, token=settings.token) if settings.token else None
    return Git(directory=directory, environment=environ, credential=credential)


def make_client(settings: Settings, clock: SystemClock, log: "Runner") -> "Client":
    """The connection to GitHub; to be closed."""
    from eod.github.client import Client

    return Client(
        token=settings.token,
        repository=settings.repository,
        api_url=settings.api_url,
        wait=clock.wait,
        say=log.say,
    )


def make_records(
    settings: Settings, records: Records, environ: Mapping[str, str], clock: SystemClock
) -> "GitRecords":
    """The store on GitHub, or wherever the configuration or an input says."""
    from eod.records.branch import Author, Branch
    from eod.records.store import GitRecords

    remote = settings.records_remote or records.remote or settings.clone_url
    branch = Branch(
        make_git(settings, environ, settings.checkout),
        settings.state_directory / "records",
        remote=remote,
        name=records.branch,
        author=Author(name="eod-action[bot]", email="eod-action[bot]@users.noreply.github.com"),
    )
    return GitRecords(branch, directory=records.directory, now=clock.now, wait=clock.wait)


def make_terraform(
    terraform: Terraform,
    settings: Settings,
    environ: Mapping[str, str],
    clock: SystemClock,
    interrupts: Interrupts,
    *,
    say: Callable[[str], None],
    hide: Callable[[tuple[str, ...]], None],
) -> "TerraformRunner":
    """Terraform as the configuration wants it run; `hide` is told the sensitive values; to be closed."""
    from eod.terraform.own_faults import own_rules
    from eod.terraform.runner import TerraformRunner
    from eod.terraform.settings import Settings as TerraformSettings

    return TerraformRunner(
        settings=TerraformSettings(
            binary=settings.terraform_binary or terraform.binary,
            parallelism=terraform.parallelism,
            lock_timeout_seconds=terraform.lock_timeout_seconds,
            timeout_minutes=terraform.timeout_minutes,
            allow_local_state=terraform.allow_local_state,
            gates=terraform.gates,
            faults=own_rules(terraform.faults),
            retries=terraform.retries,
        ),
        interrupts=interrupts,
        environ=environ,
        state_directory=settings.state_directory / "terraform",
        known=secrets_in(environ),
        say=say,
        clock=clock,
        hide=hide,
        machine=settings.run.machine,
    )
