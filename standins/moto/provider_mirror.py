"""Finds the AWS provider on this machine, so that `terraform init` need not ask the registry.

A mirror is a folder that holds `registry.terraform.io/`, as `terraform providers mirror` makes it. Terraform
looks into some folders by itself (https://developer.hashicorp.com/terraform/cli/config/config-file,
"Implied Local Mirror Directories"), but only while no CLI configuration says otherwise; images for builds
often keep theirs one level below `/opt`.
"""

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

PROVIDER = Path("registry.terraform.io/hashicorp/aws")
HOSTS = ("registry.terraform.io", "registry.opentofu.org")
"""Whom Terraform and OpenTofu ask for a provider that a module names without a host."""


def implied_mirrors(environ: Mapping[str, str], home: Path, platform: str = sys.platform) -> Iterator[Path]:
    """The folders that Terraform itself looks into, in its order."""
    if platform == "darwin":
        yield home / "Library/Application Support/io.terraform/plugins"
        yield Path("/Library/Application Support/io.terraform/plugins")
    yield home / ".terraform.d/plugins"
    yield Path(environ.get("XDG_DATA_HOME") or home / ".local/share") / "terraform/plugins"
    for folder in (environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        yield Path(folder) / "terraform/plugins"


def find_mirror(
    environ: Mapping[str, str] = os.environ, home: Path | None = None, opt: Path = Path("/opt")
) -> Path | None:
    """The first folder with the AWS provider, or `None`."""
    below_opt = sorted(opt.iterdir()) if opt.is_dir() else []
    candidates = [*implied_mirrors(environ, home or Path.home()), *below_opt]
    return next((folder for folder in candidates if any((folder / PROVIDER).glob("*"))), None)


def find_provider(mirror: Path | None, machine: str = platform.machine()) -> Path | None:
    """The folder of the newest AWS provider that `mirror` holds unpacked for this machine, or `None`."""
    if mirror is None:
        return None
    chip = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    folders = (mirror / PROVIDER).glob(f"*/{sys.platform}_{chip}")
    return max(folders, key=_version, default=None)


def for_both_engines(mirror: Path | None, directory: Path) -> Path | None:
    """A mirror in `directory` that has what `mirror` has also by the name under which OpenTofu asks for it."""
    if mirror is None:
        return None
    for package in (mirror / PROVIDER).glob("*/*"):
        for host in HOSTS:  # Terraform follows a link only where the package itself is one
            place = directory / host / PROVIDER.relative_to(HOSTS[0]) / package.parent.name
            place.mkdir(parents=True, exist_ok=True)
            (place / package.name).symlink_to(package.resolve())
    return directory


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdecimal())


def cli_configuration(mirror: Path | None, *, override: Path | None = None) -> str | None:
    """A Terraform CLI configuration that takes what `mirror` has from there and the rest from the registry.

    With `override`, Terraform runs the provider in that folder as it lies there: its 700 MB are not hashed anew by
    each command.
    """
    if mirror is None:
        return None
    names = [f'"{host}/hashicorp/aws"' for host in HOSTS if host in PROVIDER.parts or (mirror / host).is_dir()]
    include = f"[{', '.join(names)}]"
    replaced = "".join(f"    {name} = {_quoted(override)}\n" for name in names if override is not None)
    overrides = f"  dev_overrides {{\n{replaced}  }}\n" if replaced else ""
    return (
        "disable_checkpoint = true\n"
        "provider_installation {\n"
        f"{overrides}"
        f"  filesystem_mirror {{\n    path    = {_quoted(mirror)}\n    include = {include}\n  }}\n"
        f"  direct {{\n    exclude = {include}\n  }}\n"
        "}\n"
    )


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
