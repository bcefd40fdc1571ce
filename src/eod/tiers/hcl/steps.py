"""How far a version moved, in what HCL writes: a version, a constraint, a source with a reference."""

import re
from typing import Final

from eod.tiers.dependencies.versions import Step, moves
from eod.tiers.hcl.blocks import text_of
from eod.tiers.lines import changed_lines

_NUMBERS: Final = re.compile(r"\d+")
_REFERENCE: Final = re.compile(r"[?&]ref=[^&\s\"]*")


def moved_by(old: object, new: object) -> Step:
    """How far the version in `new` is from that in `old`; `OTHER` where more than the version differs."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return Step.OTHER
    found = moves(changed_lines(text_of(old), text_of(new)))
    return found[0].step if found else Step.OTHER


def same_major(old: object, new: object) -> bool:
    """Whether two constraints begin at the same major version, however they are written."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return False
    before, after = _NUMBERS.findall(old)[:2], _NUMBERS.findall(new)[:2]
    if not before or not after or before[0] != after[0]:
        return False
    return before[0] != "0" or before == after


def without_reference(source: object) -> str:
    """A module's source without the tag, branch or commit that it asks for."""
    return _REFERENCE.sub("", text_of(source))
