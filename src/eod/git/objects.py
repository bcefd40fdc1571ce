"""Reads many objects through one `git cat-file`, instead of starting a process for each."""

import subprocess
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from types import TracebackType
from typing import IO, Final, Self

from eod.git.process import Git
from eod.model.blob import Blob

LIMIT: Final = 8 << 20
"""Bytes of a blob that are read; of a larger one only the size is told."""

_AHEAD_LIMIT: Final = 256 << 10
"""Bytes of a blob that is read ahead."""

_TREE: Final = b"40000"


class Objects:
    """Blobs and trees of one repository. Safe to share between threads.

    Args:
        git: Bound to the clone.
        limit: Bytes over which a blob's content is not read.
    """

    def __init__(self, git: Git, *, limit: int = LIMIT) -> None:
        self._git = git
        self._limit = limit
        self._lock = threading.Lock()
        self._sizes: subprocess.Popen[bytes] | None = None
        self._contents: subprocess.Popen[bytes] | None = None
        self._ahead: dict[str, Blob] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes."""
        for process in (self._sizes, self._contents):
            if process is not None:
                process.kill()
                process.communicate()
        self._sizes = self._contents = None

    def blob(self, name: str) -> Blob | None:
        """The blob that `name` names (an object's name or `commit:path`); `None` where there is none."""
        if name in self._ahead:
            return self._ahead[name]
        found = self._ask(name)
        if found is None or found[0] != "blob":
            return None
        _, size, data = found
        return Blob(size, data)

    def read_ahead(self, names: Iterable[str]) -> None:
        """Read the blobs that will be asked for next in one go. The ones of the last call are forgotten.

        Args:
            names: Names of objects, some dozens; larger blobs among them are left for later.
        """
        requests = [name.encode("ascii") for name in names if name]
        with self._lock:
            self._ahead.clear()
            found = zip(requests, self._requests("--batch-check", requests), strict=True)
            wanted = [
                (request, size) for request, (kind, size) in found if kind == "blob" and size <= _AHEAD_LIMIT
            ]
            output = self._ask_for("--batch", [request for request, _ in wanted])
            for request, size in wanted:
                output.readline()
                self._ahead[request.decode("ascii")] = Blob(size, output.read(size))
                output.read(1)

    def tree(self, name: str) -> tuple[str, ...]:
        """The names in a tree (`commit:directory`), directories with a final `/`; empty where there is none."""
        found = self._ask(name)
        if found is None or found[0] != "tree" or found[2] is None:
            return ()
        return tuple(_names(found[2], hash_bytes=20 if self._short_names else 32))

    @cached_property
    def _short_names(self) -> bool:
        return self._git.run("rev-parse", "--show-object-format").strip() == b"sha1"

    def _ask(self, name: str) -> tuple[str, int, bytes | None] | None:
        request = name.encode("utf-8", "surrogateescape")
        if b"\n" in request:
            return self._ask_alone(request)
        with self._lock:
            ((kind, size),) = self._requests("--batch-check", [request])
            if kind is None:
                return None
            if size > self._limit:
                return kind, size, None
            output = self._ask_for("--batch", [request])
            output.readline()
            data = output.read(size)
            output.read(1)
        return kind, size, data

    def _requests(self, mode: str, requests: Sequence[bytes]) -> list[tuple[str | None, int]]:
        output = self._ask_for(mode, requests)
        return [_header(output.readline()) for _ in requests]

    def _ask_for(self, mode: str, requests: Sequence[bytes]) -> IO[bytes]:
        process = self._process(mode)
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018, S101  # both are pipes
        process.stdin.write(b"".join(request + b"\n" for request in requests))
        process.stdin.flush()
        return process.stdout

    def _process(self, mode: str) -> "subprocess.Popen[bytes]":
        if mode == "--batch-check":
            self._sizes = self._sizes or self._git.start("cat-file", mode)
            return self._sizes
        self._contents = self._contents or self._git.start("cat-file", mode)
        return self._contents

    def _ask_alone(self, request: bytes) -> tuple[str, int, bytes | None] | None:
        """A path with a line break: the batch mode of older versions of Git cannot be asked for it."""
        kind = self._git.attempt("cat-file", "-t", request)
        if not kind.ok:
            return None
        size = int(self._git.run("cat-file", "-s", request))
        word = kind.output.decode().strip()
        return word, size, self._git.run("cat-file", word, request) if size <= self._limit else None


def _header(line: bytes) -> tuple[str | None, int]:
    words = line.decode("utf-8", "replace").rstrip("\n").rsplit(" ", 2)
    if len(words) != 3 or not words[2].isdigit():  # noqa: PLR2004  # name, type, size
        return None, 0
    return words[1], int(words[2])


def _names(data: bytes, *, hash_bytes: int) -> list[str]:
    names = []
    at = 0
    while at < len(data):
        mode, _, rest = data[at : at + 4_200].partition(b" ")
        name, _, _ = rest.partition(b"\0")
        names.append(name.decode("utf-8", "surrogateescape") + ("/" if mode == _TREE else ""))
        at += len(mode) + 1 + len(name) + 1 + hash_bytes
    return names
