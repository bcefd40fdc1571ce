"""One changed file with both its sides, read when somebody asks for them."""

import codecs
from functools import cached_property
from typing import Final

from msgspec import Struct

from eod.model.change import ChangeKind, FileChange
from eod.tiers.lines import Lines, changed_lines
from eod.tiers.ports import Repository

SUBMODULE: Final = "160000"
SYMLINK: Final = "120000"
_BINARY_PROBE: Final = 8_000
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Side(Struct, frozen=True):
    """A file before or after the change. `text` is `None` where it is binary, or too large to be read."""

    size: int
    text: str | None
    binary: bool = False
    too_large: bool = False


class ChangedFile:
    """What changed in one file. Content is there where a repository was handed in.

    Args:
        change: The change as Git lists it.
        repository: Where its content is read; without one only the path is known.
    """

    def __init__(self, change: FileChange, repository: Repository | None = None) -> None:
        self.change = change
        self._repository = repository

    @property
    def path(self) -> str:
        """Where it is now; for a deleted one, where it was."""
        return self.change.path

    @property
    def paths(self) -> tuple[str, ...]:
        """Where it is and, if it was renamed, where it was."""
        old = self.change.old_path
        moved = self.change.kind is ChangeKind.RENAMED and old is not None and old != self.change.path
        return (self.change.path, old) if moved and old is not None else (self.change.path,)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def directory(self) -> str:
        """The path without its last part; empty at the root."""
        return self.path.rpartition("/")[0]

    @property
    def kind(self) -> ChangeKind:
        """What happened to it."""
        return self.change.kind

    @property
    def added(self) -> bool:
        """Whether it did not exist before."""
        return self.kind in {ChangeKind.ADDED, ChangeKind.COPIED}

    @property
    def deleted(self) -> bool:
        """Whether it exists no longer."""
        return self.kind is ChangeKind.DELETED

    @property
    def readable(self) -> bool:
        """Whether every side that exists was read as text."""
        sides = [side for side in (self.old, self.new) if side is not None]
        return bool(sides) and all(side.text is not None for side in sides)

    @property
    def submodule(self) -> bool:
        """Whether either side is a commit of another repository."""
        return SUBMODULE in {self.change.old_mode, self.change.new_mode}

    @property
    def symlink(self) -> bool:
        """Whether either side is a symbolic link; its content is its target."""
        return SYMLINK in {self.change.old_mode, self.change.new_mode}

    @property
    def same_content(self) -> bool:
        """Whether both sides exist and hold the same bytes: only the name or the mode changed."""
        return bool(self.change.old_blob) and self.change.old_blob == self.change.new_blob

    @cached_property
    def old(self) -> Side | None:
        """Before the change; `None` for an added file, and where content is not known."""
        return None if self.kind is ChangeKind.ADDED else self._side(self.change.old_blob, self.change.old_mode)

    @cached_property
    def new(self) -> Side | None:
        """After the change; `None` for a deleted file, and where content is not known."""
        return None if self.deleted else self._side(self.change.new_blob, self.change.new_mode)

    @property
    def old_text(self) -> str:
        """The text before the change; empty where there is none."""
        return (self.old.text or "") if self.old else ""

    @property
    def new_text(self) -> str:
        """The text after the change; empty where there is none."""
        return (self.new.text or "") if self.new else ""

    @cached_property
    def lines(self) -> Lines:
        """The lines that were removed and added; for a copied file, all of it was added."""
        return changed_lines("" if self.kind is ChangeKind.COPIED else self.old_text, self.new_text)

    def forget(self) -> None:
        """Let go of the content; it is read again if somebody asks."""
        for name in ("old", "new", "lines"):
            self.__dict__.pop(name, None)

    def _side(self, name: str, mode: str) -> Side | None:
        if not name or mode == SUBMODULE or self._repository is None:
            return None
        blob = self._repository.blob(name)
        if blob is None:
            return None
        if blob.data is None:
            return Side(blob.size, None, too_large=True)
        text = decode(blob.data)
        return Side(blob.size, text, binary=text is None)


def decode(data: bytes) -> str | None:
    """The text that `data` holds; `None` if it is binary. Bytes that are no UTF-8 are read as Latin-1."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if b"\0" in data[:_BINARY_PROBE]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
