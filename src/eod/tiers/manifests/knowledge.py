"""`data/manifests.toml`, ready to be asked."""

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import cache, cached_property
from typing import Final

from msgspec import Struct

from eod import data
from eod.model.tier import Tier
from eod.tiers.rules import words_of

_LONGEST: Final = 200
"""Characters of a name that are compared with a table."""


class KindData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"is_": "is"}):
    """Kubernetes objects that mean the same for the tier. `is_` completes "Adds Ingress `shop`: …"."""

    name: str
    added: Tier
    changed: Tier
    is_: str = ""
    kinds: tuple[str, ...]
    source: str


class FieldData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"is_": "is"}):
    """Fields of pods, or keys of values, that mean the same for the tier."""

    name: str
    tier: Tier
    is_: str = ""
    keys: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    source: str


class SubchartData(Struct, frozen=True, forbid_unknown_fields=True):
    """What says nothing of a subchart's database, and charts that run nothing."""

    harmless: tuple[str, ...]
    libraries: tuple[str, ...]
    source: str


class WordData(Struct, frozen=True, forbid_unknown_fields=True):
    """Words of sensitive settings, and names of ConfigMaps that are sensitive as a whole."""

    words: tuple[str, ...]
    config_maps: tuple[str, ...]
    source: str


class MetadataData(Struct, frozen=True, forbid_unknown_fields=True):
    """Labels and annotations that only people read, and those that controllers obey."""

    documentation: tuple[str, ...]
    meaningful: tuple[str, ...]
    source: str


class ImageData(Struct, frozen=True, forbid_unknown_fields=True):
    """Images by what runs in them."""

    database: tuple[str, ...]
    cache: tuple[str, ...]
    queue: tuple[str, ...]
    tool: tuple[str, ...]
    source: str


class CloudFormationData(Struct, frozen=True, forbid_unknown_fields=True):
    """Types of CloudFormation; `code` are a function's properties that need no infrastructure."""

    database: tuple[str, ...]
    lightweight: tuple[str, ...]
    functions: tuple[str, ...]
    code: tuple[str, ...]
    source: str


class Table(Struct, frozen=True):
    """The whole table."""

    kinds: tuple[KindData, ...]
    fields: tuple[FieldData, ...]
    values: tuple[FieldData, ...]
    subcharts: SubchartData
    sensitive: WordData
    metadata: MetadataData
    images: ImageData
    cloudformation: CloudFormationData


class Names:
    """A list of names with wildcards. Case does not matter."""

    def __init__(self, patterns: Iterable[str]) -> None:
        every = [pattern.lower() for pattern in patterns]
        self._exact = frozenset(each for each in every if not _WILD.search(each))
        wild = [translate(each) for each in every if _WILD.search(each)]
        self._wild = re.compile("|".join(wild)) if wild else None

    def __contains__(self, name: str) -> bool:
        name = name[:_LONGEST].lower()
        return name in self._exact or bool(self._wild and self._wild.match(name))


class Knowledge:
    """The table, compiled."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.pod_fields = tuple((each, frozenset(each.keys)) for each in table.fields)
        self.values = tuple(
            (each, frozenset(map(squeezed, each.keys)), frozenset(map(squeezed, each.under)))
            for each in table.values
        )
        self.harmless_in_subcharts = frozenset(map(squeezed, table.subcharts.harmless))
        self.libraries = Names(table.subcharts.libraries)
        self.documentation = Names(table.metadata.documentation)
        self.sensitive_config_maps = Names(table.sensitive.config_maps)
        self.meaningful = Names(table.metadata.meaningful)
        self.images = {
            "database": Names(table.images.database),
            "cache": Names(table.images.cache),
            "queue": Names(table.images.queue),
            "tool": Names(table.images.tool),
        }
        self.cloud_databases = Names(table.cloudformation.database)
        self.cloud_lightweight = Names(table.cloudformation.lightweight)
        self.functions = Names(table.cloudformation.functions)
        self.function_code = frozenset(table.cloudformation.code)
        self._kinds = tuple((each, Names(each.kinds)) for each in table.kinds)

    @cached_property
    def _named(self) -> dict[str, KindData]:
        """Entries by a kind that they name without wildcard, whatever its group."""
        found: dict[str, KindData] = {}
        for each in self.table.kinds:
            for one in each.kinds:
                kind = one.rpartition("/")[2]
                if not _WILD.search(kind):
                    found.setdefault(kind.lower(), each)
        return found

    def kind(self, group: str | None, kind: str) -> KindData | None:
        """What is known of a kind; `group` is `None` where it is not readable, as in a template."""
        if group is None:
            return self._named.get(kind.lower())
        name = f"{group or 'core'}/{kind}"
        return next((each for each, names in self._kinds if name in names), None)

    def role(self, image: str) -> str:
        """What runs in an image, by its repository: `database`, `cache`, `queue`, `tool`, or nothing known."""
        ends = (image.rpartition("/")[2], "/".join(image.split("/")[-2:]))
        return next((role for role, names in self.images.items() if any(end in names for end in ends)), "")

    @cached_property
    def _words(self) -> re.Pattern[str]:
        parts = ["-?".join(map(re.escape, word.split("-"))) for word in self.table.sensitive.words]
        return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(parts)})(?![a-z0-9])")

    def sensitive_word(self, name: str) -> str | None:
        """The first sensitive word in `name`."""
        found = self._words.search(words_of(name[:_LONGEST]).replace("/", "-"))
        return found[0] if found else None


@cache
def knowledge() -> Knowledge:
    """Read once a process."""
    return Knowledge(data.read("manifests", Table))


def squeezed(key: str) -> str:
    """`key` in one notation: `networkPolicy`, `network-policy` and `network_policy` are the same."""
    return "".join(letter for letter in key.lower() if letter.isalnum())


_WILD: Final = re.compile(r"[*?\[]")
