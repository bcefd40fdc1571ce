"""A Dockerfile as its instructions: https://docs.docker.com/reference/dockerfile/."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

_ESCAPE: Final = re.compile(r"^#\s*escape\s*=\s*(\S)\s*$", re.IGNORECASE)
_DIRECTIVE: Final = re.compile(r"^#\s*[a-z]+\s*=", re.IGNORECASE)
_HEREDOC: Final = re.compile(r"<<(-?)([\"']?)([A-Za-z_][A-Za-z0-9_.]*)\2")
_WITH_HEREDOC: Final = frozenset({"RUN", "COPY", "ADD"})
_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}?")
_AS: Final = re.compile(r" as ", re.IGNORECASE)
_LONGEST: Final = 2_000


class Instruction(Struct, frozen=True):
    """One instruction: its name in capitals, its words with single spaces, and its here-documents."""

    name: str
    value: str
    heredocs: tuple[str, ...] = ()


class Stage(Struct, frozen=True):
    """One stage of a build: the image that it starts from, by its own name or that of an earlier stage."""

    image: str
    name: str


def instructions(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile, without comments."""
    lines = text.split("\n")
    escape = _escape(lines)
    found: list[Instruction] = []
    at = 0
    while at < len(lines):
        words, at = _logical(lines, at, escape)
        if not words:
            continue
        name, _, value = words.partition(" ")
        if name.upper() == "FROM":
            value = _AS.sub(" AS ", value)
        heredocs: tuple[str, ...] = ()
        if name.upper() in _WITH_HEREDOC and "<<" in value:
            heredocs, at = _heredocs(lines, at, value)
        found.append(Instruction(name.upper(), value, heredocs))
    return found


def directives(text: str) -> list[str]:
    """The parser's directives at the beginning, which look like comments: `# syntax=docker/dockerfile:1`."""
    found = []
    for line in text.split("\n"):
        if not _DIRECTIVE.match(line.strip()):
            break
        found.append("".join(line.split()).lower())
    return found


def stages(found: list[Instruction]) -> list[Stage]:
    """The stages, with the defaults of `ARG`s before the first one put in."""
    defaults: dict[str, str] = {}
    result: list[Stage] = []
    for each in found:
        if each.name == "ARG" and not result:
            name, _, default = each.value.partition("=")
            defaults[name.strip()] = default.strip().strip("\"'")
        elif each.name == "FROM":
            words = [word for word in each.value[:_LONGEST].split() if not word.startswith("--")]
            image = (
                _VARIABLE.sub(lambda match: defaults.get(match[1]) or match[2] or match[0], words[0])
                if words
                else ""
            )
            named = len(words) > 2 and words[1].upper() == "AS"  # noqa: PLR2004  # FROM image AS name
            result.append(Stage(image, words[2].lower() if named else ""))
    return result


def final_base(found: list[Instruction]) -> str:
    """The image that the last stage starts from, also by way of other stages; empty if there is none."""
    every = stages(found)
    named = {stage.name: stage.image for stage in every if stage.name}
    image = every[-1].image if every else ""
    for _ in every:
        if image.lower() not in named:
            break
        image = named[image.lower()]
    return image


def _escape(lines: list[str]) -> str:
    for line in lines:
        bare = line.strip()
        found = _ESCAPE.match(bare)
        if found:
            return found[1]
        if not _DIRECTIVE.match(bare):
            break
    return "\\"


def _logical(lines: list[str], at: int, escape: str) -> tuple[str, int]:
    """One instruction's words from line `at` on, its continuation lines joined, and the line after it."""
    parts: list[str] = []
    while at < len(lines):
        bare = lines[at].strip()
        at += 1
        if bare.startswith("#") or (not bare and parts):
            continue
        if not bare:
            break
        if not bare.endswith(escape):
            parts.append(bare)
            break
        parts.append(bare[:-1].rstrip())
    return " ".join(" ".join(parts).split()), at


def _heredocs(lines: list[str], at: int, value: str) -> tuple[tuple[str, ...], int]:
    bodies = []
    for found in _HEREDOC.finditer(value):
        body, end = list[str](), at
        for end, line in _enumerated(lines, at):
            if (line.lstrip("\t") if found[1] else line).rstrip("\r") == found[3]:
                bodies.append("\n".join(body))
                at = end + 1
                break
            body.append(line)
    return tuple(bodies), at


def _enumerated(lines: list[str], start: int) -> Iterator[tuple[int, str]]:
    return ((at, lines[at]) for at in range(start, len(lines)))
