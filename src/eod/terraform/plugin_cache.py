"""The cache of provider plugins: one for all environments of a job, or what the user set up, used in turns.

Terraform's documentation says of it: "The plugin cache directory is not guaranteed to be concurrency safe".
OpenTofu locks it itself from 1.10 on. https://developer.hashicorp.com/terraform/cli/config/config-file
"""

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from eod.errors import TerraformError
from eod.terraform.cli_configuration import configuration_files, text_of

VARIABLE: Final = "TF_PLUGIN_CACHE_DIR"
LOCK: Final = ".eod-init.lock"
POLL_SECONDS: Final = 0.5

_NOT_OURS: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_SETTING: Final = re.compile(r'^\s*"?plugin_cache_dir"?\s*[=:]\s*"([^"\n]+)"', re.MULTILINE)


def cache_of(environ: Mapping[str, str]) -> str | None:
    """The cache that Terraform uses, by this environment or its CLI configuration; `None` without one."""
    if environ.get(VARIABLE):
        return environ[VARIABLE]
    for path in configuration_files(environ):
        found = _SETTING.search(text_of(path))
        if found is not None:
            return _expanded(found[1], environ)
    return None


def with_cache(environ: dict[str, str], default: Path) -> dict[str, str]:
    """`environ` with `default` as the cache, unless the user has one already."""
    return environ if cache_of(environ) is not None else {**environ, VARIABLE: str(default)}


@contextmanager
def in_turns(cache: str, *, wait: Callable[[float], None], seconds: float) -> Iterator[int | None]:
    """Hold the cache for ourselves. Yields the open lock: a child that inherits it holds it beyond our own death.

    Where nobody can write there are no turns to take, and no lock: Terraform only links what lies there.

    Args:
        cache: The cache's directory; made where it is missing.
        wait: Waits for so many seconds.
        seconds: How long others may have it before this gives up.

    Raises:
        TerraformError: The directory cannot be used, or somebody holds it too long.
        CancelledError: The run was cancelled while it waited.
    """
    lock = _open(Path(cache))
    if lock is None:
        yield None
        return
    try:
        waited = 0.0
        while not _taken(lock, cache):
            if waited >= seconds:
                raise TerraformError(
                    f"The plugin cache has been in use by another run for {waited:.0f} s.",
                    why="Terraform's cache breaks when two runs write to it at once, so they take turns.",
                    fix=f"Re-run the job; or give each job on this machine a {VARIABLE} of its own.",
                    where=cache,
                )
            wait(POLL_SECONDS)
            waited += POLL_SECONDS
        yield lock
    finally:
        os.close(lock)


def _open(directory: Path) -> int | None:
    """The lock, open; `None` where there is none and the directory cannot be written to."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        try:
            return os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            if error.errno not in _NOT_OURS:
                raise
        # Another user's, on a shared machine: whoever may read it can wait for its turn.
        return os.open(directory / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TerraformError(
            f"The plugin cache cannot be used: {error.strerror}.",
            why="The disk is full, or the directory is not ours.",
            fix=f"Free space on the runner, correct {VARIABLE}, or leave it away.",
            where=str(directory),
        ) from None


def _taken(descriptor: int, cache: str) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise TerraformError(
            f"The plugin cache cannot be locked: {error.strerror}.",
            why="Its file system has no locks, as some network file systems have none; and Terraform's cache "
            "breaks when two runs write to it at once.",
            fix=f"Set {VARIABLE} to a directory on a local disk, or leave it away.",
            where=cache,
        ) from None
    return True


def _expanded(path: str, environ: Mapping[str, str]) -> str:
    """Terraform expands variables in this setting."""
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda name: environ.get(name[1] or name[2], ""), path)
