"""Where built parts lie: outside the checkout, in one folder for each part and state of its sources."""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testbed.parts import Part, part_of

BASE_VARIABLE = "EOD_TESTBED_CACHE"
_COMPLETE = ".complete"


def base() -> Path:
    """The cache's folder: `$EOD_TESTBED_CACHE`, else `eod-testbed` in the user's cache folder."""
    named = os.environ.get(BASE_VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    user_cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(user_cache) if user_cache else Path.home() / ".cache") / "eod-testbed"


def source_key(part: Part) -> str:
    """A short digest of everything but the compiler that decides what the part's executables are."""
    digest = hashlib.sha256(repr(part).encode())
    for name in ("go.mod", "go.sum", "tools.go"):
        digest.update((part.module / name).read_bytes())
    return digest.hexdigest()[:12]


def folder(part: Part, go_version: str) -> Path:
    """Where this part, built by this compiler, belongs."""
    return base() / f"{part.name}-{source_key(part)}-{go_version}"


def installed(part: Part) -> Path | None:
    """The folder of the part as built from the present sources, or None.

    What another compiler built serves as well: the sources are the same, and a machine whose Go was updated
    or removed need not wait for a build.
    """
    candidates = sorted(base().glob(f"{part.name}-{source_key(part)}-*"), reverse=True)
    complete = [candidate for candidate in candidates if is_complete(candidate)]
    return complete[0] if complete else None


def is_complete(candidate: Path) -> bool:
    """Whether a build ended there."""
    return (candidate / _COMPLETE).is_file()


def mark_complete(built: Path) -> None:
    """The last thing that a build does to its folder before it is moved into place."""
    (built / _COMPLETE).touch()


def program(name: str) -> Path | None:
    """The path of a built executable, or None when its part is not built."""
    found = installed(part_of(name))
    return found / "bin" / name if found else None


def go_version() -> str | None:
    """What `go env GOVERSION` says, for instance `go1.26.1`; None without a Go toolchain."""
    try:
        said = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return said.stdout.strip().replace(" ", "-")


@contextmanager
def lock(part: Part) -> Iterator[None]:
    """Hold the part for ourselves: a second build of it waits here until the first has ended."""
    base().mkdir(parents=True, exist_ok=True)
    with (base() / f".{part.name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
