"""The YAML documents in which two texts differ."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from eod.tiers.manifests.templates import Action, is_template, without_actions
from eod.tiers.manifests.yamldata import NotYamlError, Value, documents

_BREAK: Final = re.compile(r"^---(?=[ \t]|$).*$", re.MULTILINE)
_MOST: Final = 2_000
"""Documents of one text that are read."""
_MOST_CHARACTERS: Final = 3_000_000


class Document(Struct, frozen=True):
    """One document.

    Args:
        value: What it holds; `None` where it cannot be read.
        text: As it is written.
        logic: The actions of a template that stand alone on their lines.
        problem: Why it cannot be read.
    """

    value: Value
    text: str
    logic: tuple[Action, ...] = ()
    problem: str = ""


def differing(old: str, new: str) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """The documents of `old` that `new` has not, and the other way round, each in order."""
    return only_in(old, new), only_in(new, old)


def only_in(text: str, other: str) -> tuple[Document, ...]:
    """The documents of `text` that `other` has not, in order."""
    return tuple(map(read, _surplus(split(text), Counter(split(other)))))


def split(text: str) -> list[str]:
    """The documents of a text, unread. Those that are blank are left out."""
    parts = _BREAK.split(text.replace("\r\n", "\n"))
    if len(parts) > _MOST:
        parts = [*parts[: _MOST - 1], "\n".join(parts[_MOST - 1 :])]
    return [part for part in parts if part.strip()]


def read(text: str) -> Document:
    """One document, as YAML or as a template of YAML."""
    if len(text) > _MOST_CHARACTERS:
        return Document(None, text, problem=f"it has more than {_MOST_CHARACTERS:,} characters")
    if not is_template(text):
        try:
            return Document(_only(documents(text)), text)
        except NotYamlError as error:
            return _with_spaces(text, str(error))
    template = without_actions(text)
    try:
        value = _only(documents(template.text))
    except NotYamlError as error:
        return Document(None, text, template.lines, str(error))
    return Document(_restored(value, template.restore), text, template.lines)


def _with_spaces(text: str, problem: str) -> Document:
    """JSON may be indented with tabs, which YAML does not take."""
    if "\t" in text and text.lstrip()[:1] in {"{", "["}:
        try:
            return Document(_only(documents(text.replace("\t", "  "))), text)
        except NotYamlError:
            pass
    return Document(None, text, problem=problem)


def _only(values: list[Value]) -> Value:
    return values[0] if len(values) == 1 else (values or None)


def _restored(value: Value, restore: Callable[[str], str]) -> Value:
    """`value` with the template's actions put back. The loader bounds its depth and size."""
    if isinstance(value, str):
        return restore(value)
    if isinstance(value, list):
        return [_restored(each, restore) for each in value]
    if isinstance(value, dict):
        return {_restored(key, restore): _restored(each, restore) for key, each in value.items()}
    return value


def _surplus(texts: list[str], others: "Counter[str]") -> list[str]:
    found = []
    for text in texts:
        if others[text] > 0:
            others[text] -= 1
        else:
            found.append(text)
    return found
