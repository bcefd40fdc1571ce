"""The configuration's file, as a command reads it."""

from pathlib import Path
from typing import Final

from eod.errors import UsageError

DEFAULT_CONFIG: Final = ".github/eod.yml"


def read_text(path: Path) -> str:
    """The file's text.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The configuration cannot be read: {error.strerror}.",
            fix="Pass the path of a file as --config, or leave it out.",
            where=str(path),
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            "The configuration is not UTF-8 text.", fix="Save it as UTF-8.", where=str(path)
        ) from error
