"""What one changed block asks for, and what follows from it elsewhere in the module."""

from collections.abc import Callable, Iterable
from posixpath import dirname
from typing import Final

from eod.model.tier import Tier
from eod.tiers.hcl import calls, resources, settings
from eod.tiers.hcl.blocks import VALUE, Block, text_of
from eod.tiers.hcl.callers import Callers
from eod.tiers.hcl.difference import Leaf
from eod.tiers.hcl.knowledge import subject_of
from eod.tiers.hcl.optionals import another_default
from eod.tiers.hcl.outputs import output_renamed, output_touched
from eod.tiers.hcl.scope import Scope
from eod.tiers.hcl.weight import Weight, by_class, judged, reach
from eod.tiers.opinion import Opinion

_DECLARATION: Final = frozenset(
    {"type", "sensitive", "nullable", "ephemeral", "validation", "description", "const", "deprecated"}
)
_RECORDS: Final = {
    "moved": "what is called otherwise now",
    "import": "what exists already is taken over",
    "removed": "what Terraform forgets",
    "check": "it only checks",
}
_HOPS: Final = 12
_REFERENCES: Final = 60
"""References of one pull request that are followed, and how far each."""


class Judge:
    """Judges changed blocks against what surrounds them.

    Args:
        scope: The modules as they are after the change.
        callers: Who calls them then.
    """

    def __init__(self, scope: Scope, callers: Callers) -> None:
        self._scope = scope
        self._callers = callers
        self._followed: dict[tuple[str, str], Opinion | None] = {}
        self._trail: list[tuple[str, str]] = []

    def made(self, block: Block, verb: str) -> Opinion:
        """A block that is added or removed."""
        if block.type == "module":
            return calls.call_made(block, verb, self._scope)
        if block.type == "attribute":
            return self.touched(block, (Leaf((VALUE,), None, block.body.get(VALUE)),))
        return _MADE.get(block.type, _recorded)(block, verb)

    def renamed(self, old: Block, new: Block) -> Opinion:
        """A block that stays what it is under another name."""
        what = f"`{old.address}` is called `{new.address}` now"
        weight = self._followed_by_callers(old, new)
        if weight is None or weight.tier.rank <= Tier.LIGHTWEIGHT.rank:
            return Opinion(Tier.LIGHTWEIGHT, "hcl-moved", f"{what}; nothing else changed.")
        return Opinion(weight.tier, weight.rule, f"{what}, and so must callers call it: {weight.because}.")

    def _followed_by_callers(self, old: Block, new: Block) -> Weight | None:
        """What another name of a variable or output weighs; `None` where nobody else has to follow."""
        if new.type == "output":
            return output_renamed(old, new, self._of_callers)
        if new.type != "variable" or self._scope.uses(dirname(new.path), new.address) == []:
            return None
        return self._reach(new, Leaf(("default",)))

    def remade(self, old: Block, new: Block) -> Opinion:
        """A block under another name of which nothing tells Terraform that it is the same."""
        found = self.made(new, "Adds")
        what = f"`{old.address}` is called `{new.address}` now without a `moved` block, so it is made anew"
        return Opinion(found.tier, found.rule, f"{what}: {found.reason.partition(': ')[2]}")

    def touched(self, block: Block, leaves: Iterable[Leaf], before: Block | None = None) -> Opinion:
        """A block of which these attributes change; `before` is what it was, where that is known."""
        if block.type == "module":
            return calls.call_touched(block, leaves, self._scope, self.follow)
        if block.type == "variable":
            return judged(block, [(leaf, self._variable(block, leaf, before)) for leaf in leaves])
        if block.type in {"local", "attribute"}:
            return judged(block, [(leaf, self._reach(block, leaf)) for leaf in leaves])
        if block.type == "output":
            return output_touched(block, leaves, self._of_callers)
        if block.type == "data":
            return self._data(block, leaves)
        known = _TOUCHED.get(block.type)
        return _recorded(block, "Changes") if known is None else known(block, leaves)

    def follow(self, directory: str, reference: str) -> Opinion | None:
        """The strictest of what `reference` reaches in a module; `None` where that cannot be told."""
        place = (directory, reference)
        if place in self._followed:
            return self._followed[place]
        if place in self._trail or len(self._trail) > _HOPS or len(self._followed) > _REFERENCES:
            return None
        self._trail.append(place)
        found = self._reached(directory, reference)
        self._trail.pop()
        self._followed[place] = found
        return found

    def _reached(self, directory: str, reference: str) -> Opinion | None:
        uses = self._scope.uses(directory, reference)
        if uses is None:
            return None
        opinions = [self.touched(block, (leaf,)) for block, leaf in uses if block.address != reference]
        if not opinions and reference.startswith("var."):
            return None  # shared between modules by a link or by Terragrunt, as likely as unused
        if not opinions:
            return Opinion(Tier.LIGHTWEIGHT, "hcl-variable", f"Nothing in the module uses `{reference}`.")
        return max(opinions, key=lambda opinion: opinion.tier.rank)

    def _data(self, block: Block, leaves: Iterable[Leaf]) -> Opinion:
        """A data source finds something else by now: whoever uses it gets that."""
        found = resources.data_touched(block, leaves)
        reached = self.follow(dirname(block.path), block.address) if found.tier is not Tier.FULL else None
        if reached is None or reached.tier.rank <= found.tier.rank:
            return found
        return Opinion(reached.tier, reached.rule, f"{found.reason.split(':')[0]}: {reach(reached).because}.")

    def _of_callers(self, output: Block) -> Opinion | None:
        """The strictest of what an output reaches in callers; `None` where none is found."""
        name = output.labels[-1] if output.labels else ""
        callers = self._callers.of(dirname(output.path)) if name else []
        found = [self.follow(caller, f"module.{call}.{name}") for caller, call in callers]
        return max((end for end in found if end is not None), key=lambda end: end.tier.rank, default=None)

    def _variable(self, block: Block, leaf: Leaf, before: Block | None) -> Weight:
        name = leaf.keys[0] if leaf.keys else ""
        if name == "default" and all("default" in each.body for each in (block, before) if each is not None):
            return self._reach(block, leaf)
        if name == "type" and another_default(leaf.old, leaf.new):
            return self._reach(block, Leaf(leaf.keys))
        known = by_class(leaf, "declaration")
        if known is not None:
            return known
        if name in _DECLARATION:
            return Weight(Tier.LIGHTWEIGHT, "hcl-variable", "what callers may pass")
        return Weight(Tier.LIGHTWEIGHT, "hcl-variable", "whether callers must pass it")

    def _reach(self, block: Block, leaf: Leaf) -> Weight:
        """A value: by the names within it, else by what it reaches, else by its own name."""
        name = block.labels[-1] if block.labels else ""
        kind = "database" if _about_database(block) else "variable"
        inside = Leaf(leaf.keys[1:], leaf.old, leaf.new, leaf.inner)
        known = by_class(inside, kind) if inside.keys or inside.inner else None
        own = by_class(Leaf((name,)), kind)
        harmless = next((each for each in (own, known) if each and each.tier is Tier.NONE), None)
        certain = harmless or known or (own if own and own.rule == "hcl-release" else None)
        if certain is not None:
            return certain
        home = self._home(block)
        reached = self.follow(home, _reference(block)) if name and home is not None else None
        if reached is not None:
            return reach(reached)
        return own or _untold(name)

    def _home(self, block: Block) -> str | None:
        """The module that a value belongs to: its directory, or the nearest above that declares the variable."""
        directory = dirname(block.path)
        if block.type != "attribute":
            return directory
        candidate = directory
        while not self._scope.declares(candidate, block.labels[-1]):
            if not candidate:
                return None
            candidate = dirname(candidate)
        return candidate


def _reference(block: Block) -> str:
    return f"local.{block.labels[-1]}" if block.type == "local" else f"var.{block.labels[-1]}"


def _about_database(block: Block) -> bool:
    """Whether a value says of itself that it is a database's: then it is no matter of scaling."""
    words = (*block.labels[-1:], text_of(block.body.get("description", "")))
    return "database" in map(subject_of, words)


def _untold(name: str) -> Weight:
    """A value that nobody can be found to use."""
    if subject_of(name) == "database":
        return Weight(Tier.DATABASE, "hcl-database", "by its name a setting of a database")
    return Weight(Tier.FULL, "hcl-untold", "what it reaches cannot be told")


def _declared(block: Block, verb: str) -> Opinion:
    what = "an output changes no infrastructure" if block.type == "output" else "what uses it is judged for itself"
    rule = "hcl-output" if block.type == "output" else "hcl-variable"
    return Opinion(Tier.LIGHTWEIGHT, rule, f"{verb} `{block.address}`: {what}.")


def _recorded(block: Block, verb: str) -> Opinion:
    what = _RECORDS.get(block.type)
    if what is not None:
        return Opinion(Tier.LIGHTWEIGHT, f"hcl-{block.type}", f"{verb} a `{block.type}` block: {what}.")
    return Opinion(Tier.FULL, "hcl-unknown", f"{verb} `{block.address}`, a block of a kind that we do not know.")


_MADE: Final[dict[str, Callable[[Block, str], Opinion]]] = {
    "resource": resources.made,
    "ephemeral": resources.made,
    "data": resources.data_made,
    "provider": settings.provider_made,
    "terraform": settings.setting_made,
    "required_provider": settings.requirement_made,
    "variable": _declared,
    "local": _declared,
    "output": _declared,
}
_TOUCHED: Final[dict[str, Callable[[Block, Iterable[Leaf]], Opinion]]] = {
    "resource": resources.touched,
    "ephemeral": resources.touched,
    "provider": settings.provider_touched,
    "terraform": settings.setting_touched,
    "required_provider": settings.requirement_touched,
}
