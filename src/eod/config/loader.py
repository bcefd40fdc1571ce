"""Reads `.github/eod.yml`: the whole file is judged in one pass, and every problem is reported with its line."""

from typing import Any, Final

import msgspec

from eod.config.checks import check, check_text
from eod.config.problems import Problem, raise_for
from eod.config.schema.file import Config
from eod.config.shape import shape
from eod.config.yamltree import Node, parse
from eod.errors import ConfigError

MINIMAL: Final = """\
domain: preview.example.com
terraform:
  directory: infra/preview
"""
"""The smallest file that makes sense."""

_REFERENCE: Final = "docs/configuration.md lists every key with its type and default."
_STAND_IN_DOMAIN: Final = "preview.example.com"


def load(text: str, source: str) -> Config:
    """The configuration that `text` holds.

    Args:
        text: The file's content.
        source: The file as the user knows it, for messages: `.github/eod.yml`.

    Raises:
        ConfigError: With every problem of the file, each as `file:line`.
    """
    tree, problems = parse(text)
    if tree is None or tree.value is None:
        raise_for(problems, source, ConfigError)
        raise _empty(source)
    if not isinstance(tree.value, dict):
        raise ConfigError(
            "The file must be a mapping of keys to values.",
            fix=f"For instance:\n{MINIMAL}",
            where=f"{source}:{tree.line}",
        )
    config = _judge(tree, problems)
    raise_for(problems, source, ConfigError, fix=_REFERENCE)
    return config


def _judge(tree: Node, problems: list[Problem]) -> Config:
    """The configuration without its bad parts; what is wrong is added to `problems`."""
    shaped = shape(tree, Config, check_text=check_text)
    problems += shaped.problems
    # With something in the place of what is bad or missing, the rest can still be checked.
    known: dict[str, Any] = {"domain": _STAND_IN_DOMAIN, **(shaped.value or {})}
    try:
        config = msgspec.convert(known, Config)
    except msgspec.ValidationError as error:
        problems.append(Problem(line=1, what=f"{error}."))
        return Config(domain=_STAND_IN_DOMAIN)
    # A section without its bad values would also be blamed for lacking them.
    damaged = {path[0] for path in shaped.dropped if path}
    problems += check(config, shaped.lines, besides=damaged)
    return config


def _empty(source: str) -> ConfigError:
    return ConfigError(
        "The file is empty.",
        why="It needs `domain`, and `terraform.directory` where Terraform is used; the rest has defaults.",
        fix=f"Start with:\n{MINIMAL}",
        where=f"{source}:1",
    )
