"""Which statements differ between two texts of SQL, and the weightiest thing that they do."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from eod.tiers.schema.knowledge import found, knowledge
from eod.tiers.schema.sql.kind import Kind
from eod.tiers.schema.sql.kinds import kind_of
from eod.tiers.schema.sql.parse import Parser
from eod.tiers.schema.sql.statements import Statement, statements

LARGEST: Final = 1 << 20
"""Characters of a text that is read."""
_MOST: Final = 2_000
"""Changed statements that are looked at."""


class Change(Struct, frozen=True):
    """The weightiest changed statement. `statement` is empty where nothing but comments or the order differs."""

    kind: Kind
    statement: str
    kinds: frozenset[Kind] = frozenset()


def difference(old: str, new: str) -> Change | None:
    """What changed between two texts of SQL; `None` where they are too large, or no statement differs."""
    if max(len(old), len(new)) > LARGEST:
        return None
    named = found(knowledge().sql.named_queries, new or old) is not None
    parse = Parser()
    changed = _changed(tuple(statements(old)), tuple(statements(new)))
    seen = [(kind_of(each, parse, named=named), each.text) for each in islice(changed, _MOST)]
    if next(changed, None) is not None:
        seen.append((Kind.UNKNOWN, "more statements than are read"))
    if not seen:
        return None
    kind, text = max(seen, key=lambda each: each[0].rank)
    return Change(kind, text, frozenset(kind for kind, _ in seen))


def _changed(old: tuple[Statement, ...], new: tuple[Statement, ...]) -> Iterator[Statement]:
    """Those that only one side has, the new ones first; if only their order differs, those that are elsewhere."""
    before, after = Counter(each.text for each in old), Counter(each.text for each in new)
    if before == after:
        yield from (here for was, here in zip(old, new, strict=True) if was != here)
        return
    yield from _surplus(new, before)
    yield from _surplus(old, after)


def _surplus(some: tuple[Statement, ...], others: "Counter[str]") -> Iterator[Statement]:
    left = Counter(others)
    for each in some:
        if left[each.text] > 0:
            left[each.text] -= 1
        else:
            yield each
