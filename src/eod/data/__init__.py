"""Knowledge that users may want to read, extend or overrule: TOML tables beside this file, each with its sources."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec

T = TypeVar("T")


@cache
def read(name: str, shape: type[T]) -> T:
    """The table `name` (without `.toml`) in the shape of `shape`, a frozen struct; read once a process.

    Raises:
        msgspec.ValidationError: The table does not have that shape; a fault of the package, not of a user.
    """
    text = files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), shape)
