"""Manifests that are documents: which of their keys changed, and what they ask for."""

import json
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from eod import data

_SIZE_LIMIT: Final = 2 << 20
"""Characters of a manifest that is parsed."""

_RUNTIME: Final = ("dependencies", "optionalDependencies", "peerDependencies", "require")


class Inert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of manifests that say nothing about what runs: settings of tools, and words for people."""

    json_keys: frozenset[str]
    scripts: tuple[str, ...]
    tools: frozenset[str]
    project_keys: frozenset[str]
    source: str


class _Table(Struct, frozen=True):
    inert: Inert


class Manifest(Struct, frozen=True):
    """A manifest's changed keys (`tool.ruff`, `scripts.test`).

    `before` and `after` are the packages that a manifest of JSON asks for at run time; `None` for other manifests,
    which have too many ways to ask.
    """

    changed: tuple[str, ...]
    before: frozenset[str] | None = None
    after: frozenset[str] | None = None


def read_manifest(path: str, old: str, new: str) -> Manifest | None:
    """What changed in a manifest of JSON or TOML; `None` if it is neither, or does not parse."""
    parse = _PARSERS.get(path.rpartition(".")[2])
    if parse is None or max(len(old), len(new)) > _SIZE_LIMIT:
        return None
    try:
        before, after = parse(old or "{}") if old else {}, parse(new) if new else {}
    except (ValueError, RecursionError):
        return None
    if not isinstance(before, dict) or not isinstance(after, dict):
        return None
    changed = tuple(_changed(before, after))
    return Manifest(changed, _asked(before), _asked(after)) if path.endswith(".json") else Manifest(changed)


def runs_nothing(path: str, changed: tuple[str, ...]) -> bool:
    """Whether all changed keys are settings of tools that do not run in an environment, or words for people."""
    inert = _inert_in_toml if path.endswith(".toml") else _inert_in_json
    return bool(changed) and all(inert(key) for key in changed)


def _inert_in_json(key: str) -> bool:
    first, _, rest = key.partition(".")
    if first == "scripts":
        return rest.removeprefix("pre").removeprefix("post").startswith(_inert().scripts)
    return first in _inert().json_keys


def _inert_in_toml(key: str) -> bool:
    first, _, rest = key.partition(".")
    if first == "tool":
        return rest.partition(".")[0] in _inert().tools
    if first in {"project", "package"}:
        return rest.partition(".")[0] in _inert().project_keys
    return False


def _changed(before: dict[str, object], after: dict[str, object], depth: int = 2) -> Iterator[str]:
    """Keys that differ, down to the second level (`tool.ruff`), where what is told by it lies."""
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        inner_old, inner_new = old if old is not None else {}, new if new is not None else {}
        if depth > 1 and isinstance(inner_old, dict) and isinstance(inner_new, dict) and (inner_old or inner_new):
            yield from (f"{key}.{inner}" for inner in _changed(inner_old, inner_new, depth - 1))
        else:
            yield key


def _asked(document: dict[str, object]) -> frozenset[str]:
    names: set[str] = set()
    for key in _RUNTIME:
        wanted = document.get(key)
        if isinstance(wanted, dict):
            names.update(name.lower() for name in wanted)
    return frozenset(names)


@cache
def _inert() -> Inert:
    return data.read("dependencies", _Table).inert


def _json(text: str) -> object:
    return json.loads(text)


def _toml(text: str) -> object:
    return tomllib.loads(text)


_PARSERS: Final = {"json": _json, "toml": _toml}
