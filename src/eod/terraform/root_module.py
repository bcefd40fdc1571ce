"""What a root module declares: its variables, and where it keeps its state."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from eod.errors import UsageError
from eod.terraform import hcl_variables

PARSE_SECONDS: Final = 10.0


class RootModule(Struct, frozen=True, kw_only=True):
    """A root module. `required` are variables without a default; `backend` is the backend's type, if it has one.

    `notes` tell which files could not be parsed and were read by pattern instead.
    """

    variables: frozenset[str]
    required: frozenset[str] = frozenset()
    backend: str | None = None
    notes: tuple[str, ...] = ()


def read_root_module(root: Path, *, tofu: bool, seconds: float = PARSE_SECONDS) -> RootModule:
    """Read the module in `root`, as OpenTofu or as Terraform does, in a process of its own that gets `seconds`.

    After that it is read by pattern.

    Raises:
        UsageError: There is no configuration in `root`.
    """
    if not root.is_dir() or not hcl_variables.module_files(root, tofu=tofu):
        raise UsageError(
            "There is no Terraform configuration here.",
            why="The directory does not exist at this commit, or holds no `*.tf` file.",
            fix="Correct `terraform.directory` in the configuration.",
            where=str(root),
        )
    return _parsed(root, seconds, tofu=tofu) or _scanned(root, tofu=tofu)


def _parsed(root: Path, seconds: float, *, tofu: bool) -> RootModule | None:
    # -P: the current directory is never searched for modules.
    command = [sys.executable, "-P", hcl_variables.__file__, str(root.absolute()), *(["--tofu"] if tofu else [])]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=True,
            start_new_session=True,
        )
        return msgspec.json.decode(done.stdout, type=RootModule)
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError):
        return None


def _scanned(root: Path, *, tofu: bool) -> RootModule:
    found = hcl_variables.read_module(root, parse=False, tofu=tofu)
    note = "The configuration took too long to parse, or cannot be parsed; its variables were read by pattern."
    return msgspec.convert({**found, "notes": [note, *found["notes"]]}, RootModule)
