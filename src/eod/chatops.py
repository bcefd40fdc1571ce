"""Commands in comments: `/eod tier NAME`, `/eod tier auto`, `/eod up`, `/eod down`. Pure."""

from enum import StrEnum

from msgspec import Struct

from eod.config.nearest import clip
from eod.model.tier import Tier

PREFIX = "/eod"
AUTO = "auto"
_TIERS = ", ".join(f"`{tier}`" for tier in Tier)
_KNOWN = f"There are `{PREFIX} tier NAME`, `{PREFIX} tier {AUTO}`, `{PREFIX} up` and `{PREFIX} down`."


class Order(StrEnum):
    """What a comment may ask for."""

    TIER = "tier"
    UP = "up"
    DOWN = "down"


class Command(Struct, frozen=True, kw_only=True):
    """A comment that speaks to us. `tier` is `None` for `auto`; `problem` says why it cannot be followed."""

    order: Order = Order.TIER
    tier: Tier | None = None
    problem: str = ""


def parse_command(body: str) -> Command | None:
    """The command on the first line of a comment; `None` where the comment does not speak to us.

    Case and blanks do not matter. Whatever stands on the other lines is for people.
    """
    words = (body.splitlines() or [""])[0][:_LONGEST_LINE].lower().split()
    if not words or words[0] != PREFIX:
        return None
    match words[1:]:
        case ["tier", name]:
            return _tier(name)
        case ["tier", *_]:
            return Command(problem=f"`{PREFIX} tier` takes one tier: {_TIERS}, or `{AUTO}`.")
        case [("up" | "down") as order]:
            return Command(order=Order(order))
        case rest:
            return Command(problem=f"`{clip(' '.join([PREFIX, *rest]))}` is no command of ours. {_KNOWN}")


_LONGEST_LINE = 1_000


def _tier(name: str) -> Command:
    if name == AUTO:
        return Command()
    tier = next((tier for tier in Tier if tier.value == name), None)
    if tier is None:
        return Command(problem=f"There is no tier `{clip(name)}`; there are {_TIERS}, and `{AUTO}`.")
    return Command(tier=tier)
