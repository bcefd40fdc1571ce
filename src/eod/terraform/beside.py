"""Commands that only read, run beside the one that matters: each in a private directory of its own."""

from typing import Final

from msgspec import structs

from eod.errors import TerraformError
from eod.terraform.dot import edges_in, hides_edges
from eod.terraform.process import Launcher
from eod.terraform.references import Edge
from eod.terraform.session import Session
from eod.terraform.workplace import Workplace

GRAPH_SECONDS: Final = 60.0
"""An estimate is not worth a longer wait."""


def beside(session: Session, name: str) -> Session:
    """The same session, for a command that runs at the same time as another."""
    place = Workplace(session.place.directory / name)
    launcher = Launcher(
        binary=session.engine.path,
        environment=session.environment,
        place=place,
        interrupts=session.interrupts,
        clock=session.clock,
    )
    return structs.replace(session, place=place, launcher=launcher)


def hidden_edges(session: Session) -> tuple[Edge, ...]:
    """The edges that plan JSON leaves out, where this configuration has any.

    Without them an estimate is less exact and a gate opens later, so a graph that cannot be had is no error.

    Raises:
        CancelledError: The run was cancelled.
    """
    if not hides_edges(session.root, session.place.data):
        return ()
    try:
        printed, ended = beside(session, "graph").capture("graph", ["graph", "-type=plan"], seconds=GRAPH_SECONDS)
    except TerraformError:
        return ()
    return tuple(edges_in(printed.decode(errors="replace"))) if ended.returncode == 0 else ()
