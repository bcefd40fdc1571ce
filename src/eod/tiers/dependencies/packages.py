"""The names of packages in a text, whatever package manager wrote it."""

import re
from typing import Final

_NAME: Final = re.compile(r"@?[A-Za-z0-9][\w.@/+-]{0,200}")
_COORDINATES: Final = (
    re.compile(r"(?<![\w.:-])([A-Za-z][\w.-]{1,100}):([A-Za-z][\w.-]{1,100})(?=[:\"'@\s]|$)"),
    re.compile(r"\"([\w.-]{1,100})\"\s*%{1,3}\s*\"([\w.-]{1,100})\""),
    re.compile(r"<groupId>\s*([\w.-]{1,99})\s*</groupId>\s*<artifactId>\s*([\w.-]{1,99})\s*</artifactId>"),
    re.compile(r"group\s*[=:]\s*[\"']([\w.-]{1,100})[\"']\s*,\s*name\s*[=:]\s*[\"']([\w.-]{1,100})[\"']"),
)
"""How coordinates of Maven are written: `group:artifact`, sbt's way, in a POM, as named arguments of Gradle."""
_ADDRESS: Final = re.compile(r"://[\w.-]{1,100}/[\w./-]{0,200}?([\w.-]{1,100}?)(?:\.git)?[\"'#?]")
"""A repository's address, by which Swift asks for packages; its last part is the name."""
_LIMIT: Final = 2 << 20
"""Characters of a file that are looked at."""


def packages_in(text: str, comment: str) -> frozenset[str]:
    """Everything in `text` that could be a package's name, in lower case; comments are left out.

    Names that a manager takes for one are made one: PyPI reads `Flask_Login` as `flask-login`; a Go module's major
    version (`/v5`) stays, since patterns allow for it.
    """
    found: set[str] = set()
    for line in text[:_LIMIT].splitlines():
        code = _without_comment(line, comment)
        for match in _NAME.finditer(code):
            name = match[0].rstrip("/.-").lower()
            found.add(name)
            found.add(name.replace("_", "-"))
            if "@" in name[1:]:
                found.add(name[: name.rindex("@")])
    found.update(match[1].lower() for match in _ADDRESS.finditer(text[:_LIMIT]))
    for pattern in _COORDINATES:
        found.update(f"{match[1]}:{match[2]}".lower() for match in pattern.finditer(text[:_LIMIT]))
    return frozenset(found)


def _without_comment(line: str, comment: str) -> str:
    if not comment:
        return line
    stripped = line.lstrip()
    if stripped.startswith(comment):
        return ""
    # `//` also stands in addresses and `#` in fragments: a comment at the end of a line follows a blank.
    return line.split(f" {comment}", 1)[0]
