"""Which values a plan or a state marks as sensitive: found here, hidden by whoever prints, written nowhere.

Terraform's own text hides them where it shows an attribute, and a provider's error quotes them all the same. Both
documents hold them in clear, beside masks of the same shape (`true`: all of it)
(https://developer.hashicorp.com/terraform/internals/json-format).
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from typing import Any, Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from eod.data import read
from eod.model.encoded import EncodedSecrets
from eod.terraform.plan_json import Change, PlanDocument, StateModule, StateValues, decode_state

MASK: Final = "***"
SHORTEST: Final = 6
SHORTEST_WORD: Final = 9
"""Of nothing but letters in one case, or of digits: shorter ones are words and ports, and stand everywhere."""
SHORTEST_LINE: Final = 12
"""Of a value of several lines: `kind: User` in a configuration is no secret."""
MOST: Final = 1_000
MOST_BYTES: Final = 512 * 1024
LONGEST: Final = 64 * 1024
LONGEST_IN_URL: Final = 256
"""Passwords stand in connection strings, documents do not."""
_DEEPEST: Final = 32

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_SPACE: Final = re.compile(r"\s")
_TRUE: Final = b"true"
_GO_ESCAPES: Final = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&"})


class _Words(Struct, frozen=True, forbid_unknown_fields=True):
    words: tuple[str, ...]
    source: str


class _Shape(Struct, frozen=True, forbid_unknown_fields=True):
    shape: str
    source: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    words: tuple[_Words, ...]
    shapes: tuple[_Shape, ...]


class KnownSecrets:
    """What a run has learned so far; each value is handed on once.

    Args:
        hide: Has values hidden in all that is said from here on.
        say: Takes a line for the log.
        known: Of several lines each; hidden already by whoever knew them first.
    """

    def __init__(
        self, hide: Callable[[tuple[str, ...]], None], say: Callable[[str], None], known: Iterable[str] = ()
    ) -> None:
        self._given = frozenset(line for value in known for line in _lines(value))
        self._encoded = EncodedSecrets(self._given)
        self._hide = hide
        self._say = say
        self._known: set[str] = set()
        self._plain: set[str] = set()
        self._bytes = 0
        self._full = False

    def learn(self, values: Iterable[object], plain: Collection[str] = ()) -> None:
        """Have those of `values` hidden that are secrets by themselves.

        `plain` are known to everybody, and stay so whatever is learned later.
        """
        self._plain.update(plain)
        new: list[str] = []
        for text in (text for value in values for text in secrets_in(value)):
            if text in self._known or text in self._plain:
                continue
            size = len(text.encode("utf-8", "replace"))
            if len(self._known) >= MOST or self._bytes + size > MOST_BYTES:
                self._tell_full()
                break
            self._known.add(text)
            self._bytes += size
            new.append(text)
        if new:
            self._encoded = EncodedSecrets((*self._given, *self._known))
            self._hide(tuple(new))

    def clean(self, text: str) -> str:
        """`text` without what has been learned, and without its base64."""
        for secret in sorted((*self._given, *self._known), key=len, reverse=True):
            text = text.replace(secret, MASK)
        return self._encoded.hidden(text, MASK)

    def _tell_full(self) -> None:
        if not self._full:
            self._full = True
            self._say(f"More than {MOST} values are marked as sensitive: Terraform alone hides the rest.")


def sensitive_in_plan(plan: PlanDocument) -> Iterator[object]:
    """Every value that the plan's masks mark, in whatever it holds: changes, drift, outputs, variables, state."""
    for name, variable in plan.configuration.root_module.variables.items():
        if variable.sensitive and name in plan.variables:
            yield msgspec.json.decode(plan.variables[name].value)
    for change in (*plan.output_changes.values(), *(one.change for one in plan.resource_changes)):
        yield from _in_change(change)
    for drifted in plan.resource_drift:
        yield from _in_change(drifted.change)
    yield from _in_values(plan.prior_state.values)


def sensitive_in_state(document: bytes) -> Iterator[object]:
    """Every value that `show -json` of a state marks; none where it cannot be read."""
    state = decode_state(document)
    if state is not None:
        yield from _in_values(state.values)


def secrets_in(value: object) -> Iterator[str]:
    """The texts in a sensitive value that are secrets wherever they stand, line by line.

    A text may be a document in JSON: what is in it is sensitive, too. A provider quotes a text as JSON does.
    """
    yield from _texts(value, 0)


def is_secret(text: str) -> bool:
    """Whether it is hidden wherever it stands: not a word, a region or a version that every log is full of."""
    if len(text) < SHORTEST or len(text) > LONGEST or (len(text) < SHORTEST_WORD and _WORD.fullmatch(text)):
        return False
    words, shape = _plain()
    lowered = text.lower()
    return lowered not in words and shape.fullmatch(lowered) is None


def _texts(value: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one, depth + 1)
    elif isinstance(value, str):
        yield from _lines(value)
        if value[:1] in ("{", "["):
            yield from _texts(_document(value), depth + 1)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _lines(f"{value}")


def _lines(value: str) -> Iterator[str]:
    lines = [line.strip() for line in value.splitlines()]
    least = SHORTEST_LINE if len(lines) > 1 else 0
    for line in lines:
        if len(line) >= least and is_secret(line):
            plain = line.encode("utf-8", "replace").decode()
            yield from dict.fromkeys((line, *_in_json(plain), *(_in_url(plain) if len(lines) == 1 else ())))


def _in_json(line: str) -> Iterator[str]:
    """As encoders quote it; Go's does so with more than it must (https://pkg.go.dev/encoding/json#HTMLEscape)."""
    quoted = msgspec.json.encode(line).decode()[1:-1]
    yield quoted
    yield quoted.translate(_GO_ESCAPES)


def _in_url(line: str) -> Iterator[str]:
    if len(line) <= LONGEST_IN_URL and _SPACE.search(line) is None:
        yield quote(line, safe="")


def _document(text: str) -> object:
    try:
        decoded: object = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return None
    return decoded


def _in_change(change: Change) -> Iterator[object]:
    yield from _marked_raw(change.before, change.before_sensitive)
    yield from _marked_raw(change.after, change.after_sensitive)


def _in_values(values: StateValues) -> Iterator[object]:
    for output in values.outputs.values():
        if output.sensitive:
            yield msgspec.json.decode(output.value)
    yield from _in_module(values.root_module)


def _in_module(module: StateModule) -> Iterator[object]:
    for resource in module.resources:
        yield from _marked_raw(resource.values, resource.sensitive_values)
    for child in module.child_modules:
        yield from _in_module(child)


def _marked_raw(value: msgspec.Raw, mask: msgspec.Raw) -> Iterator[object]:
    """Most masks mark nothing: then nothing is decoded."""
    if _TRUE in bytes(mask):
        yield from _marked(msgspec.json.decode(value), msgspec.json.decode(mask))


def _marked(value: Any, mask: Any) -> Iterator[object]:
    if mask is True:
        yield value
    elif isinstance(mask, dict) and isinstance(value, dict):
        for name, inner in mask.items():
            yield from _marked(value.get(name), inner)
    elif isinstance(mask, list) and isinstance(value, list):
        for one, inner in zip(value, mask, strict=False):
            yield from _marked(one, inner)


@cache
def _plain() -> tuple[frozenset[str], re.Pattern[str]]:
    table = read("plain_words", _Table)
    words = frozenset(word for entry in table.words for word in entry.words)
    return words, re.compile("|".join(f"(?:{entry.shape})" for entry in table.shapes))
