"""Reads `git diff --raw -z`: the only list of changed files that survives every path there can be."""

from collections.abc import Iterator
from typing import Final

from eod.errors import GitError
from eod.model.change import ChangeKind, FileChange

_KINDS: Final = {
    "A": ChangeKind.ADDED,
    "M": ChangeKind.MODIFIED,
    "D": ChangeKind.DELETED,
    "R": ChangeKind.RENAMED,
    "C": ChangeKind.COPIED,
    "T": ChangeKind.TYPE_CHANGED,
}
_TWO_PATHS: Final = frozenset({ChangeKind.RENAMED, ChangeKind.COPIED})


def parse_raw(output: bytes) -> tuple[FileChange, ...]:
    """The changes in the output of `git diff --raw -z`, in git's order.

    Raises:
        GitError: The output has another form than git documents.
    """
    fields = iter(output.split(b"\0")[:-1])
    changes = []
    for field in fields:
        try:
            changes.append(_one(field, fields))
        except (ValueError, KeyError, StopIteration) as error:
            raise GitError(
                "git listed the changed files in a form that is not understood.", detail=repr(field)
            ) from error
    return tuple(changes)


def _one(field: bytes, fields: Iterator[bytes]) -> FileChange:
    old_mode, new_mode, old_blob, new_blob, status = field.decode("ascii").removeprefix(":").split(" ")
    kind = _KINDS[status[0]]
    first = _path(next(fields))
    second = _path(next(fields)) if kind in _TWO_PATHS else None
    return FileChange(
        path=first if second is None else second,
        old_path=None if second is None else first,
        kind=kind,
        old_blob=_present(old_blob),
        new_blob=_present(new_blob),
        old_mode=_present(old_mode),
        new_mode=_present(new_mode),
        similarity=int(status[1:] or 0),
    )


def _path(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _present(value: str) -> str:
    """Empty where git writes zeros for "does not exist"."""
    return value if value.strip("0") else ""
