"""What a person watches: on a terminal a line for each pull request that moves, elsewhere lines with the time."""

import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

_REFRESH_A_SECOND: Final = 4
_DOING: Final = re.compile(
    r"… (?P<step>.+)|  (?:still )?(?:creat|chang|delet|replac)ing (?P<address>\S+)|  (?P<sync>Argo CD):"
)
_NOT_TOLD: Final = ("  read ",)
_COLOURS: Final = {121: "cyan", 122: "magenta", 123: "yellow"}
_MARKS: Final = {"✓": "green", "✗": "red", "error": "red", "warning": "yellow"}


class _Row:
    """One pull request."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.state = "waiting"
        self.doing: dict[str, str] = {}
        self.since = time.monotonic()
        self.moving = False

    def hear(self, line: str) -> bool:
        """Take note of what goes on; whether the line says only that.

        What goes on has a subject, a step's title or a resource's address; a later line that holds the same
        subject tells how it ended.
        """
        match = _DOING.match(line)
        if match is None or match.lastgroup is None:
            self.doing = {subject: text for subject, text in self.doing.items() if subject not in line}
            return False
        self.doing[match[match.lastgroup]] = line.strip(" …")
        return True

    @property
    def step(self) -> str:
        """What began last and has not ended."""
        return next(reversed(self.doing.values()), "")


class Watch:
    """Takes notice from any thread. `seconds` is how long the story has lasted."""

    def __init__(self, console: "Console", *, live: bool) -> None:
        self.console = console
        self._wants_live = live
        self._live: Live | None = None
        self._lock = threading.Lock()
        self._rows: dict[int, _Row] = {}
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the curtain rose."""
        return time.monotonic() - self._started

    @contextmanager
    def following(self, titles: dict[int, str]) -> Iterator[None]:
        """Follow these pull requests while the block lasts."""
        from rich.live import Live

        self._rows = {number: _Row(title) for number, title in titles.items()}
        if not self._wants_live:
            yield
            return
        with Live(
            get_renderable=self.table,
            console=self.console,
            refresh_per_second=_REFRESH_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield

    def say(self, text: str, number: int | None = None) -> None:
        """Something that is worth a line."""
        from rich.text import Text

        line = Text(f"{self.seconds:6.1f} s  ", style="bright_black")
        if number is not None:
            line.append(f"#{number} ", style=_COLOURS.get(number, ""))
        mark = next((style for mark, style in _MARKS.items() if text.startswith(mark)), "")
        line.append(text, style=mark)
        with self._lock:
            if self._wants_live:
                self.console.print(line, no_wrap=True, overflow="ellipsis")
            else:
                self.console.print(line, soft_wrap=True)

    def move(self, number: int, state: str, text: str = "", *, moving: bool = True) -> None:
        """A pull request is in another state."""
        row = self._rows[number]
        row.state, row.doing, row.since, row.moving = state, {}, time.monotonic(), moving
        if text:
            self.say(text, number)

    def hear(self, number: int, line: str) -> None:
        """A job printed a line."""
        row = self._rows[number]
        line = "".join(char for char in line if char.isprintable()).removeprefix(f"pr-{number}: ")
        if not row.hear(line) and not line.startswith(_NOT_TOLD):
            self.say(line, number)

    def table(self) -> "Table":
        from rich.table import Table

        table = Table.grid(padding=(0, 2), expand=True)
        for _ in range(4):
            table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
        table.add_row("", "", "", "", "")
        for number, row in self._rows.items():
            took = f"{time.monotonic() - row.since:4.0f} s" if row.moving else ""
            colour = _COLOURS.get(number, "")
            table.add_row(f"[{colour}]#{number}[/]", row.title, f"[bold]{row.state}[/]", took, _plain(row.step))
        return table


def make_watch() -> Watch:
    """For standard output, whatever it is."""
    from rich.console import Console

    live = sys.stdout.isatty()
    console = Console(highlight=False, emoji=False, width=None if live else 160)
    return Watch(console, live=live and console.is_terminal)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
