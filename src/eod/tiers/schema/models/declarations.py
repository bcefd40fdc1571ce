"""What a source file declares about the database, by the framework that it uses."""

import re
from collections.abc import Iterator
from typing import Final

from eod.tiers.schema.models.brackets import closing, without_comments
from eod.tiers.schema.models.frameworks import Framework

_MEMBER: Final = re.compile(r"[^;{}=]*")
_MOST: Final = 5_000
_MEMBER_LENGTH: Final = 300
_SPACES: Final = re.compile(r"\s+")
_TRAILING: Final = re.compile(r",\s*(?=[)\]}])|\s+(?=[),;\]}.:<>?])|(?<=[(\[{.:<>])\s+")


def declarations(framework: Framework, path: str, text: str) -> frozenset[str]:
    """Each declaration in `text` on one line; empty if it does not use `framework`."""
    if not framework.speaks_of(path, text):
        return frozenset()
    plain = text if framework.data.comments else without_comments(text, path.rpartition(".")[2].lower())
    found: set[str] = set()
    for each in (*_annotated(framework, plain), *_lines(framework, plain), *_blocks(framework, plain)):
        if len(found) >= _MOST:
            break
        found.add(_normal(framework, each))
    return frozenset(found - {""})


def _annotated(framework: Framework, text: str) -> Iterator[str]:
    """Annotations with their arguments and the member that follows, other annotations between left out."""
    pattern = framework.annotation
    for hit in pattern.finditer(text) if pattern else ():
        end = (
            closing(text, hit.start())
            if framework.data.mark.startswith(("[", "#["))
            else _arguments(text, hit.end())
        )
        at = end
        for _ in range(20):
            follows = re.compile(r"\s*(@\w[\w.]*|#?\[(?=[\w\\]))").match(text, at)
            if follows is None:
                break
            at = (
                _arguments(text, follows.end())
                if "@" in follows[1]
                else closing(text, follows.start(1) + follows[1].find("["))
            )
        member = _MEMBER.match(text, at, at + _MEMBER_LENGTH)
        yield f"{text[hit.start() : end]} {member[0] if member else ''}"


def _arguments(text: str, at: int) -> int:
    opening = re.compile(r"\s*\(").match(text, at)
    return closing(text, opening.end() - 1) if opening else at


def _lines(framework: Framework, text: str) -> Iterator[str]:
    for hit in framework.lines.finditer(text) if framework.lines else ():
        yield hit[0]


def _blocks(framework: Framework, text: str) -> Iterator[str]:
    for hit in framework.blocks.finditer(text) if framework.blocks else ():
        block = text[hit.start() : closing(text, hit.end() - 1)]
        if framework.inner is None:
            head, *members = re.split(r"[\n,](?=\s*\w)", block)
            yield from (f"{head} {member}" for member in (*members, ""))
        else:
            yield from (f"{hit[0]} {inside[0]}" for inside in framework.inner.finditer(block))


def _normal(framework: Framework, text: str) -> str:
    if framework.neutral is not None:
        text = framework.neutral.sub(" ", text)
    return _TRAILING.sub("", _SPACES.sub(" ", text)).strip(" ,;").replace('"', "'")
