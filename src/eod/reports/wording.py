"""Numbers and times in words."""

from collections.abc import Callable
from datetime import UTC, datetime

from eod.model.tier import How, Overrule

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_CENTS_BELOW = 10


def duration(seconds: float) -> str:
    """`12 s`, `4 min 10 s`, `3 h 5 min`, `2 days 4 h`."""
    whole = round(max(seconds, 0))
    if whole < 1:
        return "under 1 s"
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return _two(whole, _MINUTE, "min", 1, "s")
    if whole < 2 * _DAY:
        return _two(whole, _HOUR, "h", _MINUTE, "min")
    return _two(whole, _DAY, "days", _HOUR, "h")


def minutes_range(low: float, high: float) -> str:
    """`10-15 min` with a dash, `about 20 min`, `under 1 min`."""
    if high <= 1:
        return "under 1 min"
    return f"about {high:g} min" if low == high else f"{low:g}\u2013{high:g} min"


def moment(time: datetime) -> str:
    """`24 Nov 2026, 11:32 UTC`."""
    utc = time.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


def clock_time(time: datetime) -> str:
    """`11:32:05 UTC`."""
    return f"{time.astimezone(UTC):%H:%M:%S} UTC"


def money(dollars: float) -> str:
    """`$9.60`, `$16`."""
    return f"${dollars:.2f}" if 0 < dollars < _CENTS_BELOW and dollars != int(dollars) else f"${dollars:,.0f}"


def overruled(overrule: Overrule, quote: Callable[[str], str] = str) -> str:
    """`@ada lowered it from full on 25 Nov 2026, 11:32 UTC by the label eod/tier: none`.

    Args:
        overrule: Who, when and how.
        quote: Makes text from outside harmless where the sentence goes.
    """
    changed = overrule.found.rank - overrule.tier.rank
    verb, place = ("lowered", "from") if changed > 0 else ("raised", "from") if changed < 0 else ("kept", "at")
    who = f"{quote(f'@{overrule.by}')} {verb} it" if overrule.by else verb
    when = f" on {moment(overrule.at)}" if overrule.at is not None else ""
    means = {How.LABEL: "the label", How.INPUT: "the", How.COMMENT: "a comment, with the label"}[overrule.how]
    name = quote(overrule.name) if overrule.how is not How.INPUT else overrule.name
    return f"{who} {place} {overrule.found}{when} by {means} {name}"


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 file`, `2,950 files`."""
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"


def _two(whole: int, big: int, big_name: str, small: int, small_name: str) -> str:
    first, rest = divmod(whole, big)
    second = rest // small
    return f"{first} {big_name} {second} {small_name}" if second else f"{first} {big_name}"
