"""Which blocks that are gone are those that came, under another name."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from eod.tiers.hcl.blocks import Block
from eod.tiers.hcl.moves import Moves

_RENAMED: Final = frozenset({"resource", "data", "module", "variable", "local", "output"})
_MADE: Final = frozenset({"resource", "module"})
"""Types of what is destroyed and made anew under another name, unless Terraform is told otherwise."""


class Surroundings(Struct, frozen=True):
    """What the changed files of a module do not tell by themselves.

    `moves` reads the module's records, when somebody asks. `strangers` are paths of files of which the old side
    belonged to another module. `makes_nothing` tells whether a call is of a module without resources.
    """

    moves: Callable[[], Moves] = lambda: Moves(())
    strangers: frozenset[str] = frozenset()
    makes_nothing: Callable[[Block], bool] = lambda _: False


Pairs = list[tuple[Block, Block]]


def renames(gone: Iterable[Block], come: Iterable[Block], around: Surroundings) -> tuple[Pairs, Pairs]:
    """Blocks that stay what they are under another name, and those that are made anew under it."""
    left = {block.address: block for block in gone}
    right = {block.address: block for block in come}
    kept: Pairs = []
    asked = _holds_made(left) and _holds_made(right)
    moves = around.moves() if asked else Moves(())
    for address in list(left):
        targets = (right.get(target) for target in moves.targets(address))
        found = next((each for each in targets if each and _head_of(each) == _head_of(left[address])), None)
        if found is not None:
            kept.append((left.pop(address), right.pop(found.address)))
    remade: Pairs = []
    for old, new in _alike(left.values(), right.values()):
        stays = (
            old.type not in _MADE
            or moves.keep(old.address, new.address)
            or (old.type == "module" and around.makes_nothing(new))
        )
        (kept if stays else remade).append((old, new))
    return kept, remade


def _holds_made(blocks: dict[str, Block]) -> bool:
    return any(block.type in _MADE for block in blocks.values())


def _alike(gone: Iterable[Block], come: Iterable[Block]) -> Pairs:
    """Blocks with the same body under another name."""
    by_shape: defaultdict[str, list[Block]] = defaultdict(list)
    for block in gone:
        if block.type in _RENAMED:
            by_shape[_shape(block)].append(block)
    candidates = (block for block in come if block.type in _RENAMED)
    return [(by_shape[shape].pop(0), block) for block in candidates if by_shape[shape := _shape(block)]]


def _head_of(block: Block) -> tuple[str, ...]:
    return (block.type, *block.labels[:-1])


def _shape(block: Block) -> str:
    """What stays when a block gets another name: its type, its first label, its body."""
    return repr((block.type, block.labels[:-1], sorted(block.body.items(), key=lambda item: item[0])))
