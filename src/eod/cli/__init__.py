"""The command line: builds the real clients, reads the environment, turns errors into exit codes."""

import sys
import traceback
from collections.abc import Sequence

import click

from eod.cli.commands import cli
from eod.errors import EodError, ExitCode

__all__ = ["cli", "run"]


def run(arguments: Sequence[str] | None = None) -> int:
    """Run `eod`.

    Args:
        arguments: Without the program's name; `None` for the process's own.

    Returns:
        The exit code: 0 done, 1 failed, 2 bad usage or configuration, 3 waiting for approval, 4 refused by policy,
        130 cancelled.
    """
    try:
        result = cli.main(
            args=None if arguments is None else list(arguments), prog_name="eod", standalone_mode=False
        )
    except click.exceptions.Abort:
        return ExitCode.CANCELLED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except EodError as error:
        if not error.reported:
            click.echo(str(error), err=True)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.DONE
    except Exception:  # noqa: BLE001  # a bug: the log gets all of it, the exit code says that the run failed
        traceback.print_exc()
        click.echo("This is a bug in eod-action. Please report it with the lines above.", err=True)
        return ExitCode.FAILED
    return result if isinstance(result, int) else ExitCode.DONE
