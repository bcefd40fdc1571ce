"""The process that parses HCL: started when it is first needed, given up when it takes too long."""

import contextlib
import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from eod.hcl import worker

DOCUMENT_SECONDS: Final = 5.0
"""Of processor time: on a machine that is busy with others a document means what it means on an idle one."""
PATIENCE_SECONDS: Final = 30.0
"""How long an answer is waited for in all, whatever the machine is busy with."""
START_SECONDS: Final = 30.0
"""On top for the first document: an interpreter starts, and without its cache the grammar is built."""

DOCUMENT_LIMIT: Final = 512 << 10
"""Bytes of a document, about what is parsed in `DOCUMENT_SECONDS`; no hand-written file is larger."""

_ANSWER_LIMIT: Final = 16 << 20
_MEMORY_MEGABYTES: Final = 512
_PROCESSOR_SECONDS: Final = 120
_RESTARTS: Final = 4
"""Processes that may be lost before nothing is parsed any more: each costs the whole time of a document."""
_LOADER: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What a Python that was not installed where it was built for needs to start; nothing else is inherited."""

_LENGTH: Final = struct.Struct(">I")
_PIECE: Final = 64 << 10


class HclProcess:
    """Satisfies `eod.tiers.ports.HclParser`. Safe to share between threads; closing it ends the process.

    Args:
        environ: The environment of our own process.
        seconds: How much processor time one document may take.
        patience_seconds: How long one document may take by the clock.
        start_seconds: How long a new process may take on top.
        script: What is run; it must speak as `eod.hcl.worker` does.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        seconds: float = DOCUMENT_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        start_seconds: float = START_SECONDS,
        script: Path = Path(worker.__file__),
    ) -> None:
        self._environ = {name: environ[name] for name in _LOADER if name in environ}
        self._seconds = seconds
        self._patience = patience_seconds
        self._start_seconds = start_seconds
        self._script = script
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._lost = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def prepare(self) -> None:
        """Start the process now, so that it gets ready while others work."""
        with self._lock, contextlib.suppress(OSError):
            self._started()

    def parse(self, text: str) -> dict[str, object] | None:
        """The document as python-hcl2 gives it; `None` where it does not parse in bounded time and memory."""
        document = text.encode("utf-8", "replace")
        if len(document) > DOCUMENT_LIMIT:
            return None
        with self._lock:
            answer = self._answer(document)
        try:
            return msgspec.json.decode(answer, type=dict[str, object]) if answer else None
        except (msgspec.MsgspecError, RecursionError):
            return None

    def close(self) -> None:
        """End the process. It is started anew should there be more to parse."""
        process, self._process = self._process, None
        self._ready = False
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):
                process.communicate()

    def _answer(self, document: bytes) -> bytes:
        if self._lost > _RESTARTS:
            return b""
        try:
            deadline = time.monotonic() + self._patience + (0.0 if self._ready else self._start_seconds)
            process = self._started()
            _write(process, _LENGTH.pack(len(document)) + document, deadline)
            (length,) = _LENGTH.unpack(_read(process, _LENGTH.size, deadline))
            self._ready = True
            if length <= _ANSWER_LIMIT:
                return _read(process, length, deadline)
        except OSError:
            pass  # a time-out, a process that died of its limits, or one that could not be started
        self._lost += 1
        self.close()
        return b""

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            # -I: neither the current directory nor the environment may add modules.
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    str(self._script.absolute()),
                    str(_MEMORY_MEGABYTES),
                    str(_PROCESSOR_SECONDS),
                    str(self._seconds),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environ,
                cwd="/",
                start_new_session=True,
                bufsize=0,
            )
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    os.set_blocking(pipe.fileno(), False)
        return self._process


def _write(process: "subprocess.Popen[bytes]", data: bytes, deadline: float) -> None:
    assert process.stdin is not None  # noqa: S101  # it is a pipe
    pipe = process.stdin.fileno()
    rest = memoryview(data)
    while rest:
        _wait(pipe, selectors.EVENT_WRITE, deadline)
        rest = rest[os.write(pipe, rest[:_PIECE]) :]


def _read(process: "subprocess.Popen[bytes]", length: int, deadline: float) -> bytes:
    assert process.stdout is not None  # noqa: S101  # it is a pipe
    pipe = process.stdout.fileno()
    data = bytearray()
    while len(data) < length:
        _wait(pipe, selectors.EVENT_READ, deadline)
        piece = os.read(pipe, min(_PIECE, length - len(data)))
        if not piece:
            raise BrokenPipeError
        data += piece
    return bytes(data)


def _wait(pipe: int, event: int, deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, event)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise TimeoutError
