"""Who owns a path, by CODEOWNERS of the base branch.

GitHub: the last pattern that matches counts, one without owners unsets, `#` starts a comment, `!` and `[ ]` are
not known, a file of 3 MB or more is not read. GitLab: sections count by themselves, and may name owners for lines
that name none. Sources: GitHub's documentation "About code owners", GitLab's "Code Owners syntax".
"""

import re
from typing import Final

from msgspec import Struct
from pathspec import GitIgnoreSpec

from eod.tiers.ports import Snapshot

_PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_SIZE_LIMIT: Final = 3_000_000
_LINES: Final = 20_000
_SECTION: Final = re.compile(r"^\^?\[([^\]]+)\](?:\[\d+\])?\s*(.*)$")
_UNESCAPED_SPACE: Final = re.compile(r"(?<!\\)\s+")
_LINE_BREAKS: Final = str.maketrans({"\n": " ", "\r": " "})


class Ownership(Struct, frozen=True):
    """Who owns a path, and the pattern and file that say so."""

    owners: tuple[str, ...]
    pattern: str
    source: str


class _Entry(Struct, frozen=True):
    pattern: str
    owners: tuple[str, ...]
    start: str
    depth: int | None
    spec: GitIgnoreSpec

    def matches(self, path: str) -> bool:
        if not path.startswith(self.start):
            return False
        if self.depth is not None and path.count("/") != self.depth:
            return False
        return self.spec.match_file(path)


class CodeOwners:
    """The first CODEOWNERS file that `snapshot` has; none owns nothing."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self.source, self._sections = _read(snapshot)

    def of(self, path: str) -> tuple[Ownership, ...]:
        """Who owns `path`: at most one answer of each section that names somebody."""
        path = path.translate(_LINE_BREAKS)
        found = []
        for entries in self._sections:
            last = next((entry for entry in reversed(entries) if entry.matches(path)), None)
            if last is not None and last.owners:
                found.append(Ownership(last.owners, last.pattern, self.source))
        return tuple(found)


def _read(snapshot: Snapshot | None) -> tuple[str, tuple[tuple[_Entry, ...], ...]]:
    for place in _PLACES if snapshot is not None else ():
        blob = snapshot.read(place) if snapshot is not None else None
        if blob is not None:
            readable = blob.data is not None and len(blob.data) < _SIZE_LIMIT
            return place, _parse(
                blob.data.decode("utf-8", "replace")
            ) if readable and blob.data is not None else ()
    return "", ()


def _parse(text: str) -> tuple[tuple[_Entry, ...], ...]:
    sections: dict[str, list[_Entry]] = {"": []}
    name = ""
    defaults: tuple[str, ...] = ()
    for raw in text.splitlines()[:_LINES]:
        line = raw.strip()
        if not line or line.startswith(("#", "!")):
            continue
        section = _SECTION.match(line)
        if section is not None:
            name, defaults = section[1].strip().lower(), _owners(section[2].split())
            sections.setdefault(name, [])
            continue
        entry = _entry(line, defaults)
        if entry is not None:
            sections[name].append(entry)
    return tuple(tuple(entries) for entries in sections.values())


def _entry(line: str, defaults: tuple[str, ...]) -> _Entry | None:
    pattern, *words = _UNESCAPED_SPACE.split(line)
    if "[" in pattern:
        return None
    try:
        spec = GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return None
    plain = pattern.replace("\\ ", " ")
    anchored = "/" in plain.rstrip("/") and not plain.startswith("**")
    return _Entry(
        pattern,
        _owners(words) or defaults,
        re.split(r"[*?\\]", plain.lstrip("/"), maxsplit=1)[0].rstrip("/") if anchored else "",
        # Unlike in `.gitignore`, `docs/*` are the files right in `docs`.
        plain.strip("/").count("/") if anchored and plain.endswith("/*") and "**" not in plain else None,
        spec,
    )


def _owners(words: list[str]) -> tuple[str, ...]:
    owners: list[str] = []
    for word in words:
        if word.startswith("#"):
            break
        owners.append(word)
    return tuple(owners)
