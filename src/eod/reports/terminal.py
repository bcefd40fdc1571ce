"""A run on a terminal: what is over scrolls by as lines, what goes on stays below them and moves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TextIO

from eod.model.outcome import Outcome, Step, StepState
from eod.reports.digest import tally
from eod.reports.expectation import expected, left
from eod.reports.markdown import shorten
from eod.reports.wording import count, duration

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

_RESOURCES = 6
_REFRESH_A_SECOND = 4
_UNDER_WAY = frozenset({"started", "progress"})
_WAITED_FOR = "  (all wait for this)"
_STYLES = {"error": "red", "warning": "yellow", "notice": "cyan", "debug": "bright_black", "title": "bright_white"}


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""


def style(text: str, kind: str) -> str:
    """`text` in the colour of an error, warning, notice, debug line or title: for `PlainVoice`."""
    import click

    return click.style(text, fg=_STYLES.get(kind), bold=kind in {"error", "title"})


class LiveScreen:
    """The lower lines of a terminal. Everything that is printed meanwhile has to go through `write`.

    Args:
        stream: The terminal.
        clock: Time, for what is still running.
        moving: Whether the display refreshes itself.
    """

    def __init__(self, stream: TextIO, clock: Clock, *, moving: bool = True) -> None:
        from rich.console import Console

        self._console: Console = Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=True)
        self._clock = clock
        self._moving = moving
        self._live: Live | None = None
        self._outcome: Outcome | None = None
        self._since: dict[str, datetime] = {}

    def write(self, line: str) -> None:
        """Print a line above what moves."""
        from rich.text import Text

        self._console.print(Text.from_ansi(line))

    def show(self, outcome: Outcome) -> None:
        """Show what goes on now."""
        from rich.live import Live

        self._outcome = outcome
        self._since = beginnings(self._since, outcome, self._clock.now())
        if self._live is None:
            self._live = Live(
                get_renderable=self._draw,
                console=self._console,
                auto_refresh=self._moving,
                refresh_per_second=_REFRESH_A_SECOND,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        if not self._moving:
            self._live.refresh()

    def close(self) -> None:
        """Take what moves away; the lines above stay."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _draw(self) -> "RenderableType":
        from rich.console import Group
        from rich.text import Text

        if self._outcome is None:
            return Text("")
        lines = progress_lines(self._outcome, self._clock.now(), self._since)
        return Group(*(Text(shorten(line, self._console.width - 1), style="cyan") for line in lines))


def beginnings(before: Mapping[str, datetime], outcome: Outcome, now: datetime) -> dict[str, datetime]:
    """When each resource that Terraform is at was begun: it says but every 10 s, or once, how long one takes."""
    began = {
        one.address: now - timedelta(seconds=one.elapsed_seconds)
        for one in outcome.progress
        if one.state in _UNDER_WAY
    }
    return {address: min(since, before.get(address, since)) for address, since in began.items()}


def progress_lines(outcome: Outcome, now: datetime, since: Mapping[str, datetime] | None = None) -> list[str]:
    """What goes on now, a line each: the running steps, and what Terraform is at, the longest first.

    `since` tells when each resource was begun.
    """
    since = beginnings({}, outcome, now) if since is None else since
    lines = [_step(step, outcome, now) for step in outcome.steps if step.state is StepState.RUNNING]
    estimate = outcome.estimate
    if estimate is not None and outcome.ready_seconds is None and lines:
        lines[0] += f"; usable in {expected(left(estimate.usable, estimate.at, now))}"
    waited_for = "" if estimate is None or outcome.ready_seconds is not None else estimate.waiting_for
    under_way = [one.address for one in outcome.progress if one.state in _UNDER_WAY and one.address in since]
    under_way.sort(key=lambda address: since[address])
    lines += [
        f"    {address}  {duration((now - since[address]).total_seconds())}"
        f"{_WAITED_FOR if address == waited_for else ''}"
        for address in under_way[:_RESOURCES]
    ]
    if len(under_way) > _RESOURCES:
        lines.append(f"    and {len(under_way) - _RESOURCES} more")
    return lines


def _step(step: Step, outcome: Outcome, now: datetime) -> str:
    took = duration((now - step.started_at).total_seconds())
    done, total = tally(outcome)
    of_all = f"  {done} of {count(total, 'resource')}" if step.name in {"apply", "destroy"} else ""
    return f"  {step.title}  {took}{of_all}"
