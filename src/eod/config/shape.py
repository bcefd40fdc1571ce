"""Holds a YAML tree against a struct: every key and value that does not fit is reported, with its line.

The bad parts are left out of what is returned, so that one pass finds everything there is to say about a file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from msgspec import inspect

from eod.config.nearest import clip, nearest
from eod.config.problems import Problem
from eod.config.wording import expected, found, not_none, values
from eod.config.yamltree import Entry, Node, plain

Path: TypeAlias = tuple[str | int, ...]
CheckText: TypeAlias = Callable[[str, Mapping[str, Any]], str | None]

_BAD: Final = object()


class Shaped:
    """What was read: plain values without the bad parts, the problems, the line of every value.

    `dropped` holds where the bad parts were.
    """

    def __init__(self) -> None:
        self.value: dict[str, object] | None = None
        self.problems: list[Problem] = []
        self.lines: dict[Path, int] = {}
        self.dropped: set[Path] = set()


def shape(tree: Node, struct: type, *, check_text: CheckText | None = None) -> Shaped:
    """Hold `tree` against `struct`.

    Args:
        tree: The whole file.
        struct: A msgspec struct; keys are its encoded names.
        check_text: Asked of every text, with the `extra` of its field; answers what is wrong, or `None`.

    Returns:
        `value` is `None` when the root is no mapping or lacks a required key.
    """
    reader = _Reader(check_text or (lambda _text, _extra: None))
    value = reader.read(tree, inspect.type_info(struct), (), {})
    reader.shaped.value = value if isinstance(value, dict) else None
    return reader.shaped


class _Reader:
    def __init__(self, check_text: CheckText) -> None:
        self.shaped = Shaped()
        self._check_text = check_text

    def read(self, node: Node, kind: inspect.Type, path: Path, extra: Mapping[str, Any]) -> object:
        self.shaped.lines[path] = node.line
        match kind:
            case inspect.Metadata():
                value = self.read(node, kind.type, path, {**extra, **(kind.extra or {})})
            case inspect.UnionType():
                value = self._union(node, kind, path, extra)
            case inspect.StructType():
                value = self._struct(node, kind, path)
            case inspect.DictType():
                value = self._dict(node, kind, path, extra)
            case inspect.VarTupleType():
                value = self._list(node, kind, path, extra)
            case inspect.CustomType() | inspect.AnyType():
                value = self._any(node, path, extra)
            case _:
                value = self._scalar(node, kind, path, extra)
        if value is _BAD:
            self.shaped.dropped.add(path)
        return value

    def _struct(self, node: Node, kind: inspect.StructType, path: Path) -> object:
        if not isinstance(node.value, dict):
            return self._wrong(node, path, expected(kind), kind)
        fields = {field.encode_name: field for field in kind.fields}
        result: dict[str, object] = {}
        for key, entry in node.value.items():
            if key not in fields:
                self._unknown_key(key, entry, fields, path)
                continue
            field = fields[key]
            if entry.node.value is None and not field.required and _is_container(field.type):
                continue
            value = self.read(entry.node, field.type, (*path, key), {})
            if value is not _BAD:
                result[key] = value
        for key, field in fields.items():
            if field.required and key not in node.value:
                self._say(node.line, f"The key `{key}` is missing.", f"Add {expected(field.type)}.", path=path)
        incomplete = any(field.required and key not in result for key, field in fields.items())
        return _BAD if incomplete and path else result

    def _dict(self, node: Node, kind: inspect.DictType, path: Path, extra: Mapping[str, Any]) -> object:
        if not isinstance(node.value, dict):
            return self._wrong(node, path, expected(kind, extra), kind)
        result: dict[str, object] = {}
        for key, entry in node.value.items():
            if isinstance(kind.key_type, inspect.EnumType) and key not in values(kind.key_type.cls):
                self._unknown_key(key, entry, values(kind.key_type.cls), path)
                continue
            problem = self._check_text(key, {"key": extra["keys"]}) if "keys" in extra else None
            if problem:
                self._say(entry.line, problem, path=path)
            value = self.read(entry.node, kind.value_type, (*path, key), extra)
            if value is not _BAD:
                result[key] = value
        return result

    def _list(self, node: Node, kind: inspect.VarTupleType, path: Path, extra: Mapping[str, Any]) -> object:
        if not isinstance(node.value, tuple):
            return self._wrong(node, path, f"a list of which each is {expected(kind.item_type)}", kind)
        items = [self.read(item, kind.item_type, (*path, index), extra) for index, item in enumerate(node.value)]
        if len(items) < (kind.min_length or 0):
            self._say(node.line, "Expected a list that is not empty, found an empty one.", path=path)
            return _BAD
        return _BAD if any(item is _BAD for item in items) else items

    def _union(self, node: Node, kind: inspect.UnionType, path: Path, extra: Mapping[str, Any]) -> object:
        if node.value is None and any(isinstance(each, inspect.NoneType) for each in kind.types):
            return None
        options = not_none(kind)
        if len(options) == 1:
            return self.read(node, options[0], path, extra)
        for exact in (True, False):
            for option in options:
                value = _scalar_value(node, option, exact=exact)
                if value is not _BAD:
                    return self._checked(node, value, path, extra)
        return self._wrong(node, path, expected(kind, extra), kind)

    def _any(self, node: Node, path: Path, extra: Mapping[str, Any]) -> object:
        for leaf in _texts(node):
            self._checked(leaf, leaf.value, path, extra)
        return plain(node)

    def _scalar(self, node: Node, kind: inspect.Type, path: Path, extra: Mapping[str, Any]) -> object:
        value = _scalar_value(node, kind, exact=False)
        if value is _BAD:
            return self._wrong(node, path, expected(kind, extra), kind)
        return self._checked(node, value, path, extra)

    def _checked(self, node: Node, value: object, path: Path, extra: Mapping[str, Any]) -> object:
        problem = self._check_text(value, extra) if isinstance(value, str) else None
        if problem:
            self._say(node.line, problem, path=path)
        return value

    def _wrong(self, node: Node, path: Path, wanted: str, kind: inspect.Type) -> object:
        self._say(node.line, f"Expected {wanted}, found {found(node)}.", _advice(node, kind), path=path)
        return _BAD

    def _unknown_key(self, key: str, entry: Entry, known: Iterable[str], path: Path) -> None:
        near = nearest(key, known)
        fix = f"Did you mean `{near}`?" if near else f"Known here: {', '.join(f'`{name}`' for name in known)}."
        self._say(entry.line, f"Unknown key `{clip(key)}`.", fix, path=path)

    def _say(self, line: int, what: str, fix: str = "", *, path: Path = ()) -> None:
        at = f"`{dotted(path)}`: " if path else ""
        self.shaped.problems.append(Problem(line=line, what=f"{at}{what}", fix=fix))


def dotted(path: Path) -> str:
    """`path` as people write it: `rules[0].tier`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{clip(part)}" for part in path)
    return "".join(parts).removeprefix(".")


def _scalar_value(node: Node, kind: inspect.Type, *, exact: bool) -> object:
    value = node.value
    match kind:
        case inspect.StrType():
            return _text_value(node, kind, exact=exact)
        case inspect.BoolType():
            fits = isinstance(value, bool)
        case inspect.IntType():
            fits = isinstance(value, int) and not isinstance(value, bool) and _in_range(value, kind)
        case inspect.FloatType():
            fits = isinstance(value, int | float) and not isinstance(value, bool) and _in_range(value, kind)
        case inspect.EnumType():
            fits = isinstance(value, str) and value in values(kind.cls)
        case inspect.DateTimeType():
            fits = isinstance(value, str) and _is_time(value)
        case _:
            fits = False
    return value if fits else _BAD


def _text_value(node: Node, kind: inspect.StrType, *, exact: bool) -> object:
    """A text, or a number as it is written: `cpu: 2` means the text `2`."""
    is_text = isinstance(node.value, str)
    is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if not is_text and (exact or not is_number):
        return _BAD
    text = str(node.value) if is_text else node.text
    long_enough = len(text) >= (kind.min_length or 0)
    short_enough = kind.max_length is None or len(text) <= kind.max_length
    # `$` would let a last line break pass, which a block text brings along.
    fits = kind.pattern is None or (not text.endswith("\n") and re.search(kind.pattern, text) is not None)
    return text if long_enough and short_enough and fits else _BAD


def _in_range(value: Any, kind: inspect.IntType | inspect.FloatType) -> bool:
    return (
        (kind.gt is None or value > kind.gt)
        and (kind.ge is None or value >= kind.ge)
        and (kind.le is None or value <= kind.le)
    )


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_container(kind: inspect.Type) -> bool:
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    return isinstance(kind, inspect.StructType | inspect.DictType | inspect.VarTupleType)


def _texts(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict):
        for entry in node.value.values():
            yield from _texts(entry.node)
    elif isinstance(node.value, tuple):
        for item in node.value:
            yield from _texts(item)
    elif isinstance(node.value, str):
        yield node


def _advice(node: Node, kind: inspect.Type) -> str:
    """What to write instead, where the mistake is a common one."""
    if isinstance(kind, inspect.EnumType) and isinstance(node.value, str):
        near = nearest(node.value, values(kind.cls))
        return f"Did you mean `{near}`?" if near else ""
    if isinstance(kind, inspect.BoolType) and node.text.lower() in {"yes", "on", "no", "off"}:
        return f"Write `{'true' if node.text.lower() in {'yes', 'on'} else 'false'}`."
    if isinstance(kind, inspect.StrType) and isinstance(node.value, bool):
        return f'Put it in quotes: "{node.text}".'
    if isinstance(kind, inspect.VarTupleType) and isinstance(node.value, str | int | float):
        return f"Write a list: [{clip(node.text)}]."
    return ""
