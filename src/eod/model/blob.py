"""The content of a file as Git has it."""

from msgspec import Struct


class Blob(Struct, frozen=True):
    """What one object holds. `data` is `None` where `size` (bytes) is over the limit that the reader was given."""

    size: int
    data: bytes | None
