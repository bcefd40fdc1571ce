"""Knowledge that users may want to read, extend or overrule: TOML tables, each line with its source."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec

T = TypeVar("T")


def read(name: str, shape: type[T]) -> T:
    """The table `name` (without `.toml`) in the shape of `shape`, a frozen struct.

    The file is read once a process. Callers that ask often keep what they get.

    Raises:
        msgspec.ValidationError: The table does not have that shape; a fault of the package, not of a user.
    """
    return msgspec.convert(_table(name), shape)


@cache
def _table(name: str) -> dict[str, object]:
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
