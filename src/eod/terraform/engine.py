"""Which Terraform, or OpenTofu, is run, and whether it is new enough."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from eod.errors import TerraformUsageError

OLDEST: Final[Mapping[str, tuple[int, int]]] = {"Terraform": (1, 9), "OpenTofu": (1, 10)}
VERSION_SECONDS: Final = 30.0

_EARLY: Final = frozenset({"init", "state", "force-unlock"})
_VERSION: Final = re.compile(r"^(Terraform|OpenTofu) v(\d+)\.(\d+)\.(\S+)", re.MULTILINE)


class Engine(Struct, frozen=True, kw_only=True):
    """A binary that was asked for its version."""

    path: Path
    product: str
    version: str

    @property
    def is_tofu(self) -> bool:
        """Whether it is OpenTofu."""
        return self.product == "OpenTofu"

    @property
    def command(self) -> str:
        """What people type for it."""
        return "tofu" if self.is_tofu else "terraform"


def with_early_variables(arguments: Sequence[str], variables: Path, *, tofu: bool) -> list[str]:
    """The arguments of a command that reads the backend, with the variables that OpenTofu needs for that.

    OpenTofu evaluates backends and module sources from variables, in every command that reads a state
    (https://opentofu.org/docs/language/settings/backends/configuration/#variables-and-locals).
    """
    words = 2 if arguments[0] == "state" else 1
    if not tofu or arguments[0] not in _EARLY or not variables.is_file():
        return list(arguments)
    return [*arguments[:words], f"-var-file={variables}", *arguments[words:]]


def find_engine(binary: str, environ: Mapping[str, str]) -> Engine:
    """Find the binary on the `PATH` of `environ` (or take it as a path) and ask for its version.

    Raises:
        TerraformUsageError: It is missing, is neither Terraform nor OpenTofu, or is too old.
    """
    found = shutil.which(binary, path=environ.get("PATH", ""))
    if found is None:
        raise TerraformUsageError(
            f"`{binary}` is not installed.",
            why="No such program is on the runner's PATH.",
            fix="Install it in a step before this one (hashicorp/setup-terraform or opentofu/setup-opentofu), "
            "or set `terraform.binary` in the configuration.",
        )
    path = _real(Path(found).absolute())
    return read_version(path, _ask(path, environ))


def read_version(path: Path, printed: str) -> Engine:
    """The engine in what `version` printed.

    Raises:
        TerraformUsageError: It is neither Terraform nor OpenTofu, or is too old.
    """
    match = _VERSION.search(printed)
    if match is None:
        raise TerraformUsageError(
            "This is neither Terraform nor OpenTofu.",
            why="It does not answer `version` as they do.",
            fix="Set `terraform.binary` to one of them.",
            where=str(path),
            detail=printed[:500],
        )
    product, major, minor, rest = match.groups()
    version = f"{major}.{minor}.{rest}"
    oldest = OLDEST[product]
    if (int(major), int(minor)) < oldest:
        raise TerraformUsageError(
            f"{product} {version} is too old.",
            why=f"{product} {oldest[0]}.{oldest[1]} is the oldest that is supported.",
            fix="Install a newer one in the step before this one.",
            where=str(path),
        )
    return Engine(path=path, product=product, version=version)


def _real(path: Path) -> Path:
    """The binary behind the wrapper that the setup actions install.

    The wrapper is a script that neither forwards signals nor survives them: a cancelled run would leave the state
    locked. It is called `terraform` and keeps the real one beside it as `terraform-bin`.
    """
    behind = path.with_name(f"{path.name}-bin")
    return behind if shutil.which(behind) else path


def _ask(path: Path, environ: Mapping[str, str]) -> str:
    try:
        asked = subprocess.run(
            [str(path), "version"],
            env={**environ, "CHECKPOINT_DISABLE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=VERSION_SECONDS,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TerraformUsageError(
            f"`{path.name}` does not tell its version: {error}.",
            fix="Check that `terraform.binary` can be run on this machine.",
            where=str(path),
        ) from None
    return (asked.stdout + asked.stderr).decode(errors="replace")
