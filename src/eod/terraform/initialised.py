"""Whether `init` would find everything as it left it: then it need not be run again.

The digest covers all that `init` reads: the engine, its whole environment, its CLI configuration, the backend's
settings, the lock file, and every file of configuration of the root module and of the local modules that the
manifest names. And it covers all that `init` leaves in the data directory: the backend's record, the manifest,
downloaded modules, and the provider binaries behind whatever links, by size, inode and times. What cannot be told
for certain counts as changed.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from eod.errors import TerraformError
from eod.terraform.cli_configuration import configuration_files
from eod.terraform.session import Session
from eod.terraform.workplace import write_private

SOURCE_BYTES: Final = 64 << 20
"""More configuration than this is not read again: that would take as long as `init`."""
ENTRIES: Final = 50_000
"""More files than this in the data directory are not looked at."""

_READ: Final = (".tf", ".tf.json", ".tofu", ".tofu.json", ".hcl", ".tfvars", ".tfvars.json")
_WRITTEN_BY_INIT: Final = ".terraform.lock.hcl"
_TESTS: Final = "tests"
_COMPUTED_SOURCE: Final = re.compile(
    rb'(?m)(?<![\w.-])"?source"?(?=\s*[=:/#])'
    rb'(?![ \t]*[=:][ \t]*"[^"$%\n]*"[ \t]*(?:[,}\]#]|//|/\*|\r?$))'
)
"""What may be a module source that is no plain string, one with a comment before its `=` among them: newer engines
compute it from variables and files."""
_READS_FILES: Final = re.compile(rb"\b(?:file|templatefile)\w*\s*\(")
"""OpenTofu evaluates backends and module sources early, and these functions read any file."""


class _Installed(Struct, frozen=True):
    dir: str = msgspec.field(name="Dir")


class _Manifest(Struct, frozen=True):
    modules: tuple[_Installed, ...] = msgspec.field(name="Modules", default=())


class _Doubt(Exception):  # noqa: N818 - no error: a reason to run init
    """It cannot be told."""


def still_initialised(session: Session) -> bool:
    """Whether nothing that `init` reads or leaves has changed since `remember` was told of its success."""
    try:
        noted = session.place.initialised.read_text(encoding="ascii")
        return bool(noted) and noted == _digest(session)
    except (_Doubt, OSError, ValueError):
        return False


def begin(session: Session) -> None:
    """Before `init`: whatever is noted does not hold any more. The note's time says when it began.

    Raises:
        TerraformError: The disk is full.
    """
    write_private(session.place.initialised, b"")


def remember(session: Session) -> None:
    """After a successful `init`: note what it read and left, unless its sources changed meanwhile."""
    try:
        began = session.place.initialised.stat().st_ctime_ns
        if any(path.stat().st_ctime_ns >= began for path in _sources(session) if path.name != _WRITTEN_BY_INIT):
            return
        write_private(session.place.initialised, _digest(session).encode())
    except (_Doubt, OSError, ValueError, TerraformError):
        session.place.initialised.unlink(missing_ok=True)


def _digest(session: Session) -> str:
    digest = hashlib.sha256()
    for part in _parts(session):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _parts(session: Session) -> Iterator[bytes]:
    engine = session.engine
    yield from (os.fsencode(engine.path), engine.version.encode(), _look(engine.path), os.fsencode(session.root))
    yield from (os.fsencode(f"{name}={value}") for name, value in sorted(session.environ.items()))
    for path in configuration_files(session.environ):
        if path.exists():
            yield from (os.fsencode(path), path.read_bytes())
    yield session.place.backend.read_bytes()
    if engine.is_tofu:
        yield session.place.variables.read_bytes()
    left = SOURCE_BYTES
    for path in _sources(session):
        content = path.read_bytes()
        left -= len(content)
        if left < 0 or _computes(content, tofu=engine.is_tofu):
            raise _Doubt
        yield from (os.fsencode(path), content)
    yield session.place.backend_record.read_bytes()
    yield from _left(session.place.data)


def _computes(content: bytes, *, tofu: bool) -> bool:
    return bool(_COMPUTED_SOURCE.search(content) or (tofu and _READS_FILES.search(content)))


def _sources(session: Session) -> Iterator[Path]:
    """Every file of configuration that `init` reads outside the data directory."""
    manifest = session.place.data / "modules" / "modules.json"
    directories = {session.root}
    if manifest.is_file():
        installed = msgspec.json.decode(manifest.read_bytes(), type=_Manifest).modules
        directories |= {Path(os.path.normpath(session.root / one.dir)) for one in installed}
    for directory in sorted(directories):
        yield from _configuration(directory.iterdir())
        if (directory / _TESTS).is_dir():
            yield from _configuration((directory / _TESTS).iterdir())


def _configuration(paths: Iterable[Path]) -> Iterator[Path]:
    for path in sorted(paths):
        if path.name.endswith(_READ):
            if not path.is_file():
                raise _Doubt
            yield path


def _left(data: Path) -> Iterator[bytes]:
    """Everything in the data directory, and what its links lead to: the provider binaries in a cache or mirror."""
    seen = 0
    waiting = [data]
    while waiting:
        for entry in sorted(os.scandir(waiting.pop()), key=lambda one: one.name):
            seen += 1
            if seen > ENTRIES:
                raise _Doubt
            yield from (os.fsencode(entry.path), _target(entry))
            if entry.is_dir():
                waiting.append(Path(entry.path))
            else:
                yield _look(Path(entry.path))


def _target(entry: os.DirEntry[str]) -> bytes:
    return os.fsencode(Path(entry.path).readlink()) if entry.is_symlink() else b""


def _look(path: Path) -> bytes:
    """A file by what cannot stay the same when it is written to or replaced."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise _Doubt
    return repr(
        (found.st_mode, found.st_size, found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
    ).encode()
