"""Which package manager a file belongs to (`data/dependencies.toml`)."""

from functools import cache

from msgspec import Struct

from eod import data
from eod.data.globs import Globs


class Ecosystem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One package manager, or several that share their packages."""

    name: str
    manifests: tuple[str, ...]
    locks: tuple[str, ...]
    comment: str
    drivers: tuple[str, ...]
    source: str

    def is_driver(self, package: str) -> bool:
        """Whether `package` (in lower case) talks to a database."""
        exact, starts = _drivers(self.drivers)
        return package in exact or package.startswith(starts)


class _Table(Struct, frozen=True):
    ecosystems: tuple[Ecosystem, ...]


class Place(Struct, frozen=True):
    """What a file is to its package manager."""

    ecosystem: Ecosystem
    lock: bool


def place_of(path: str) -> Place | None:
    """The package manager that reads `path`; `None` if none does."""
    for ecosystem, manifests, locks in _specs():
        if locks.match(path):
            return Place(ecosystem, lock=True)
        if manifests.match(path):
            return Place(ecosystem, lock=False)
    return None


@cache
def _drivers(names: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    exact = frozenset(name.lower() for name in names if not name.endswith("*"))
    return exact, tuple(name.lower().removesuffix("*") for name in names if name.endswith("*"))


@cache
def _specs() -> tuple[tuple[Ecosystem, Globs, Globs], ...]:
    return tuple(
        (each, Globs(each.manifests), Globs(each.locks)) for each in data.read("dependencies", _Table).ecosystems
    )
