"""`docs/cli.md`: the help of every subcommand."""

import click

from eod.cli import cli
from eod.errors import ExitCode

_INTRODUCTION = """\
# Command line

`eod` is the action's own code. Every command takes `--help`; with `--json` a command prints one JSON document with
stable keys on standard output, and everything else on standard error.

"""

_MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed",
    ExitCode.USAGE: "bad usage or configuration",
    ExitCode.WAITING_FOR_APPROVAL: "waiting for approval",
    ExitCode.REFUSED_BY_POLICY: "refused by policy",
    ExitCode.CANCELLED: "cancelled",
}


def commands_text() -> str:
    """The whole page."""
    codes = "; ".join(f"{int(code)} {meaning}" for code, meaning in _MEANINGS.items())
    sections = [_help(cli, "eod")]
    for name in cli.list_commands(click.Context(cli)):
        command = cli.commands[name]
        if not command.hidden:
            sections.append(f"## eod {name}\n\n{_help(command, f'eod {name}')}")
    return f"{_INTRODUCTION}Exit codes: {codes}.\n\n" + "\n".join(sections)


def _help(command: click.Command, name: str) -> str:
    context = click.Context(command, info_name=name, terminal_width=100, max_content_width=100)
    context.help_option_names = ["-h", "--help"]
    return f"```text\n{command.get_help(context)}\n```\n"
