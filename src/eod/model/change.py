"""What a pull request changes, as `git diff --raw -z -M` tells it."""

from enum import StrEnum

from msgspec import Struct


class ChangeKind(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    TYPE_CHANGED = "type-changed"


class FileChange(Struct, frozen=True, kw_only=True):
    """One changed file. Paths may hold any byte but NUL; undecodable ones are surrogate-escaped.

    `old_blob` and `new_blob` are object names, empty where that side does not exist. `similarity` is in percent.
    """

    path: str
    kind: ChangeKind
    old_path: str | None = None
    old_blob: str = ""
    new_blob: str = ""
    old_mode: str = ""
    new_mode: str = ""
    similarity: int = 0


class ChangeSet(Struct, frozen=True, kw_only=True):
    """All changes between the merge base and the head of a pull request."""

    base: str
    head: str
    merge_base: str
    files: tuple[FileChange, ...]
