"""What `.gitattributes` says of a path: whether it is generated, vendored or documentation.

The names are those of GitHub Linguist (https://github.com/github-linguist/linguist/blob/main/docs/overrides.md).
"""

from functools import cache
from typing import Final, NamedTuple

from pathspec import GitIgnoreSpec

from eod.tiers.ports import Snapshot

_FILE: Final = ".gitattributes"
_LIMIT: Final = 5_000
"""Lines of one file that are looked at."""


class _Entry(NamedTuple):
    spec: GitIgnoreSpec
    settings: dict[str, str]


class Attributes:
    """Attributes by path. Files deeper in the tree overrule those above, later lines earlier ones, as in Git."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot
        self._entries = cache(self._read)

    def has(self, path: str, name: str) -> bool:
        """Whether `name` is set for `path` (`linguist-generated` or `linguist-generated=true`)."""
        directory, value = path.rpartition("/")[0], ""
        for folder in _upward(directory):
            relative = path[len(folder) + 1 :] if folder else path
            for entry in reversed(self._entries(folder)):
                if name in entry.settings and entry.spec.match_file(relative):
                    value = entry.settings[name]
                    break
            if value:
                break
        return value == "true"

    def _read(self, folder: str) -> tuple[_Entry, ...]:
        path = f"{folder}/{_FILE}" if folder else _FILE
        blob = None if self._snapshot is None else self._snapshot.read(path)
        if blob is None or blob.data is None:
            return ()
        lines = blob.data.decode("utf-8", "replace").splitlines()[:_LIMIT]
        return tuple(entry for line in lines if (entry := _entry(line)))


def _upward(directory: str) -> list[str]:
    folders = [directory]
    while directory:
        directory = directory.rpartition("/")[0]
        folders.append(directory)
    return folders


def _entry(line: str) -> _Entry | None:
    line = line.strip()
    if not line or line.startswith(("#", "[attr]")):
        return None
    pattern, settings = _split(line)
    wanted = dict(_setting(word) for word in settings if "linguist" in word)
    if not wanted or not pattern or pattern.startswith("!"):
        return None
    try:
        # A directory's pattern matches nothing in `.gitattributes`, unlike in `.gitignore`.
        spec = GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return None
    return _Entry(spec, wanted)


def _split(line: str) -> tuple[str, list[str]]:
    if line.startswith('"'):
        pattern, _, rest = line[1:].partition('"')
        return pattern, rest.split()
    pattern, *settings = line.split()
    return pattern, settings


def _setting(word: str) -> tuple[str, str]:
    if word.startswith(("-", "!")):
        return word[1:], "false"
    name, _, value = word.partition("=")
    return name, (value or "true").lower()
