"""YAML as plain data: bounded, whatever the text. Unknown tags are kept as texts, duplicate keys are all kept.

Scalars keep their text where they are texts; plain ones that YAML 1.1 reads as null, truth or whole numbers are
those, so that `"8080"` and `8080` differ, as they do for Kubernetes.
"""

import re
from typing import Any, Final, cast

Value = Any
"""A mapping, a list, or a scalar: `str`, `int`, `bool`, `None`."""

MAX_DEPTH: Final = 60
MAX_VALUES: Final = 150_000
"""Values of one text, with its aliases followed."""

_TRUE: Final = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE: Final = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


_AGAIN: Final = "\0"
"""Stands before the number of a key that its mapping has already; no text of YAML holds it."""


class NotYamlError(ValueError):
    """The text is no YAML, or more than is read. The message says which, without a full stop."""


class TooMuchError(NotYamlError):
    """It is YAML, but nested too deeply or with too many values."""


def documents(text: str) -> list[Value]:
    """The documents of `text`; an empty one is `None`.

    Raises:
        NotYamlError: It cannot be read.
        TooMuchError: It is nested too deeply or holds too much.
    """
    import yaml

    loader = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    try:
        return _Builder().build(loader(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise NotYamlError(f"{error.problem or 'it is no YAML'}{where}") from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise NotYamlError("it is no YAML") from error


def plain_key(key: str) -> str:
    """A mapping's key as it is written."""
    return key.partition(_AGAIN)[0]


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "before", "container", "key", "merged")

    def __init__(self, container: "dict[str, Value] | list[Value]", anchor: str | None, before: int) -> None:
        self.container = container
        self.anchor = anchor
        self.before = before
        self.key: str | None = None
        self.merged: list[dict[str, Value]] = []

    def add(self, value: Value) -> None:
        if isinstance(self.container, list):
            self.container.append(value)
        elif self.key is None:
            self.key = value if isinstance(value, str) else _key(value)
        else:
            self._pair(self.container, self.key, value)
            self.key = None

    def _pair(self, mapping: dict[str, Value], key: str, value: Value) -> None:
        if key == "<<":
            several = value if isinstance(value, list) else [value]
            self.merged.extend(each for each in several if isinstance(each, dict))
        elif key in mapping:
            # The branches of a template's condition: the first keeps its name, all are compared.
            mapping[f"{key}{_AGAIN}{len(mapping)}"] = value
        else:
            mapping[key] = value

    def finished(self) -> "dict[str, Value] | list[Value]":
        if isinstance(self.container, dict):
            for mapping in self.merged:
                for key, value in mapping.items():
                    self.container.setdefault(key, value)
        return self.container


class _Builder:
    """Builds values from the parser's events, without recursion."""

    def __init__(self) -> None:
        self._count = 0
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Value, int]] = {}
        self._documents: list[Value] = []

    def build(self, loader: Any) -> list[Value]:
        import yaml

        while (event := loader.get_event()) is not None:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._weigh(1)
                self._finish(_scalar(event), event.anchor, 1)
            elif kind is yaml.MappingStartEvent:
                self._open({"!tag": event.tag} if _own(event.tag) else {}, event.anchor)
            elif kind is yaml.SequenceStartEvent:
                self._open([event.tag] if _own(event.tag) else [], event.anchor)
            elif kind in {yaml.MappingEndEvent, yaml.SequenceEndEvent}:
                self._close(self._stack.pop())
            elif kind is yaml.AliasEvent:
                self._alias(event.anchor)
            elif kind is yaml.DocumentStartEvent:
                self._anchors.clear()
        return self._documents

    def _close(self, frame: _Frame) -> None:
        if frame.merged:
            self._weigh(sum(map(len, frame.merged)))
        self._finish(frame.finished(), frame.anchor, self._count - frame.before)

    def _open(self, container: "dict[str, Value] | list[Value]", anchor: str | None) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise TooMuchError(f"it is nested in more than {MAX_DEPTH} levels")
        self._stack.append(_Frame(container, anchor, self._count))
        self._weigh(1)

    def _alias(self, anchor: str | None) -> None:
        if anchor is None or anchor not in self._anchors:
            raise NotYamlError("an alias stands for nothing, or inside what it stands for")
        value, weight = self._anchors[anchor]
        self._weigh(weight)
        self._finish(value, None, weight)

    def _finish(self, value: Value, anchor: str | None, weight: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = value, weight
        if self._stack:
            self._stack[-1].add(value)
        else:
            self._documents.append(value)

    def _weigh(self, weight: int) -> None:
        self._count += weight
        if self._count > MAX_VALUES:
            raise TooMuchError(f"it holds more than {MAX_VALUES:,} values, with its aliases followed")


def _scalar(event: Any) -> Value:
    text = str(event.value)
    if _own(event.tag):
        return f"{event.tag} {text}"
    if event.style or not event.implicit[0]:
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return int(text) if _WHOLE.fullmatch(text) else text


def _own(tag: str | None) -> bool:
    """Whether `tag` is an application's own, as `!Ref` is: it takes part in the comparison."""
    return tag is not None and tag.startswith("!") and tag != "!"


def _key(value: Value) -> str:
    if value is None or isinstance(value, bool | int):
        return str(value).lower()
    return "?"
