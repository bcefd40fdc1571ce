"""What was asked of the server, for assertions."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and the status it got (0: the connection was cut). `login` is who asked; never a token."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    login: str | None = None
    status: int
    known: bool = True

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class Journal:
    """Every exchange in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []

    def note(self, exchange: Exchange) -> None:
        if not exchange.known:
            log.warning("unknown route asked: %s %s", exchange.method, exchange.path)
        with self._lock:
            self._exchanges.append(exchange)

    def __iter__(self) -> Iterator[Exchange]:
        with self._lock:
            return iter(list(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)

    def matching(self, pattern: str) -> list[Exchange]:
        """Those whose `METHOD /path` matches, `*` for anything, slashes too."""
        return [one for one in self if fnmatchcase(f"{one.method} {one.path}", pattern)]

    @property
    def unknown(self) -> list[Exchange]:
        return [one for one in self if not one.known]

    def clear(self) -> None:
        with self._lock:
            self._exchanges.clear()
