"""Tables and progress bars for a terminal."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

_NARROWEST = 60


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, right: frozenset[str] = frozenset()
) -> str:
    """A table of plain text, at most `width` characters wide; what does not fit is folded, never cut.

    Args:
        head: The columns' names; the first column is never folded.
        rows: The cells.
        width: Of the terminal.
        right: The columns that hold numbers.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for at, name in enumerate(head):
        made.add_column(name, justify="right" if name in right else "left", overflow="fold", no_wrap=at == 0)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    stream = io.StringIO()
    Console(file=stream, width=max(width, _NARROWEST), color_system=None, emoji=False, highlight=False).print(made)
    return "\n".join(line.rstrip() for line in stream.getvalue().rstrip("\n").split("\n")) + "\n"


@contextmanager
def progress(stream: TextIO, title: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on `stream` while the body runs, if that is a terminal; call what this gives at each step."""
    if not stream.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
