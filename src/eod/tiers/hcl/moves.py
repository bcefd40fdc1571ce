"""What a module tells Terraform about blocks under another name: `moved`, or `removed` and `import` together.

Without it Terraform destroys the one and makes the other
(https://developer.hashicorp.com/terraform/language/modules/develop/refactoring,
https://developer.hashicorp.com/terraform/language/import).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from eod.tiers.hcl.blocks import Block

RECORDS: Final = frozenset({"moved", "removed", "import"})
_KEYS: Final = re.compile(r"\[[^\]]*\]")
_STEPS: Final = 50


class Moves:
    """The records of one module, after the change.

    Args:
        blocks: Its blocks of the types `RECORDS`; others are passed over.
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._next: defaultdict[str, set[str]] = defaultdict(set)
        self._forgotten: set[str] = set()
        self._taken_over: set[str] = set()
        for block in blocks:
            if block.type == "moved":
                self._next[_address(block.body.get("from"))].add(_address(block.body.get("to")))
            elif block.type == "removed" and _stays(block):
                self._forgotten.add(_address(block.body.get("from")))
            elif block.type == "import":
                self._taken_over.add(_address(block.body.get("to")))

    def targets(self, old: str) -> Iterator[str]:
        """The addresses that what was called `old` has by now, by `moved` blocks, the nearest first."""
        seen = {old, ""}
        waiting = [old]
        while waiting and len(seen) < _STEPS:
            for target in sorted(self._next.get(waiting.pop(0), set()) - seen):
                seen.add(target)
                waiting.append(target)
                yield target

    def keep(self, old: str, new: str) -> bool:
        """Whether what was called `old` is called `new` now and stays what it is."""
        return new in self.targets(old) or (old in self._forgotten and new in self._taken_over)


def _stays(block: Block) -> bool:
    """Whether Terraform forgets it without destroying it."""
    lifecycle = block.body.get("lifecycle")
    settings = lifecycle if isinstance(lifecycle, list) else [lifecycle]
    return any(isinstance(each, dict) and each.get("destroy") is False for each in settings)


def _address(value: object) -> str:
    """An address without the keys of instances."""
    text = value if isinstance(value, str) else ""
    return _KEYS.sub("", text.removeprefix("${").removesuffix("}").strip().strip('"'))
