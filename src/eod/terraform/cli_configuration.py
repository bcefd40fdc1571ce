"""Where Terraform and OpenTofu read their CLI configuration.

https://developer.hashicorp.com/terraform/cli/config/config-file, https://opentofu.org/docs/cli/config/config-file/
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

LIMIT: Final = 1 << 20
"""Characters that are read of one."""


def configuration_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Every file that may be read as CLI configuration with this environment; some do not exist."""
    named = environ.get("TF_CLI_CONFIG_FILE") or environ.get("TERRAFORM_CONFIG")
    home = environ.get("HOME")
    if named:
        yield Path(named)
    elif home:
        yield from (Path(home) / ".tofurc", Path(home) / ".terraformrc")
    if home:
        directory = Path(home) / ".terraform.d"
        if directory.is_dir():
            yield from sorted(path for path in directory.iterdir() if ".tfrc" in path.name)


def text_of(path: Path) -> str:
    """What such a file holds; empty where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(LIMIT) if path.is_file() else ""
    except OSError:
        return ""
