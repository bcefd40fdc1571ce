"""Who calls a module of this repository: all its HCL is looked through, within bounds."""

import posixpath
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from eod.tiers.hcl.blocks import text_of
from eod.tiers.hcl.documents import TEXT_LIMIT
from eod.tiers.hcl.scope import SUFFIXES, Scope
from eod.tiers.ports import Snapshot

_SOURCE: Final = re.compile(r"""\bsource"?\s*[=:]\s*"(\.\.?/[^"\n]*)\"""")
_DIRECTORIES: Final = 600
_FILES: Final = 600
_ELSEWHERE: Final = frozenset(
    {"examples", "example", "test", "tests", "fixtures", "docs", "node_modules", "vendor"}
)
"""Directories whose calls are nobody's environment."""


class Callers:
    """The calls of local modules at one commit.

    Args:
        snapshot: The files of the commit.
        scope: Its modules.
    """

    def __init__(self, snapshot: Snapshot, scope: Scope) -> None:
        self._snapshot = snapshot
        self._scope = scope

    def of(self, directory: str) -> list[tuple[str, str]]:
        """The directories that call the module in `directory`, each with the call's name."""
        return [
            (caller, block.labels[-1])
            for caller in self._directories[directory]
            for block in self._scope.calls(caller)
            if block.labels
            and self._scope.local_module(caller, text_of(block.body.get("source", ""))) == directory
        ]

    @cached_property
    def _directories(self) -> defaultdict[str, list[str]]:
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for path in self._files():
            blob = self._snapshot.read(path)
            if blob is None or blob.data is None or blob.size > TEXT_LIMIT:
                continue
            directory = posixpath.dirname(path)
            for source in _SOURCE.findall(blob.data.decode("utf-8", "replace")):
                child = self._scope.local_module(directory, source)
                if child is not None:
                    found[child][directory] = None
        return defaultdict(list, {child: list(callers) for child, callers in found.items()})

    def _files(self) -> Iterator[str]:
        """The repository's HCL, what lies nearest to the root first."""
        waiting = deque([""])
        seen = files = 0
        while waiting and seen < _DIRECTORIES:
            directory = waiting.popleft()
            seen += 1
            for name in self._snapshot.entries(directory):
                if name.endswith("/"):
                    bare = name[:-1]
                    if not bare.startswith(".") and bare not in _ELSEWHERE:
                        waiting.append(posixpath.join(directory, bare))
                elif name.endswith(SUFFIXES) and files < _FILES:
                    files += 1
                    yield posixpath.join(directory, name)
