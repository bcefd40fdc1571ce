"""What surrounds the changed blocks: the files of a module as they are now, and who refers to what in them."""

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from eod.tiers.hcl.blocks import Block
from eod.tiers.hcl.difference import Leaf
from eod.tiers.hcl.documents import TEXT_LIMIT, Documents, cut
from eod.tiers.hcl.moves import RECORDS
from eod.tiers.hcl.pieces import Piece
from eod.tiers.ports import Snapshot

SUFFIXES: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")
_FILES: Final = 150
_SIZE: Final = 2 << 20

_KEY_BEFORE: Final = re.compile(r"([^\W\d][\w-]*)\"?\s*(?:=(?!=)|:\s)(?:(?!=|:\s).)*\Z", re.DOTALL)
_RECORDS: Final = tuple((word,) for word in RECORDS)
_CALLS: Final = (("module",), ())
_ORDER: Final = ("depends_on",)
"""Says when, and takes no value."""

_KEY: Final = r"(?:\[[^\]]{0,200}\])?"
"""The key of an instance, if there is one."""

_BEFORE: Final = 200
"""Characters before a reference in which its key is looked for."""

Use = tuple[Block, Leaf]
"""A block and the attribute in it that holds a reference."""


class Scope:
    """The modules of one commit, read when somebody asks for them.

    Args:
        snapshot: The files of the commit.
        documents: Parses them.
    """

    def __init__(self, snapshot: Snapshot, documents: Documents) -> None:
        self._snapshot = snapshot
        self._documents = documents
        self._pieces = cache(self._read)
        self._variables = cache(self._declared)

    def declares(self, directory: str, variable: str) -> bool:
        """Whether the module in `directory` has that variable."""
        return variable in self._variables(directory)

    def types(self, directory: str) -> frozenset[str] | None:
        """The resource types that the module makes itself; `module` stands for calls of others."""
        found = self._pieces(directory)
        if not found or any(path.endswith(".json") for path, _ in found):
            return None
        names = [piece.name for _, piece in found]
        return frozenset(
            name[1] if name[0] == "resource" else "module"
            for name in names
            if len(name) > 1 and name[0] in {"resource", "module"}
        )

    def records(self, directory: str) -> list[Block]:
        """What the module tells Terraform about blocks that are called otherwise now; as far as it can be read."""
        blocks: list[Block] = []
        for path, piece in self._pieces(directory) or ():
            in_json = path.endswith(".json") and any(f'"{word}"' in piece.text for word in RECORDS)
            if in_json or piece.name[:1] in _RECORDS:
                blocks += self._documents.blocks(piece, path) or ()
        return blocks

    def calls(self, directory: str) -> list[Block]:
        """The module's calls of other modules, as far as they can be read."""
        pieces = self._pieces(directory) or ()
        read = (self._documents.blocks(piece, path) for path, piece in pieces if piece.name[:1] in _CALLS)
        return [block for blocks in read for block in blocks or () if block.type == "module"]

    def uses(self, directory: str, reference: str) -> list[Use] | None:
        """Where the module refers to `reference` (`var.size`); `None` where it cannot be read."""
        found = self._pieces(directory)
        if not found:
            return None
        word = _word(reference)
        uses: list[Use] = []
        for path, piece in found:
            if not word.search(piece.text):
                continue
            blocks = self._documents.blocks(piece, path)
            if blocks is None:
                return None
            places = ((block, leaf) for block in blocks for leaf in _places(block.body, word, ()))
            uses += [use for use in places if use[1].keys[:1] != _ORDER]
        return uses

    def local_module(self, directory: str, source: str) -> str | None:
        """The directory that a module's source names; `None` where it is not in this repository."""
        if not source.startswith(("./", "../")):
            return None
        found = posixpath.normpath(posixpath.join(directory, source))
        return None if found.startswith("..") else "" if found == "." else found

    def _declared(self, directory: str) -> frozenset[str]:
        names = (piece.name for _, piece in self._pieces(directory) or ())
        return frozenset(name[1] for name in names if name[:1] == ("variable",) and len(name) > 1)

    def _read(self, directory: str) -> tuple[tuple[str, Piece], ...] | None:
        """All pieces with their paths; `None` where there is too much, or something is no text."""
        names = [name for name in self._snapshot.entries(directory) if name.endswith(SUFFIXES)]
        if len(names) > _FILES:
            return None
        found: list[tuple[str, Piece]] = []
        size = 0
        for name in names:
            path = posixpath.join(directory, name)
            blob = self._snapshot.read(path)
            if blob is None or blob.data is None or blob.size > TEXT_LIMIT or size + blob.size > _SIZE:
                return None
            size += blob.size
            found += [(path, piece) for piece in cut(blob.data.decode("utf-8", "replace"), path)]
        return tuple(found)


def _word(reference: str) -> "re.Pattern[str]":
    """Finds `reference`. A call of which the output is not named there may mean any: `values(module.x)[*].y`."""
    parts = [re.escape(part) for part in reference.split(".")]
    if parts[0] != "module":
        whole = r"\.".join(parts)
        return re.compile(rf"(?<![\w.-]){whole}(?![\w-])")
    one = rf"{_KEY}\.{parts[2]}(?![\w-])"
    any_of_them = rf"(?![\w-])(?!{_KEY}\.[^\W\d])"
    return re.compile(rf"(?<![\w.-])module\.{parts[1]}(?:{one}|{any_of_them})")


def _places(value: object, word: "re.Pattern[str]", keys: tuple[str, ...]) -> Iterator[Leaf]:
    """Every text in `value` that holds `word`, with the keys before it where the text has some of its own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, word, (*keys, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _places(inner, word, keys)
    elif isinstance(value, str):
        starts = [match.start() for match in word.finditer(value)]
        if starts:
            before = (_KEY_BEFORE.search(value[max(0, start - _BEFORE) : start]) for start in starts)
            found = dict.fromkeys("" if match is None else match[1] for match in before)
            yield Leaf(keys, inner=() if set(found) == {""} else tuple(found))
