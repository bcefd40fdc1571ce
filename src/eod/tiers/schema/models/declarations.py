"""What a source file declares about the database, by the framework that it uses."""

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from eod.tiers.schema.models.brackets import closing, without_comments
from eod.tiers.schema.models.frameworks import Framework

_MOST: Final = 5_000
"""Declarations of one file that are looked at."""
_MOST_BLOCKS: Final = 300
_ANNOTATION: Final = 4_000
"""Characters of an annotation's arguments, of a block, and of a member that are read."""
_BLOCK: Final = 60_000
_MEMBER: Final = re.compile(r"[^;{}=]{0,300}")
_NEXT: Final = re.compile(r"\s{0,200}(@\w[\w.]*|#?\[(?=[\w\\]))")
_ARGUMENTS: Final = re.compile(r"[ \t]{0,200}\(")
_END: Final = re.compile(r"[;{}]")
_LINE: Final = re.compile(r"[\n,](?=\s*\w)")
_SPACES: Final = re.compile(r"\s+")
_LOOSE: Final = re.compile(r",\s?(?=[)\]}])|\s(?=[),;\]}.:<>?])|(?<=[(\[{.:<>])\s")


def declarations(framework: Framework, path: str, text: str) -> frozenset[str]:
    """Each declaration in `text`, which has no endless lines; empty if it does not use `framework`."""
    if not framework.speaks_of(path, text):
        return frozenset()
    plain = text if framework.data.comments else without_comments(text, path.rpartition(".")[2].lower())
    found = chain(
        islice(_annotated(framework, plain), _MOST),
        islice(_lines(framework, plain), _MOST),
        islice(_statements(framework, plain), _MOST),
        islice(_blocks(framework, plain), _MOST),
    )
    return frozenset(_normal(framework, each) for each in found) - {""}


def _annotated(framework: Framework, text: str) -> Iterator[str]:
    """Annotations with their arguments and the member that follows, other annotations between left out."""
    bracketed = framework.data.mark.startswith(("[", "#["))
    for hit in framework.annotation.finditer(text) if framework.annotation else ():
        end = closing(text, hit.start(), _ANNOTATION) if bracketed else _arguments(text, hit.end())
        at = end
        for _ in range(20):
            follows = _NEXT.match(text, at)
            if follows is None:
                break
            other = follows[1]
            bracket = follows.start(1) + other.find("[")
            at = _arguments(text, follows.end()) if other[0] == "@" else closing(text, bracket, _ANNOTATION)
        member = _MEMBER.match(text, at)
        yield f"{text[hit.start() : end]} {member[0] if member else ''}"


def _arguments(text: str, at: int) -> int:
    opening = _ARGUMENTS.match(text, at)
    return closing(text, opening.end() - 1, _ANNOTATION) if opening else at


def _lines(framework: Framework, text: str) -> Iterator[str]:
    for hit in framework.lines.finditer(text) if framework.lines else ():
        yield hit[0]


def _statements(framework: Framework, text: str) -> Iterator[str]:
    pattern = framework.statements
    return (each for each in _END.split(text) if pattern.search(each)) if pattern else iter(())


def _blocks(framework: Framework, text: str) -> Iterator[str]:
    """The lines of each block, with the line that opens it: another table may have a column of that name."""
    hits = framework.blocks.finditer(text) if framework.blocks else ()
    for hit in islice(hits, _MOST_BLOCKS):
        head, *members = _LINE.split(text[hit.start() : closing(text, hit.end() - 1, _BLOCK)])
        yield from (f"{head} {member}" for member in ("", *members) if not member or _normal(framework, member))


def _normal(framework: Framework, text: str) -> str:
    if framework.neutral is not None:
        text = framework.neutral.sub(" ", text)
    return _LOOSE.sub("", _SPACES.sub(" ", text)).strip(" ,;").replace('"', "'")
