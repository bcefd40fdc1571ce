"""Workflow commands as text, and text that must not be one. Pure.

How the runner reads a line of the log (`ActionCommand.cs` of actions/runner): after its leading white space it is
a command if it starts with `::name …::`; failing that, if `##[name …]` stands *anywhere* in it. Both comparisons
depend on the culture, in which invisible characters count for nothing. A carriage return ends a line too.
"""

import re
import unicodedata

from actions_toolkit.command import Command

_OLD_STYLE = re.compile(r"#[^\x21-\x7e]*#[^\x21-\x7e]*\[")
_LINES = re.compile(r"\r\n|[\r\n]")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def command(name: str, message: str = "", **properties: str | int) -> str:
    """One workflow command; properties that are empty are left out, since `file=,line=` confuses the runner."""
    given = {key: str(value) for key, value in properties.items() if value not in {"", 0}}
    return str(Command(name, {key: storable(value) for key, value in given.items()}, storable(message)))


def lines_of(text: str) -> list[str]:
    """`text` as the runner splits it."""
    return _LINES.split(text)


def defused(line: str) -> str:
    """One line of the log that no runner takes for a command, with nothing visible lost.

    Invisible characters go: to the runner's comparison they do not exist, and on a terminal they can rewrite what
    was printed before.
    """
    shown = "".join(c for c in line.replace("\t", " ") if unicodedata.category(c) not in _INVISIBLE)
    shown = _OLD_STYLE.sub("# # [", shown)
    plain = "".join(c for c in shown if "!" <= c <= "~")
    return f"| {shown}" if plain.startswith("::") else shown


def paused(text: str, token: str) -> list[str]:
    """Lines between which the runner obeys nothing but `token`; `token` must be unguessable."""
    inside = [storable(line).replace("\x1b", "") for line in lines_of(text)]
    return [command("stop-commands", token), *inside, f"::{token}::"]


def masks(secret: str) -> list[str]:
    """One `add-mask` for each line of a secret that is long enough not to blacken the whole log.

    The log is masked line by line, so a mask of several lines never matches.
    """
    lines = (line.strip() for line in lines_of(secret))
    return [command("add-mask", line) for line in dict.fromkeys(lines) if len(line) >= SHORTEST_SECRET]


SHORTEST_SECRET = 4
"""Shorter lines (a brace of a JSON key) occur everywhere."""


def storable(text: str) -> str:
    """Undecodable bytes of a path arrive as lone surrogates, which no log takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
