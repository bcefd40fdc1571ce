"""What changed calls of modules ask for: by their source and version, by their inputs, by what they are about."""

from collections.abc import Callable, Iterable
from posixpath import dirname
from typing import Final

from eod.data.kinds import kind_of
from eod.model.tier import Tier
from eod.tiers.dependencies.versions import Step
from eod.tiers.hcl.blocks import Block, text_of
from eod.tiers.hcl.difference import Leaf
from eod.tiers.hcl.knowledge import light, subject_of, tiers_of
from eod.tiers.hcl.resources import REPEATS
from eod.tiers.hcl.scope import Scope
from eod.tiers.hcl.steps import moved_by, without_reference
from eod.tiers.hcl.weight import Weight, by_class, judged, reach
from eod.tiers.opinion import Opinion

Follow = Callable[[str, str], "Opinion | None"]
"""What reaches whom: asked with a directory and a reference, the strictest of its uses; `None` if untold."""

_LIGHT_SUBJECTS: Final = frozenset({"monitoring", "helper"})
_OWN_CLASSES: Final = frozenset({"database", "network", "identity", "queue", "storage", "cache"})
"""Subjects of which an input is not light for being called `timeout` or `instance_type`."""

_HOSTS: Final = frozenset({"", "compute", "cluster"})
"""What a database may be run on: its name then says more than the source does."""

_STRICT_SUBJECTS: Final = frozenset({"network", "identity", "queue"})


def call_made(block: Block, verb: str, scope: Scope) -> Opinion:
    """A module that is added or removed: everything in it is."""
    weight = _whole(block, scope)
    return Opinion(weight.tier, weight.rule, f"{verb} `{block.address}`: {weight.because}.")


def call_touched(block: Block, leaves: Iterable[Leaf], scope: Scope, follow: Follow) -> Opinion:
    """A module of which source, version or inputs change."""
    return judged(block, [(leaf, _weight(block, leaf, scope, follow)) for leaf in leaves])


def makes_nothing(block: Block, scope: Scope) -> bool:
    """Whether it calls a module of this repository that makes no resource: it only works out values."""
    child = scope.local_module(dirname(block.path), text_of(block.body.get("source", "")))
    return child is not None and scope.types(child) == frozenset()


def subject_of_call(block: Block) -> str:
    """What the module is about: its source says more than its name does."""
    source = without_reference(block.body.get("source", ""))
    tail = source.split("//")[-1] if "//" in source.removeprefix("https://") else source
    by_source = subject_of(tail.rsplit("/", 1)[-1]) or subject_of(tail)
    by_name = subject_of(block.labels[-1]) if block.labels else ""
    return by_name if by_name == "database" and by_source in _HOSTS else by_source or by_name


def source_weight(old: object, new: object, subject: str) -> Weight:
    """Another source or version of a module that is about `subject`."""
    step = moved_by(old, new)
    if step is Step.OTHER or (step is Step.MAJOR and subject not in _LIGHT_SUBJECTS):
        what = "another major version of the module" if step is Step.MAJOR else "another source of the module"
        return Weight(Tier.FULL, "hcl-module", f"{what}, which may plan anything")
    small = "a patch" if step is Step.PATCH else "another version"
    if subject == "database":
        return Weight(Tier.DATABASE, "hcl-database", f"{small} of a module for databases")
    if subject in _STRICT_SUBJECTS:
        return Weight(Tier.FULL, f"hcl-{subject}", f"{small} of a module for {subject}")
    if step is Step.PATCH or subject in _LIGHT_SUBJECTS:
        return Weight(Tier.LIGHTWEIGHT, "hcl-module", f"{small} of the module")
    return Weight(Tier.FULL, "hcl-module", f"{small} of the module, which may add resources")


def _weight(block: Block, leaf: Leaf, scope: Scope, follow: Follow) -> Weight:
    name = leaf.keys[0] if leaf.keys else ""
    subject = subject_of_call(block)
    if name in {"source", "version"}:
        return source_weight(leaf.old, leaf.new, subject)
    if name in REPEATS:
        return _whole(block, scope)
    of_input = subject_of(name)
    kind = subject if subject in _OWN_CLASSES else "database" if of_input == "database" else "module"
    known = by_class(leaf, kind)
    if known is not None:
        return known
    child = scope.local_module(dirname(block.path), text_of(block.body.get("source", "")))
    if child is not None and name not in block.body and _takes_no(name, child, scope):
        return Weight(Tier.LIGHTWEIGHT, "hcl-module", "the module takes it no longer, and is judged for itself")
    reached = None if child is None else follow(child, f"var.{name}")
    if reached is not None:
        return reach(reached)
    return _by_subject(subject, of_input)


def _takes_no(name: str, child: str, scope: Scope) -> bool:
    return scope.types(child) is not None and not scope.declares(child, name)


def _by_subject(subject: str, of_input: str) -> Weight:
    if "database" in {subject, of_input}:
        return Weight(Tier.DATABASE, "hcl-database", "a module for databases")
    if subject in _LIGHT_SUBJECTS:
        return Weight(Tier.LIGHTWEIGHT, "hcl-module", f"a module for {subject}")
    if subject:
        return Weight(Tier.FULL, f"hcl-{subject}", f"a module for {subject}")
    return Weight(Tier.FULL, "hcl-module", "a module whose resources are not told here")


def _whole(block: Block, scope: Scope) -> Weight:
    child = scope.local_module(dirname(block.path), text_of(block.body.get("source", "")))
    types = None if child is None else scope.types(child)
    if types and "module" not in types:
        heaviest = max(sorted(types), key=lambda each: _tier_of_type(each).rank)
        return Weight(_tier_of_type(heaviest), "hcl-module", f"it makes `{heaviest}`")
    subject = subject_of_call(block)
    if subject in _LIGHT_SUBJECTS:
        return Weight(Tier.LIGHTWEIGHT, "hcl-module", f"a module for {subject}")
    if subject == "database":
        return Weight(Tier.DATABASE, "hcl-database", "a module for databases")
    return Weight(Tier.FULL, "hcl-module", "everything that the module makes")


def _tier_of_type(resource_type: str) -> Tier:
    return Tier.LIGHTWEIGHT if light(resource_type) else tiers_of(kind_of(resource_type).name)[0]
