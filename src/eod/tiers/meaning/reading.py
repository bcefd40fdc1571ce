"""What a reader makes of a text: the part that means something, apart from the part that does not."""

from collections.abc import Hashable, Iterator
from enum import Enum
from typing import Final, NamedTuple

from msgspec import Struct

LETTER: Final = "\0"
"""Stands, in a reading's code, before what is kept to the letter."""

ACTING: Final = "\1"
"""Stands, in a reading's code, before a comment that does something."""


class Reading(Struct, frozen=True):
    """A text without what does not count. Two texts whose `code` is equal mean the same.

    `code` is empty where nothing in the text runs. `comments` are those that were dropped; `None` where the reader
    drops comments without telling.
    """

    code: tuple[Hashable, ...]
    comments: tuple[str, ...] | None = None


class Kind(Enum):
    """What a piece of a text is."""

    SPACE = 0
    COMMENT = 1
    LITERAL = 2
    """Kept to the letter: strings, preprocessor lines, text outside the code."""
    CODE = 3


class Piece(NamedTuple):
    """A part of a text that belongs together; all pieces in their order are the text."""

    kind: Kind
    text: str


Pieces = Iterator[Piece]


class UntrustedError(Exception):
    """The text is not what the grammar expects, so that nothing should be said about it."""
