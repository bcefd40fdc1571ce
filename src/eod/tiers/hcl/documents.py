"""Parses pieces of HCL and JSON, each once, and no more in all than a run can wait for."""

import json
from typing import Final

from eod.tiers.hcl.blocks import Block, blocks_of, json_blocks_of
from eod.tiers.hcl.pieces import Piece, pieces_of
from eod.tiers.ports import HclParser

BUDGET: Final = 160_000
"""Characters of HCL that are parsed for one pull request; the parser reads about 60,000 a second."""

_LEAST: Final = 100
"""What even the smallest document costs."""

TEXT_LIMIT: Final = 512 << 10
"""Characters of a file; no hand-written one is larger."""


class Documents:
    """What was parsed. `exhausted` tells whether something was left unread because there was too much."""

    def __init__(self, parser: HclParser, budget: int = BUDGET) -> None:
        self._parser = parser
        self._left = budget
        self._parsed: dict[str, dict[str, object] | None] = {}
        self.exhausted = False

    def blocks(self, piece: Piece, path: str) -> list[Block] | None:
        """The blocks of a piece of `path`; `None` where it does not parse or there was no time left for it."""
        document = self._document(piece.text, is_json=path.endswith(".json"))
        if document is None:
            return None
        try:
            return json_blocks_of(document, path) if path.endswith(".json") else blocks_of(document, path)
        except RecursionError:
            return None

    def _document(self, text: str, *, is_json: bool) -> dict[str, object] | None:
        if text not in self._parsed:
            if is_json:
                self._parsed[text] = _from_json(text)
            elif len(text) > self._left:
                self.exhausted = True
                return None
            else:
                self._left -= max(len(text), _LEAST)
                self._parsed[text] = self._parser.parse(text)
        return self._parsed[text]


def cut(text: str, path: str) -> tuple[Piece, ...]:
    """The pieces that `text` is compared in: HCL by its top-level items, JSON as a whole."""
    if not path.endswith(".json"):
        return pieces_of(text)
    return (Piece(text),) if text.strip() else ()


def _from_json(text: str) -> dict[str, object] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
