"""All changed files of one module together: which blocks are new, gone, moved, different."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from eod.tiers.file import ChangedFile
from eod.tiers.hcl.blocks import Block
from eod.tiers.hcl.difference import Leaf, differences
from eod.tiers.hcl.documents import TEXT_LIMIT, Documents, cut
from eod.tiers.hcl.pieces import Piece
from eod.tiers.hcl.renames import Surroundings, renames

Identity = tuple[str, tuple[str, ...], int]
_TYPED: Final = (("resource",), ("data",))
_BY_TYPE: Final = frozenset({"resource", "data", "output", "variable"})
_BY_BODY: Final = frozenset({"null_resource", "terraform_data", "aws_ssm_parameter"})
"""Types of which the body tells what they are."""


class Change(Struct, frozen=True):
    """One block: added (no `old`), removed (no `new`), renamed (`leaves` empty), or different.

    `remade` is one that is renamed while nothing tells Terraform that it is the same.
    """

    old: Block | None
    new: Block | None
    leaves: tuple[Leaf, ...] = ()
    remade: bool = False

    @property
    def block(self) -> Block:
        """As it is now; for a removed one, as it was."""
        found = self.new or self.old
        assert found is not None  # noqa: S101  # one of the two is always there
        return found


class ModuleChange(Struct, frozen=True):
    """What changed in a module. `unread` are paths that could not be read on one side, with the reason."""

    changes: tuple[Change, ...]
    unread: dict[str, str]


def compare(files: Iterable[ChangedFile], documents: Documents, around: Surroundings) -> ModuleChange:
    """What changed in the module that `files` belong to. Items that both sides have are never parsed."""
    old, new, unread = _sides(files, around.strangers)
    gone, come = _surplus(old, new), _surplus(new, old)
    before = _parsed(gone, documents, unread, alike=_heads(come))
    after = _parsed(come, documents, unread, alike=_heads(gone))
    return ModuleChange(tuple(_changes(before, after, around)), unread)


def _sides(
    files: Iterable[ChangedFile], strangers: frozenset[str]
) -> tuple[list[tuple[str, Piece]], list[tuple[str, Piece]], dict[str, str]]:
    old: list[tuple[str, Piece]] = []
    new: list[tuple[str, Piece]] = []
    unread: dict[str, str] = {}
    for file in files:
        texts = (file.old_text, file.new_text)
        if not file.readable:
            unread[file.path] = "It cannot be read as text"
        elif max(len(text) for text in texts) > TEXT_LIMIT:
            unread[file.path] = f"It has more than {TEXT_LIMIT >> 10} KiB"
        else:
            if file.path not in strangers:
                old += [(file.path, piece) for piece in cut(texts[0], file.change.old_path or file.path)]
            new += [(file.path, piece) for piece in cut(texts[1], file.path)]
    return old, new, unread


def _surplus(pieces: list[tuple[str, Piece]], others: list[tuple[str, Piece]]) -> list[tuple[str, Piece]]:
    left = Counter(piece.text for _, piece in others)
    found = []
    for path, piece in pieces:
        if left[piece.text] > 0:
            left[piece.text] -= 1
        else:
            found.append((path, piece))
    return found


def _heads(pieces: list[tuple[str, Piece]]) -> frozenset[tuple[str, ...]]:
    """What a block must share with another to be the same under another name; empty where that cannot be told."""
    return frozenset(_head(path, piece) for path, piece in pieces)


def _head(path: str, piece: Piece) -> tuple[str, ...]:
    return () if path.endswith(".json") else piece.name[:2] if piece.name[:1] in _TYPED else piece.name[:1]


def _parsed(
    pieces: list[tuple[str, Piece]],
    documents: Documents,
    unread: dict[str, str],
    *,
    alike: frozenset[tuple[str, ...]],
) -> dict[Identity, Block]:
    found: dict[Identity, Block] = {}
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for path, piece in pieces:
        blocks = _by_head(path, piece, alike) or documents.blocks(piece, path)
        if blocks is None:
            unread[path] = (
                "There is more HCL than can be read in time" if documents.exhausted else "It does not parse"
            )
            continue
        for block in blocks:
            key = (block.type, block.labels)
            found[(*key, seen[key])] = block
            seen[key] += 1
    return found


def _by_head(path: str, piece: Piece, alike: frozenset[tuple[str, ...]]) -> list[Block] | None:
    """A block that is new or gone and like none on the other side is judged by its type: its body is not read."""
    head = _head(path, piece)
    if not head or head in alike or () in alike or piece.name[1:2] == () or head[0] not in _BY_TYPE:
        return None
    if len(head) > 1 and head[1] in _BY_BODY:
        return None
    return [Block(piece.name[0], piece.name[1:], {}, path)]


def _changes(
    before: dict[Identity, Block], after: dict[Identity, Block], around: Surroundings
) -> Iterable[Change]:
    gone = {key: block for key, block in before.items() if key not in after}
    come = {key: block for key, block in after.items() if key not in before}
    kept, remade = renames(gone.values(), come.values(), around)
    names = {old.address: new.address for old, new in kept if old.address != new.address}
    renamed = {id(block) for pair in (*kept, *remade) for block in pair}
    for old, new in kept:
        yield Change(old, new, differences(_renamed(old.body, names), new.body))
    for old, new in remade:
        yield Change(old, new, remade=True)
    for key, block in after.items():
        if key in before:
            leaves = differences(_renamed(before[key].body, names), block.body)
            if leaves:
                yield Change(before[key], block, leaves)
        elif id(block) not in renamed:
            yield Change(None, block)
    for block in gone.values():
        if id(block) not in renamed:
            yield Change(block, None)


def _renamed(body: dict[str, object], names: dict[str, str]) -> dict[str, object]:
    """`body` with references to what is called otherwise by now."""
    if not names:
        return body
    known = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, sorted(names)))})(?![\w-])")
    found = _replaced(body, known, names)
    return found if isinstance(found, dict) else body


def _replaced(value: object, known: "re.Pattern[str]", names: dict[str, str]) -> object:
    if isinstance(value, dict):
        return {key: _replaced(inner, known, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, known, names) for inner in value]
    if isinstance(value, str):
        return known.sub(lambda match: names[match[0]], value)
    return value
