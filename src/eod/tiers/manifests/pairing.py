"""Which objects before and after a change are the same ones."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from eod.tiers.manifests.differences import leaves
from eod.tiers.manifests.objects import KubernetesObject

_FEW: Final = 20
"""Objects on either side up to which renamed ones are looked for."""

Objects = Sequence[KubernetesObject]
Pairs = list[tuple[KubernetesObject, KubernetesObject]]


def paired(old: Objects, new: Objects) -> tuple[Pairs, list[KubernetesObject], list[KubernetesObject]]:
    """Objects that are on both sides, then those that are only before, and only after.

    Objects are the same by identity; where only one of a kind is left on either side and both look alike, it was
    renamed.
    """
    pairs, gone, come = _by_identity(old, new)
    if len(gone) > _FEW or len(come) > _FEW:
        return pairs, gone, come
    before, after = Counter(each.kind for each in gone), Counter(each.kind for each in come)
    renamed = [
        (one, other)
        for one in gone
        for other in come
        if one.kind == other.kind and before[one.kind] == after[one.kind] == 1 and _alike(one, other)
    ]
    kinds = {one.kind for one, _ in renamed}
    return (
        pairs + renamed,
        [each for each in gone if each.kind not in kinds],
        [each for each in come if each.kind not in kinds],
    )


def _by_identity(old: Objects, new: Objects) -> tuple[Pairs, list[KubernetesObject], list[KubernetesObject]]:
    waiting: dict[object, list[KubernetesObject]] = {}
    for each in new:
        waiting.setdefault(each.identity, []).append(each)
    pairs: Pairs = []
    gone = []
    for each in old:
        others = waiting.get(each.identity)
        if others:
            pairs.append((each, others.pop(0)))
        else:
            gone.append(each)
    return pairs, gone, [each for others in waiting.values() for each in others]


def _alike(one: KubernetesObject, other: KubernetesObject) -> bool:
    """Whether they share most of their fields."""
    ours = {each.path for each in leaves(one.body)}
    theirs = {each.path for each in leaves(other.body)}
    return 2 * len(ours & theirs) >= max(len(ours), len(theirs))
