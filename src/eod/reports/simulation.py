"""A simulation for people: a table for a terminal, a page with charts for a manager, JSON for programs."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from eod.model.tier import Tier
from eod.reports.printable import plain
from eod.reports.tables import table
from eod.reports.wording import count, money
from eod.simulation import Simulation
from eod.simulation.policy import Sum

COLOURS = {
    Tier.NONE: "#8c959f",
    Tier.LIGHTWEIGHT: "#0969da",
    Tier.FRONTEND: "#1a7f37",
    Tier.DATABASE: "#8250df",
    Tier.FULL: "#bc4c00",
}
_RULES_SHOWN = 15
_ROWS_SHOWN = 200
_TEXT_ROWS = 15
_NUMBERS = frozenset({"changes", "share", "waited", "spent", "tried with too little"})


class About(Struct, frozen=True, kw_only=True):
    """What a report is about: the repository's name, the time that it covers, and what it is held against."""

    repository: str
    since: datetime
    until: datetime
    against: str = ""


def simulation_json(simulation: Simulation, about: About) -> str:
    """The report as a JSON document; its keys are stable."""
    document = {**msgspec.to_builtins(about), **msgspec.to_builtins(simulation, str_keys=True)}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def simulation_text(simulation: Simulation, about: About, width: int) -> str:
    """The report as tables."""
    lines = [f"{count(simulation.changes, 'change')} since {about.since:%Y-%m-%d}", ""]
    if not simulation.changes:
        return lines[0] + ": nothing to simulate. Ask for more with --since, or name another branch with --tip."
    shares = [
        (str(one.tier), f"{one.changes:,}", f"{one.share:.0%}", _time(one.minutes), money(one.dollars))
        for one in simulation.tiers
    ]
    lines.append(_tabled(("tier", "changes", "share", "waited", "spent"), shares, width))
    sums = [*simulation.sums, *((simulation.other,) if simulation.other else ())]
    rows = [(one.name, _time(one.minutes), money(one.dollars), _short(one)) for one in sums]
    lines.append(_tabled(("policy", "waited", "spent", "tried with too little"), rows, width))
    rules = [(one.rule, str(one.tier), f"{one.changes:,}") for one in simulation.rules[:_RULES_SHOWN]]
    lines.append(_tabled(("decided by", "tier", "changes"), rules, width))
    if about.against:
        lines.append(_moved(simulation, about, width))
    if simulation.failed:
        lines.append(f"{count(len(simulation.failed), 'change')} could not be judged:")
        lines += [f"  {one.change.head[:10]} {plain(one.error)}" for one in simulation.failed[:_TEXT_ROWS]]
    return "\n".join(lines)


def simulation_page(simulation: Simulation, about: About) -> str:
    """The report as one HTML page that loads nothing from elsewhere. Titles and paths come from outside."""
    page: str = (
        _environment()
        .get_template("simulation.html.j2")
        .render(
            s=simulation,
            about=about,
            tiers=list(Tier),
            colours=COLOURS,
            sums=[*simulation.sums, *((simulation.other,) if simulation.other else ())],
            most_minutes=max((one.minutes for one in simulation.sums), default=0) or 1,
            most_dollars=max((one.dollars for one in simulation.sums), default=0) or 1,
            most_a_week=max((sum(week.tiers.values()) for week in simulation.weeks), default=0) or 1,
            rules=simulation.rules[:_RULES_SHOWN],
            rows=_ROWS_SHOWN,
        )
    )
    return page


def _moved(simulation: Simulation, about: About, width: int) -> str:
    if not simulation.moved:
        return f"{about.against} moves no change."
    rows = [
        (f"{one.before} → {one.after}", one.change.head[:10], plain(one.change.title), plain(one.path), one.rule)
        for one in simulation.moved[:_TEXT_ROWS]
    ]
    more = len(simulation.moved) - _TEXT_ROWS
    table = _tabled((f"moved by {about.against}", "commit", "title", "decided by", "rule"), rows, width)
    return table + (f"… and {more} more; `--json` lists them all.\n" if more > 0 else "")


def _short(one: Sum) -> str:
    return f"{one.short:,}" if one.short else ""


def _time(minutes: float) -> str:
    return f"{minutes / 60:,.1f} h" if minutes >= 60 else f"{minutes:.0f} min"  # noqa: PLR2004  # an hour


def _tabled(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], width: int) -> str:
    return table(head, rows, width, right=_NUMBERS)


@cache
def _environment() -> Any:
    from jinja2 import PackageLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=PackageLoader("eod.reports"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "money": money,
        "hours": _time,
        "counted": count,
        "percent": "{:.0%}".format,
        "thousands": "{:,}".format,
        "plain": plain,
    }
    return environment
