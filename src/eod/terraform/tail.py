"""Reads a file that another process is still writing, line by line."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

CHUNK: Final = 1 << 16
LINE_LIMIT: Final = 8 << 20
"""Bytes; a longer line is cut there, so that no provider can fill our memory."""


class Tail:
    """A file that grows. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def lines(self) -> Iterator[bytes]:
        """The complete lines that have come since the last call."""
        while chunk := self._file.read(CHUNK):
            *complete, self._rest = (self._rest + chunk).split(b"\n")
            yield from complete
            if len(self._rest) > LINE_LIMIT:
                yield self._take_rest()

    def remainder(self) -> Iterator[bytes]:
        """Everything that is left when the writer is gone, half a line included."""
        yield from self.lines()
        if self._rest:
            yield self._take_rest()

    def _take_rest(self) -> bytes:
        rest, self._rest = self._rest, b""
        return rest
