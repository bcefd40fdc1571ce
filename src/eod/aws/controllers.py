"""Which controller in the cluster made something, by the tags that it writes itself."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from msgspec import Struct

from eod.data import read
from eod.data.wildcards import matches

EXTERNAL_DNS: Final = "external-dns"
HERITAGE: Final = "heritage=external-dns"
"""What it writes beside each record of its own: https://kubernetes-sigs.github.io/external-dns/latest/docs/registry/txt/."""

NOTED_TYPES: Final = ("a", "aaaa", "cname")
"""Types that reach an environment; an alias of Route 53 counts as `cname` in some versions."""
NOTED_AT: Final = ("{type}-{name}", "{type}._metadata.{name}")
"""Where it notes a record's type: by default, and in the format `only-metadata`."""


class ControllerTag(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of `controllers.toml`."""

    key: str
    controller: str
    source: str
    value: str = ""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    tags: tuple[ControllerTag, ...]


@cache
def controller_tags() -> tuple[ControllerTag, ...]:
    """The tags by which controllers are known."""
    return read("controllers", _Table).tags


def controller_of(tags: Mapping[str, str]) -> str:
    """The controller's name; empty for what none of those that we know made."""
    for known in controller_tags():
        if any(matches(known.key, key) and known.value in {"", value} for key, value in tags.items()):
            return known.controller
    return ""
