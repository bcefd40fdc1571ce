"""Building the parts that are missing: once, atomically, one at a time (the compiler uses every core itself)."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from testbed import cache
from testbed.errors import TestbedError
from testbed.parts import PARTS, Part

Say = Callable[[str], None]

_NO_GO = """there is no `go` on the PATH, and the real parts are not built yet. One of these helps:
  - install Go 1.26 or later (https://go.dev/dl) and run `python -m testbed build`;
  - on a machine with a container engine, install kind (https://kind.sigs.k8s.io): it is then used instead;
  - point EOD_LIVE_KUBECONFIG at the kubeconfig of a cluster that has Argo CD installed."""


def build(parts: Iterable[Part] = PARTS, *, say: Say) -> None:
    """Build whichever of these parts is not in the cache.

    Args:
        parts: The parts wanted.
        say: Told one line for each part: that it was there, or how long it took.

    Raises:
        TestbedError: There is no Go toolchain, or the compiler refused; the message holds its last lines.
    """
    for part in parts:
        if cache.installed(part):
            say(f"{part.name}: already built")
            continue
        go_version = cache.go_version()
        if go_version is None:
            raise TestbedError(_NO_GO)
        with cache.lock(part):
            if cache.installed(part):
                say(f"{part.name}: built meanwhile by another run")
                continue
            say(f"{part.name}: building {', '.join(part.programs)} …")
            started = time.monotonic()
            _build_into(cache.folder(part, go_version), part)
            say(f"{part.name}: built in {time.monotonic() - started:.0f} s")


def ensure_program(name: str, part: Part, *, say: Say) -> Path:
    """The path of one executable, built first when need be.

    Raises:
        TestbedError: It cannot be built.
    """
    build([part], say=say)
    path = cache.program(name)
    if path is None:
        raise TestbedError(f"{name} is not in {cache.base()} although it was just built")
    return path


def module_folder(part: Part, module: str) -> Path:
    """Where the files of a module that the part depends on lie; they are fetched when need be.

    Raises:
        FileNotFoundError: There is no Go toolchain.
        TestbedError: The module cannot be had.
    """
    _go(part, "mod", "download", module)
    return Path(_go(part, "list", "-m", "-f", "{{.Dir}}", module).strip())


def _build_into(target: Path, part: Part) -> None:
    """Build beside the target and move into place, so that nobody ever sees half a part."""
    for abandoned in cache.base().glob(f".{part.name}-*"):
        shutil.rmtree(abandoned)  # by a build that was killed: we hold the part's lock
    with tempfile.TemporaryDirectory(prefix=f".{part.name}-", dir=cache.base()) as temporary:
        built = Path(temporary) / "built"
        programs = built / "bin"
        programs.mkdir(parents=True)
        for name, package in part.programs.items():
            _go(part, "build", "-trimpath", f"-ldflags={_linker_flags(part)}", "-o", str(programs / name), package)
        for alias, name in part.aliases.items():
            (programs / alias).symlink_to(name)
        if part.keep:
            source = module_folder(part, part.keep_from)
            for kept in part.keep:
                shutil.copyfile(source / kept, built / Path(kept).name)
        cache.mark_complete(built)
        shutil.rmtree(target, ignore_errors=True)
        built.rename(target)


def _linker_flags(part: Part) -> str:
    return " ".join(["-s", "-w", *(f"-X={name}={value}" for name, value in part.stamps.items())])


def _go(part: Part, *arguments: str) -> str:
    # Whatever flags, workspace or C compiler the user has set up must not change what is built.
    environment = os.environ | {"GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}
    ended = subprocess.run(
        ["go", *arguments], cwd=part.module, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        last = "\n".join(ended.stderr.strip().splitlines()[-15:])
        raise TestbedError(f"building {part.name} failed: go {arguments[0]} ended with {ended.returncode}\n{last}")
    return ended.stdout
