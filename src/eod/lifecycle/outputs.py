"""What of Terraform's outputs an environment's record keeps: without known secrets, and bounded. Pure."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from eod.model.outputs import Outputs

MOST: Final = 50
MOST_BYTES: Final = 16 * 1024
"""Of all names and values together, as JSON: a record is read and written with each transition."""
DEEPEST: Final = 20
"""Levels of lists and objects in one value."""
LONGEST_NAME: Final = 200
MASK: Final = "***"


def kept_of(found: Outputs, redact: Callable[[str], str]) -> Outputs:
    """The outputs to keep. Where not all of them can be, the smallest are.

    Args:
        found: All that Terraform told.
        redact: Takes known secrets, and what looks like one, out of a text.
    """
    left_out = list(found.left_out)
    values: dict[str, object] = {}
    room = MOST_BYTES
    sizes = {name: _size(name, value) for name, value in found.values.items()}
    for name in sorted(sizes, key=lambda one: (sizes[one], one)):
        if len(values) == MOST or sizes[name] > room:
            left_out.append(name)
            continue
        clean, value = redact(name), _clean(name, found.values[name], redact)
        size = _size(clean, value)
        if size > room or clean in values:  # a mask is a little longer than a short number
            left_out.append(name)
            continue
        room -= size
        values[clean] = value
    return Outputs(
        values=dict(sorted(values.items())),
        sensitive=_listed(found.sensitive, redact),
        left_out=_listed(left_out, redact),
    )


def _size(name: str, value: object) -> int:
    """Bytes as JSON, with colon and comma; more than there is room for, where it is too deep."""
    if not _within(value, DEEPEST):
        return MOST_BYTES + 1
    return len(msgspec.json.encode(name)) + len(msgspec.json.encode(value)) + 2


def _within(value: object, levels: int) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return levels > 0 and all(_within(one, levels - 1) for one in value)
    return True


def _clean(name: str, value: object, redact: Callable[[str], str]) -> object:
    """`value` without secrets; `name` is the nearest one, for `password = …` tells more than the value alone."""
    if isinstance(value, dict):
        return {redact(key): _clean(key, one, redact) for key, one in value.items()}
    if isinstance(value, list):
        return [_clean(name, one, redact) for one in value]
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    clean = redact(text)
    if redact(f"{name}={text}") != f"{redact(name)}={clean}":
        return MASK
    if isinstance(value, str):
        return clean
    return value if clean == text else MASK


def _listed(names: Iterable[str], redact: Callable[[str], str]) -> tuple[str, ...]:
    """As many as there may be values, and how many more there are."""
    cleaned = sorted(redact(name)[:LONGEST_NAME] for name in names)
    more = len(cleaned) - MOST
    return (*cleaned[:MOST], f"and {more} more") if more > 0 else tuple(cleaned)
