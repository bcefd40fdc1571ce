"""What a type accepts and what was found instead, in words: for error messages and for the reference."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from msgspec import inspect

from eod.config.nearest import LONGEST, clip
from eod.config.yamltree import Node


def expected(shape: inspect.Type, extra: Mapping[str, Any] | None = None) -> str:
    """What `shape` accepts, as it stands in a sentence: "a whole number from 1 to 256"."""
    if extra and "expected" in extra:
        return str(extra["expected"])
    if isinstance(shape, inspect.Metadata):
        return expected(shape.type, {**(extra or {}), **(shape.extra or {})})
    words = _WORDS.get(type(shape))
    return words(shape) if words else "any value"


def found(node: Node) -> str:
    """What stands at `node`, as it stands in a sentence: "the text `many`"."""
    match node.value:
        case None:
            words = "nothing"
        case bool():
            words = f"`{node.text}`"
        case int() | float():
            words = f"the number {node.text[:LONGEST]}"
        case str():
            lines = " with a line break" if "\n" in node.value else ""
            words = f"the text `{clip(node.value)}`{lines}" if node.value else "an empty text"
        case dict():
            words = "a mapping"
        case _:
            words = "a list"
    return words


def values(kind: type[Enum]) -> list[str]:
    """The texts that an enum accepts."""
    return [str(member.value) for member in kind]


def not_none(shape: inspect.UnionType) -> list[inspect.Type]:
    """The alternatives of a union but for null."""
    return [each for each in shape.types if not isinstance(each, inspect.NoneType)]


def _text(shape: inspect.StrType) -> str:
    parts = ["a text"]
    if shape.min_length:
        parts.append("that is not empty" if shape.min_length == 1 else f"of {shape.min_length} characters or more")
    if shape.max_length is not None:
        parts.append(f"of at most {shape.max_length} characters")
    if shape.pattern is not None:
        parts.append(f"that matches `{shape.pattern}`")
    return " ".join(parts)


def _number(shape: inspect.IntType | inspect.FloatType) -> str:
    noun = "a whole number" if isinstance(shape, inspect.IntType) else "a number"
    if shape.ge is not None and shape.le is not None:
        return f"{noun} from {shape.ge:g} to {shape.le:g}"
    parts = []
    if shape.gt is not None:
        parts.append(f"over {shape.gt:g}")
    if shape.ge is not None:
        parts.append(f"of at least {shape.ge:g}")
    if shape.le is not None:
        parts.append(f"of at most {shape.le:g}")
    return " ".join([noun, " and ".join(parts)]).strip()


def _either(options: list[str]) -> str:
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"


_WORDS: Final[Mapping[type[inspect.Type], Callable[[Any], str]]] = {
    inspect.StrType: _text,
    inspect.BoolType: lambda _: "true or false",
    inspect.IntType: _number,
    inspect.FloatType: _number,
    inspect.EnumType: lambda shape: "one of " + ", ".join(f"`{value}`" for value in values(shape.cls)),
    inspect.VarTupleType: lambda _: "a list",
    inspect.DateTimeType: lambda _: "a time with its zone, such as `2026-01-31T12:00:00Z`",
    inspect.DictType: lambda _: "a mapping of keys to values",
    inspect.StructType: lambda _: "a mapping of keys to values",
    inspect.UnionType: lambda shape: _either(list(dict.fromkeys(expected(each) for each in not_none(shape)))),
}
