"""Where two pieces of plain data differ, leaf by leaf."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from eod.tiers.manifests.yamldata import Value, plain_key

_NAMES: Final = ("name", "key", "mountPath", "containerPort", "port", "id", "alias", "image", "host", "path")
"""Fields by which the items of a list are told apart, as in Kubernetes' lists of maps."""

_WHOLE: Final = ("the whole",)
"""The path of a value that stands in nothing else: no path is empty."""

Path = tuple[str, ...]


class Absent:
    """There is no value on this side."""


ABSENT: Final = Absent()


class Difference(Struct, frozen=True):
    """One leaf that differs. Items of lists stand in the path as `[name]`, or `[]` where they have none."""

    path: Path
    old: Value
    new: Value

    @property
    def added(self) -> bool:
        """Whether there was nothing before."""
        return self.old is ABSENT

    @property
    def removed(self) -> bool:
        """Whether there is nothing any more."""
        return self.new is ABSENT

    @property
    def dotted(self) -> str:
        """The path as people write it: `spec.containers[web].image`."""
        return ".".join(self.path).replace(".[", "[")


def differences(old: Value, new: Value, path: Path = ()) -> Iterator[Difference]:
    """All leaves that differ. Both sides are bounded in depth and size, as the loader makes them."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_mappings(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, path)
    elif type(old) is not type(new) or old != new:
        yield from _one_side(old, path, gone=True)
        yield from _one_side(new, path, gone=False)


def leaves(value: Value, path: Path = ()) -> Iterator[Difference]:
    """All leaves of `value`, as if it had been added."""
    return _one_side(value, path, gone=False)


def _of_mappings(old: dict[str, Value], new: dict[str, Value], path: Path) -> Iterator[Difference]:
    for key in {**old, **new}:
        inside = (*path, plain_key(key))
        if key not in old:
            yield from _one_side(new[key], inside, gone=False)
        elif key not in new:
            yield from _one_side(old[key], inside, gone=True)
        elif _leaf(old[key]) and _leaf(new[key]):
            if type(old[key]) is not type(new[key]) or old[key] != new[key]:
                yield Difference(inside, old[key], new[key])
        else:
            yield from differences(old[key], new[key], inside)


def _of_lists(old: list[Value], new: list[Value], path: Path) -> Iterator[Difference]:
    before, after = _named(old), _named(new)
    if before is None or after is None:
        yield from _of_unnamed(old, new, path)
        return
    for name in {**before, **after}:
        inside = (*path, f"[{name}]")
        if name not in before:
            yield from _one_side(after[name], inside, gone=False)
        elif name not in after:
            yield from _one_side(before[name], inside, gone=True)
        else:
            yield from differences(before[name], after[name], inside)


def _named(items: list[Value]) -> dict[str, Value] | None:
    """The items by their names, if all have one and no two the same."""
    for field in _NAMES:
        found = {str(item[field]): item for item in items if isinstance(item, dict) and _leaf(item.get(field, {}))}
        if len(found) == len(items):
            return found
    return None


def _of_unnamed(old: list[Value], new: list[Value], path: Path) -> Iterator[Difference]:
    """Items that both lists have are dropped, whatever their order; the rest is compared in order."""
    before, after = _surplus(old, new), _surplus(new, old)
    inside = (*path, "[]")
    if not before and not after and old != new:
        yield Difference(inside, "in another order", "order")
    for one, other in zip(before, after, strict=False):
        yield from differences(one, other, inside)
    for item in before[len(after) :]:
        yield from _one_side(item, inside, gone=True)
    for item in after[len(before) :]:
        yield from _one_side(item, inside, gone=False)


def _surplus(items: list[Value], others: list[Value]) -> list[Value]:
    left = Counter(map(repr, others))
    found = []
    for item in items:
        if left[repr(item)] > 0:
            left[repr(item)] -= 1
        else:
            found.append(item)
    return found


def _one_side(value: Value, path: Path, *, gone: bool) -> Iterator[Difference]:
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _one_side(each, (*path, plain_key(key)), gone=gone)
    elif isinstance(value, list) and value:
        named = _named(value)
        items = (
            [(f"[{name}]", each) for name, each in named.items()] if named else [("[]", each) for each in value]
        )
        for part, each in items:
            yield from _one_side(each, (*path, part), gone=gone)
    else:
        where = path or _WHOLE
        yield Difference(where, value, ABSENT) if gone else Difference(where, ABSENT, value)


def _leaf(value: Value) -> bool:
    return not isinstance(value, dict | list)
