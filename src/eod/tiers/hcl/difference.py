"""In which attributes two bodies differ."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from msgspec import Struct

_IDENTITIES: Final = ("name", "key", "sid", "id", "namespace", "field")
_LIMIT: Final = 300
_TOKENS: Final = re.compile(r"""[^\W\d][\w./-]*(?::[\w.$-]+)+|[^\W\d][\w-]*|\d[\w.]*|"(?:[^"\\\n]|\\.)*"|\S""")
_KEY_AFTER: Final = frozenset({"=", ":"})
_TOKEN_LIMIT: Final = 2_000
_TEXT_LIMIT: Final = 60_000
_MISSING: Final = object()


class Leaf(Struct, frozen=True):
    """One attribute that differs: the keys that lead to it, and both values; `None` where there is none.

    `inner` are the keys within a text (JSON in a function call, YAML in a heredoc) whose values differ; empty
    where the value has no such structure.
    """

    keys: tuple[str, ...]
    old: object = None
    new: object = None
    inner: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """How the reader knows it."""
        return ".".join(key for key in self.keys if key not in {"dynamic", "content"}) or "value"


def differences(old: dict[str, object], new: dict[str, object]) -> tuple[Leaf, ...]:
    """Every attribute that differs, the first few hundred."""
    found = []
    for leaf in _walk((), old, new):
        found.append(leaf)
        if len(found) >= _LIMIT:
            break
    return tuple(found)


def _walk(keys: tuple[str, ...], old: object, new: object) -> Iterator[Leaf]:
    if old == new and isinstance(old, bool) == isinstance(new, bool):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _walk((*keys, key), old.get(key, _MISSING), new.get(key, _MISSING))
    elif _blocks(old) and _blocks(new):
        yield from _walk_blocks(keys, _listed(old), _listed(new))
    elif (isinstance(old, dict) and new is _MISSING) or (isinstance(new, dict) and old is _MISSING):
        # What came or went as a whole is named by what it holds as well.
        yield Leaf(keys, _known(old), _known(new), tuple(_keys_within(_known(old) or _known(new))))
    else:
        yield Leaf(keys, _known(old), _known(new), _inner(old, new))


def _walk_blocks(keys: tuple[str, ...], old: list[object], new: list[object]) -> Iterator[Leaf]:
    """Items that have a name are compared by it, the others in their order; equal ones drop out."""
    before, after = _without_equal(old, new), _without_equal(new, old)
    named_before, named_after = _by_name(before), _by_name(after)
    if named_before is not None and named_after is not None:
        yield from _walk(keys, named_before, named_after)
        return
    for at in range(max(len(before), len(after))):
        left = before[at] if at < len(before) else _MISSING
        right = after[at] if at < len(after) else _MISSING
        yield from _walk(keys, left, right)


def _blocks(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _without_equal(items: list[object], others: list[object]) -> list[object]:
    rest = list(others)
    left = []
    for item in items:
        if item in rest:
            rest.remove(item)
        else:
            left.append(item)
    return left


def _by_name(items: list[object]) -> dict[str, object] | None:
    named: dict[str, object] = {}
    for item in items:
        name = next((item[key] for key in _IDENTITIES if key in item), None) if isinstance(item, dict) else None
        if not isinstance(name, str) or name in named:
            return None
        named[name.strip('"')] = item
    return named


def _known(value: object) -> object:
    return None if value is _MISSING else value


def _keys_within(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _keys_within(inner)


def _inner(old: object, new: object) -> tuple[str, ...]:
    """The keys in two texts whose values differ: `image` in JSON within a call, `tag` in YAML within a heredoc."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return ()
    before, after = _TOKENS.findall(old[:_TEXT_LIMIT]), _TOKENS.findall(new[:_TEXT_LIMIT])
    if max(len(old), len(new)) > _TEXT_LIMIT or max(len(before), len(after)) > _TOKEN_LIMIT:
        return ()
    found: dict[str, None] = {}
    for tag, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            found.update(dict.fromkeys([*_keys_of(before, a, b), *_keys_of(after, c, d)]))
    return tuple(found)


def _keys_of(tokens: list[str], start: int, end: int) -> list[str]:
    """The keys that stand in this stretch, and the one that it belongs to; `""` where it belongs to none."""
    keys = [tokens[at].strip('"') for at in range(start, end) if _is_key(tokens, at)]
    if start < end and not _is_key(tokens, start):
        before = next((tokens[at] for at in range(start, -1, -1) if _is_key(tokens, at)), "")
        keys.append(before.strip('"'))
    return keys


def _is_key(tokens: list[str], at: int) -> bool:
    follows = tokens[at + 1] if at + 1 < len(tokens) else ""
    word = tokens[at].strip('"')
    return follows in _KEY_AFTER and word[:1].isalpha() and tokens[at + 2 : at + 3] != ["="]
