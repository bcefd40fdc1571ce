"""What `data/hcl.toml` says: tiers of kinds, classes of attributes, what modules are about."""

import re
from functools import cache

from msgspec import Struct

from eod import data
from eod.data.kinds import UNKNOWN, Kind
from eod.data.wildcards import matches
from eod.model.tier import Tier

_WORDS = re.compile(r"[^a-z0-9]+")


class KindTier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a kind of resource asks for when one is made or goes, and when one changes."""

    name: str
    made: Tier
    changed: Tier
    source: str


class Light(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Types that need nothing of their own."""

    types: tuple[str, ...]
    reason: str
    source: str


class AttributeClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Attributes that ask for less than their resource's kind does."""

    name: str
    tier: Tier
    reason: str
    names: tuple[str, ...]
    source: str
    kinds: tuple[str, ...] = ()
    not_kinds: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def holds(self, attribute: str, kind: str, resource_type: str) -> bool:
        """Whether `attribute` of such a resource belongs to this class."""
        return (
            (not self.kinds or kind in self.kinds)
            and kind not in self.not_kinds
            and (not self.types or any(matches(each, resource_type) for each in self.types))
            and any(matches(each, attribute) for each in self.names)
        )


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that tell what a module or chart is about. A final `*` stands for the rest of a word."""

    words: tuple[str, ...]
    source: str
    kind: str = ""


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/hcl.toml`."""

    kinds: tuple[KindTier, ...]
    light: tuple[Light, ...]
    attributes: tuple[AttributeClass, ...]
    modules: tuple[Words, ...]
    guards: tuple[Words, ...]


@cache
def table() -> Table:
    """Read once a process."""
    return data.read("hcl", Table)


@cache
def tiers_of(kind: str) -> tuple[Tier, Tier]:
    """What a kind asks for when one is made, and when one changes."""
    found = next((each for each in table().kinds if each.name == kind), None)
    return (Tier.FULL, Tier.FULL) if found is None else (found.made, found.changed)


@cache
def light(resource_type: str) -> str:
    """Why a type needs nothing of its own; empty where it does."""
    found = (each.reason for each in table().light if any(matches(name, resource_type) for name in each.types))
    return next(found, "")


@cache
def class_of(attribute: str, kind: str, resource_type: str = "") -> AttributeClass | None:
    """The class of an attribute; `kind` may also be `module` or `variable`."""
    return next((each for each in table().attributes if each.holds(attribute, kind, resource_type)), None)


@cache
def subject_of(name: str) -> str:
    """What a module is about, by the words of `name`: a kind, `helper`, or nothing that we know."""
    return next((each.kind for each in table().modules if _says(name, each.words)), "")


@cache
def guards(name: str) -> bool:
    """Whether a chart or release of this name decides who may reach what."""
    return any(_says(name, each.words) for each in table().guards)


def described(kind: Kind) -> str:
    """`message queue`; what to say of a type that has no kind."""
    return "of a kind that we do not know" if kind is UNKNOWN else _lower(kind.title)


def _lower(title: str) -> str:
    """`Message queue` within a sentence; `CDN distribution` stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _says(name: str, words: tuple[str, ...]) -> bool:
    text = f"-{_WORDS.sub('-', name.lower())}-"
    return any(f"-{word[:-1]}" in text if word.endswith("*") else f"-{word}-" in text for word in words)
