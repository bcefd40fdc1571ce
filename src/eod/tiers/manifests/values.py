"""Values of a Helm chart: what the names of their keys say.

The names are a convention: https://helm.sh/docs/chart_best_practices/values/.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from eod.model.tier import Tier
from eod.tiers.manifests.differences import Difference, differences
from eod.tiers.manifests.images import another_engine, another_major
from eod.tiers.manifests.knowledge import knowledge, squeezed
from eod.tiers.manifests.wording import fields, strictest_of
from eod.tiers.manifests.workloads import judge_image
from eod.tiers.manifests.yamldata import Value
from eod.tiers.opinion import Opinion

_SUBCHART_DEPTH: Final = 2
_ENGINE: Final = frozenset({"engine", "dialect", "databasetype", "dbtype", "databaseengine", "databasedriver"})
_SETTINGS: Final = frozenset({"config", "configuration", "configfile", "settings"})
_IMAGE: Final = frozenset({"tag", "digest", "pullpolicy", "imagetag", "imagepullpolicy", "sha"})
_SIZE: Final = frozenset(
    {"resources", "replicas", "replicacount", "livenessprobe", "readinessprobe", "startupprobe"}
)


def judge_values(old: Value, new: Value, what: str = "the values") -> Opinion | None:
    """What changed in values; `None` where nothing did. `what` names them in the sentence."""
    found = list(differences(old, new))
    if not found:
        return None
    return strictest_of((*_opinions(found, what), *_repositories(old, new, what)))


def _opinions(found: Sequence[Difference], what: str) -> Iterator[Opinion]:
    keys = [tuple(squeezed(part) for part in each.path) for each in found]
    subcharts = set()
    for entry, names, under in knowledge().values:
        hit = [found[at] for at, path in enumerate(keys) if names.intersection(_outside(path))]
        if under:
            inside = [at for at, path in enumerate(keys) if under.intersection(path[:_SUBCHART_DEPTH])]
            subcharts.update(inside)
            hit = [found[at] for at in inside if _weighs(found[at], keys[at], under)]
        if hit:
            yield Opinion(entry.tier, entry.name, f"Changes {fields(hit)} of {what}: {entry.is_}.")
    yield from _images(found, what)
    for at, (each, path) in enumerate(zip(found, keys, strict=True)):
        if at not in subcharts and not _mere_size(path):
            yield from _one(each, path, what)
    yield Opinion(Tier.LIGHTWEIGHT, "values", f"Changes {fields(found)} of {what}.")


def _one(each: Difference, path: tuple[str, ...], what: str) -> Iterator[Opinion]:
    if _ENGINE.intersection(path):
        yield Opinion(Tier.DATABASE, "database", f"Changes {fields([each])} of {what}: the engine of a database.")
    if path[-2:] == ("service", "type"):
        yield Opinion(Tier.FULL, "network-route", f"Changes {fields([each])} of {what}: a way into the cluster.")
    word = next((word for part in each.path if (word := knowledge().sensitive_word(part))), None)
    if word:
        yield Opinion(Tier.FULL, "sensitive-setting", f"Changes {fields([each])} of {what}: it says `{word}`.")


def _images(found: Iterable[Difference], what: str) -> Iterator[Opinion]:
    for each in found:
        if each.path[-1] == "image" and isinstance(each.new, str):
            yield from judge_image(each.old, each.new, what)
    tags = [each for each in found if each.path[-1] in {"tag", "digest", "imageTag", "appVersion"}]
    if tags:
        yield Opinion(Tier.LIGHTWEIGHT, "image-version", f"Another version of an image in {what}: {fields(tags)}.")


def _outside(path: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that speak of the deployment: no mere size, nothing inside an application's own settings."""
    if _mere_size(path):
        return ()
    return path[: next((at for at, key in enumerate(path) if key in _SETTINGS), len(path))]


def _mere_size(path: tuple[str, ...]) -> bool:
    """Whether the key is a version or a size, whatever it belongs to."""
    return path[-1] in _IMAGE or not _SIZE.isdisjoint(path)


def _weighs(each: Difference, path: tuple[str, ...], under: frozenset[str]) -> bool:
    """Whether it says something of a subchart's database itself."""
    if not knowledge().harmless_in_subcharts.isdisjoint(path):
        return False
    if path[-1] in _IMAGE and isinstance(each.old, str) and isinstance(each.new, str):
        return _another_version(each.old, each.new, path, under)
    return True


def _another_version(old: str, new: str, path: tuple[str, ...], under: frozenset[str]) -> bool:
    """Whether it is another version of the subchart's own image, and no other's; of a cache, a major one."""
    *parents, _ = (part for part in path if part != "image")
    if not parents or parents[-1] not in under:
        return False
    cache = knowledge().role(parents[-1]) == "cache"
    return another_major(old, new) if cache else another_engine(old, new)


def _repositories(old: Value, new: Value, what: str) -> Iterator[Opinion]:
    """Images that are written as a repository and a tag apart."""
    before = dict(_apart(old, ()))
    for path, image in _apart(new, ()):
        if before.get(path, "") != image:
            yield from judge_image(before.get(path), image, what)


def _apart(value: Value, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        repository = value.get("repository")
        if isinstance(repository, str):
            yield path, f"{repository}:{value.get('tag') or ''}"
        for key, each in value.items():
            yield from _apart(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _apart(each, (*path, str(at)))
