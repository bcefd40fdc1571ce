"""What a pull request changes, as GitHub lists it: three-dot, with renames, patches for text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from standins.github.gitstore import GitError, GitStore

_STATUS: Final = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
_NUMBERS: Final = re.compile(r"(\d+|-)\t(\d+|-)\t")


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
    return _changes(store.path, base, head)


@lru_cache(maxsize=256)
def _changes(path: Path, base: str, head: str) -> tuple[FileChange, ...]:
    raw, numbers, patch = _sections(_diff(GitStore(path), base, head))
    counts, patches = _counts(numbers), iter(_patches(patch))
    found: list[FileChange] = []
    while raw:
        meta = raw.pop(0).split(" ")
        letter = meta[4][0]
        previous = raw.pop(0) if letter in "RC" else None
        added, removed = counts[len(found)]
        shown = next(patches)
        if letter == "T":  # a file that became a link is told as one removed and one added
            shown = next(patches)
        found.append(
            FileChange(
                path=raw.pop(0),
                previous_path=previous,
                status=_STATUS[letter],
                blob=meta[2] if letter == "D" else meta[3],
                additions=added,
                deletions=removed,
                patch=shown,
            )
        )
    return tuple(found)


def _diff(store: GitStore, base: str, head: str) -> str:
    options = ("--raw", "--numstat", "--patch", "-z", "--no-ext-diff", "--find-renames", "--no-abbrev")
    try:
        return store.git("diff", *options, "--merge-base", base, head).decode(errors="replace")
    except GitError:  # no common history
        return store.git("diff", *options, base, head).decode(errors="replace")


def _sections(output: str) -> tuple[list[str], list[str], str]:
    """The raw lines, the line counts, and the patch, which an empty field parts from them."""
    listed, _, patch = output.partition("\0\0")
    fields = listed.split("\0") if listed else []
    start = next((at for at, field in enumerate(fields) if _NUMBERS.match(field)), len(fields))
    return fields[:start], fields[start:], patch


def _counts(fields: list[str]) -> list[tuple[int, int]]:
    """Line counts in order; a binary file's are `-`, and count as nothing."""
    counts = []
    while fields:
        added, removed, name = fields.pop(0).split("\t", 2)
        if not name:  # a rename: the two names follow on their own
            del fields[:2]
        counts.append((0, 0) if added == "-" else (int(added), int(removed)))
    return counts


def _patches(text: str) -> list[str | None]:
    """One patch a file, from its first hunk on; None where there are no lines to show."""
    patches: list[list[str]] = []
    inside = False
    for line in text.split("\n"):
        if line.startswith("diff --git "):  # within a hunk no line can start so
            patches.append([])
            inside = False
        elif line.startswith("@@"):
            inside = True
        if inside:
            patches[-1].append(line)
    return ["\n".join(lines).removesuffix("\n") if lines else None for lines in patches]
