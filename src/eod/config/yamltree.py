"""YAML text as a small tree that remembers lines. Bounded, plain data only, duplicate keys reported.

Scalars follow YAML 1.2, as editors and GitHub read them: `yes`, `no` and `on` are texts (a country may be `NO`), a
date is a text, and so is a number with leading zeros, since an AWS account would lose them.
"""

import math
import re
from typing import Any, Final

import yaml
from msgspec import Struct

from eod.config.problems import Problem

MAX_CHARACTERS: Final = 1_000_000
_MAX_NODES: Final = 20_000
_MERGE: Final = "tag:yaml.org,2002:merge"
_PREFIX: Final = "tag:yaml.org,2002:"
_SHOWN: Final = 60
_MAX_DEPTH: Final = 50
_WHOLE: Final = "(?:0|[1-9][0-9]*)"
_PLAIN: Final = "Use plain texts, numbers, true, false, lists and mappings, without tags."


class Node(Struct, frozen=True, kw_only=True):
    """A value and where it is written. `text` is how a scalar is written; it is empty for the others."""

    line: int
    value: "str | int | float | bool | tuple[Node, ...] | dict[str, Entry] | None"
    text: str = ""


class Entry(Struct, frozen=True, kw_only=True):
    """One key of a mapping, with the line of the key, and its value."""

    line: int
    node: Node


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # the library's own way


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("int", rf"^(?:[-+]?{_WHOLE}|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", rf"^[-+]?(?:{_WHOLE}\.[0-9]*|\.[0-9]+|{_WHOLE}(?=[eE]))(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("merge", r"^<<$", "<"),
):
    _Loader.add_implicit_resolver(
        f"{_PREFIX}{_tag}", re.compile(_pattern), ["" if first == "\0" else first for first in _first]
    )


def parse(text: str) -> tuple[Node | None, list[Problem]]:
    """The tree of `text` and what is wrong with it as YAML; no tree when it is empty or cannot be read at all."""
    try:
        return _tree(text)
    except yaml.MarkedYAMLError as error:
        problem = _syntax(error)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = Problem(line=line, what="A character that YAML does not allow.", fix="Remove it.")
    except _TooLargeError as error:
        problem = Problem(line=error.line, what=error.what)
    except RecursionError:
        problem = Problem(line=1, what="The file is nested too deeply to be read.")
    return None, [problem]


def plain(node: Node) -> object:
    """The value without its lines."""
    if isinstance(node.value, dict):
        return {key: plain(entry.node) for key, entry in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    return node.value


def _tree(text: str) -> tuple[Node | None, list[Problem]]:
    if len(text) > MAX_CHARACTERS:
        raise _TooLargeError(1, f"The file has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read.")
    root = yaml.compose(text, Loader=_Loader)
    if root is None:
        return None, []
    builder = _Builder()
    return builder.build(root), builder.problems


def reads_as_text(text: str) -> bool:
    """Whether `text`, written without quotes, would be read back as a text here."""
    resolver: Any = _Loader("")
    return bool(resolver.resolve(yaml.ScalarNode, text, (True, False)) == f"{_PREFIX}str")


class _TooLargeError(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


class _Builder:
    """Turns the library's nodes into ours; aliases are followed, but not for ever."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._seen = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node) -> Node:
        line = _line(node)
        self._seen += 1
        if self._seen > _MAX_NODES:
            raise _TooLargeError(line, f"With its aliases followed, the file has more than {_MAX_NODES:,} values.")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if len(self._open) > _MAX_DEPTH:
            raise _TooLargeError(line, f"More than {_MAX_DEPTH} levels of nesting.")
        if id(node) in self._open:
            raise _TooLargeError(line, "An alias stands inside the value that it repeats.")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                self._only(node, "seq")
                return Node(line=line, value=tuple(self.build(item) for item in node.value))
            return Node(line=line, value=self._mapping(node))
        finally:
            self._open.discard(id(node))

    def _scalar(self, node: yaml.ScalarNode) -> Node:
        line, text = _line(node), str(node.value)
        kind = node.tag.removeprefix(_PREFIX)
        try:
            return Node(line=line, value=_convert(kind, text), text=text)
        except (ValueError, KeyError):
            self.problems.append(
                Problem(
                    line=line,
                    what=f"`{text[:_SHOWN]}` with the tag `{node.tag[:_SHOWN]}` cannot be read.",
                    fix=_PLAIN,
                )
            )
            return Node(line=line, value=text, text=text)

    def _mapping(self, node: yaml.Node) -> dict[str, Entry]:
        self._only(node, "map")
        entries: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                self._merge(value, merged)
                continue
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(line=_line(key), what="A key must be a text."))
                continue
            name = str(key.value)
            if name in entries:
                self.problems.append(
                    Problem(
                        line=_line(key),
                        what=f"The key `{name[:_SHOWN]}` stands twice, first in line {entries[name].line}.",
                        fix="Keep one of them.",
                    )
                )
                continue
            entries[name] = Entry(line=_line(key), node=self.build(value))
        return {**{key: entry for key, entry in merged.items() if key not in entries}, **entries}

    def _merge(self, node: yaml.Node, merged: dict[str, Entry]) -> None:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                self.problems.append(
                    Problem(line=_line(node), what="`<<` takes a mapping, or a list of mappings.")
                )
                return
            built = self.build(source)
            if isinstance(built.value, dict):
                for key, entry in built.value.items():
                    merged.setdefault(key, entry)

    def _only(self, node: yaml.Node, kind: str) -> None:
        if node.tag != f"{_PREFIX}{kind}":
            self.problems.append(
                Problem(
                    line=_line(node),
                    what=f"The tag `{node.tag[:_SHOWN]}` cannot be read.",
                    fix=_PLAIN,
                )
            )


def _convert(kind: str, text: str) -> str | int | float | bool | None:
    if kind == "str":
        return text
    if kind == "int":
        return int(text, 0)
    if kind == "float":
        return _finite(float(text))
    if kind == "bool":
        return {"true": True, "false": False}[text.lower()]
    return {"null": None}[kind]


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _syntax(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = ", ".join(part for part in (error.context, error.problem) if part)
    hint = "YAML is indented with spaces, never with tabs." if "\\t" in said else ""
    return Problem(
        line=1 if mark is None else mark.line + 1,
        what=f"This is not YAML: {said}.",
        fix=hint or "Look at this line and the one above: indentation, colons, quotes.",
    )
