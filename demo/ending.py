"""What is printed when the story is over: what was looked at, and the table."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.findings import Finding
from demo.gallery import Poster
from demo.table import Line


def print_findings(console: Console, poster: Poster) -> None:
    """Everything that was looked at: what is wrong in full, what is right in a word."""
    console.print()
    for title, findings in (
        ("Did it go as promised?", poster.expectations),
        ("Is anything left?", poster.leftovers),
    ):
        console.print(Text(title, style="bold"))
        _print(console, findings)
    for trouble in poster.troubles:
        console.print(Text(f"  ✗ {trouble}", style="red"))


def print_table(console: Console, lines: Sequence[Line]) -> None:
    """A row for each pull request."""
    shown = Table(title=None, header_style="bold")
    for heading in ("Pull request", "Tier"):
        shown.add_column(heading)
    shown.add_column("Usable after", justify="right")
    shown.add_column("Where the time went")
    shown.add_column("Second push", justify="right")
    shown.add_column("Gone after", justify="right")
    shown.add_column("Certificate")
    for line in lines:
        shown.add_row(
            f"#{line.number}",
            line.tier,
            _seconds(line.ready_seconds),
            line.where,
            _seconds(line.push_seconds),
            _seconds(line.removal_seconds),
            line.certificate,
        )
    console.print()
    console.print(shown)


def _print(console: Console, findings: Sequence[Finding]) -> None:
    for finding in findings:
        mark, style = ("✓", "green") if finding.ok else ("✗", "red")
        line = Text(f"  {mark} ", style=style)
        line.append(finding.what, style="" if finding.ok else "red")
        if finding.detail:
            line.append(f": {finding.detail}", style="bright_black" if finding.ok else "red")
        console.print(line, soft_wrap=True)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} s"
