"""The command line: `python -m testbed build | up | down | env | tool`."""

import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from testbed.errors import TestbedError


@click.group(help=__doc__)
def main() -> None:
    """The command line's entry."""


_state = click.option(
    "--state-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="The testbed's folder; without it, `running` in the cache.",
)


@main.command()
def build() -> None:
    """Build the parts that are missing, from their Go modules."""
    from testbed.build import build

    build(say=_say)


@main.command()
@click.argument("name")
def tool(name: str) -> None:
    """Print the path of a built program (for instance actionlint), building it first when need be."""
    from testbed.build import ensure_program
    from testbed.parts import part_of

    click.echo(ensure_program(name, part_of(name), say=lambda _: None))


@main.command()
@_state
def up(state_dir: Path | None) -> None:
    """Start a testbed in the background, wait until it is ready and print where it is, as JSON."""
    import msgspec

    from testbed import choice, control, given

    state = _state_or_default(state_dir)
    source = choice.choose()
    if source is choice.Source.KUBECONFIG:
        testbed = given.testbed(state)
    else:
        testbed = control.running(state) or control.start(state, source, tethered=False, say=_timed(_say)).testbed
    click.echo(msgspec.json.format(msgspec.json.encode(testbed)))


@main.command()
@_state
def down(state_dir: Path | None) -> None:
    """Stop the testbed and remove its folder; also after a crash, and when there is none."""
    from testbed import control

    state = _state_or_default(state_dir)
    for name in control.stop(state):
        _say(f"{name}: had lost its supervisor, killed")
    control.remove(state)


@main.command()
@_state
def env(state_dir: Path | None) -> None:
    """Print the running testbed's variables for a shell: eval "$(python -m testbed env)"."""
    from testbed import control
    from testbed.cluster import STATE_VARIABLE

    state = _state_or_default(state_dir)
    testbed = control.running(state)
    if testbed is None:
        raise TestbedError(f"no testbed is running in {state}: start one with `python -m testbed up`")
    for name, value in (testbed.environment | {STATE_VARIABLE: str(state)}).items():
        click.echo(f"export {name}={shlex.quote(value)}")


def _state_or_default(state_dir: Path | None) -> Path:
    from testbed import cache

    return (state_dir or cache.base() / "running").absolute()


def _say(line: str) -> None:
    click.echo(line, err=True)


def _timed(say: Callable[[str], None]) -> Callable[[str], None]:
    started = time.monotonic()
    return lambda line: say(f"{time.monotonic() - started:5.1f} s  {line}")


if __name__ == "__main__":
    try:
        main(standalone_mode=True)
    except TestbedError as error:
        _say(f"error: {error}")
        sys.exit(1)
