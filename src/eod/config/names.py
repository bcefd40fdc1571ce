"""Names of environments, their namespaces and their hosts. All pure."""

import re
from typing import Final

from eod.config.placeholders import fill
from eod.config.schema.file import Config
from eod.errors import ConfigError

LONGEST_LABEL: Final = 63
"""Of a DNS label (RFC 1123), and so of a namespace."""

LONGEST_HOSTNAME: Final = 253
"""Of a host's whole name (RFC 1123)."""

_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_HIGHEST_NUMBER: Final = 999_999_999


def environment_name(config: Config, number: int) -> str:
    """The name of the environment of pull request `number`; also that of its namespace.

    Raises:
        ConfigError: The name is no DNS label.
    """
    name = fill(config.name, {"number": str(number)})
    problem = label_problem(name)
    if problem:
        raise ConfigError(
            f"`name: {config.name}` gives `{name}`, which {problem}.",
            why="The name is also that of a namespace and of a host.",
            fix="Use lower-case letters, digits and dashes, for instance `pr-{number}`.",
        )
    return name


def namespace_of(environment: str) -> str:
    """The namespace of an environment."""
    return environment


def hostname_of(config: Config, environment: str) -> str:
    """The host that an environment answers at: `<name>.<domain>`.

    Raises:
        ConfigError: The whole name is longer than a host's name may be.
    """
    hostname = f"{environment}.{config.domain}"
    if len(hostname) > LONGEST_HOSTNAME:
        raise ConfigError(
            f"The host `{hostname}` has {len(hostname)} characters; at most {LONGEST_HOSTNAME} are allowed.",
            fix="Choose a shorter `domain` or `name`.",
        )
    return hostname


def pr_number_of(config: Config, environment: str) -> int | None:
    """The pull request that an environment's name belongs to, or `None` if it is not one of ours."""
    before, _, after = config.name.partition("{number}")
    match = re.fullmatch(rf"{re.escape(before)}([1-9][0-9]*){re.escape(after)}", environment)
    return int(match[1]) if match else None


def label_problem(name: str) -> str:
    """Why `name` is no DNS label (RFC 1123), as the end of a sentence; empty when it is one."""
    if len(name) > LONGEST_LABEL:
        return f"has {len(name)} characters; at most {LONGEST_LABEL} are allowed"
    if not _LABEL.fullmatch(name):
        return "is no DNS label (lower-case letters, digits and inner dashes)"
    return ""


def longest_name(config: Config) -> str:
    """The name of the highest pull request that can be expected: long enough to show what will not fit."""
    return config.name.replace("{number}", str(_HIGHEST_NUMBER))
