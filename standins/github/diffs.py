"""What a pull request changes, as GitHub lists it: three-dot, with renames, patches for text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from standins.github.gitstore import GitStore

_STATUS: Final = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    path: str
    previous_path: str | None
    status: str
    blob: str
    additions: int
    deletions: int
    patch: str | None


def changes(store: GitStore, base: str, head: str) -> tuple[FileChange, ...]:
    """The files that differ between the merge base and `head`, in git's order."""
    return _changes(store.path, store.merge_base(base, head) or base, head)


@lru_cache(maxsize=256)
def _changes(path: Path, base: str, head: str) -> tuple[FileChange, ...]:
    store = GitStore(path)
    options = ("--no-ext-diff", "--find-renames", "--full-index", base, head)
    raw = _fields(store.git("diff", "--raw", "-z", *options))
    counts = _numstat(store.git("diff", "--numstat", "-z", *options))
    patches = iter(_patches(store.git("diff", "--src-prefix=a/", "--dst-prefix=b/", *options)))
    found: list[FileChange] = []
    while raw:
        meta = raw.pop(0).split(" ")
        letter = meta[4][0]
        previous = raw.pop(0) if letter in "RC" else None
        name = raw.pop(0)
        added, removed = counts[len(found)]
        patch = next(patches)
        if letter == "T":  # a file that became a link is told as one removed and one added
            patch = next(patches)
        found.append(
            FileChange(
                path=name,
                previous_path=previous,
                status=_STATUS[letter],
                blob=meta[2] if letter == "D" else meta[3],
                additions=added,
                deletions=removed,
                patch=patch,
            )
        )
    return tuple(found)


def _fields(output: bytes) -> list[str]:
    return output.decode(errors="replace").split("\0")[:-1]


def _numstat(output: bytes) -> list[tuple[int, int]]:
    """Line counts in order; a binary file's are `-`, and count as nothing."""
    fields = _fields(output)
    counts = []
    while fields:
        added, removed, name = fields.pop(0).split("\t")
        if not name:  # a rename: the two names follow on their own
            del fields[:2]
        counts.append((0, 0) if added == "-" else (int(added), int(removed)))
    return counts


def _patches(output: bytes) -> list[str | None]:
    """One patch a file, from its first hunk on; None where there are no lines to show."""
    patches: list[list[str]] = []
    inside = False
    for line in output.decode(errors="replace").split("\n"):
        if line.startswith("diff --git "):  # within a hunk no line can start so
            patches.append([])
            inside = False
        elif line.startswith("@@"):
            inside = True
        if inside:
            patches[-1].append(line)
    return ["\n".join(lines).removesuffix("\n") if lines else None for lines in patches]
