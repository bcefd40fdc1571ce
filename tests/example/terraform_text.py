"""The example's Terraform as plain data. python-hcl2 keeps the quotes round texts and labels."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2

Body = dict[str, Any]


def blocks(folder: Path, kind: str) -> Iterator[tuple[tuple[str, ...], Body]]:
    """Every block of one kind in a module: its labels, and its body."""
    for file in sorted(folder.glob("*.tf")):
        for block in hcl2.loads(file.read_text("utf-8")).get(kind, []):
            yield from _labelled(block, ())


def body_text(folder: Path) -> str:
    """All of a module's configuration but for its declarations of variables."""
    return "\n".join(
        file.read_text("utf-8") for file in sorted(folder.glob("*.tf")) if file.name != "variables.tf"
    )


def plain(value: Any) -> Any:
    """A text without its quotes."""
    return value[1:-1] if isinstance(value, str) and value[:1] == '"' == value[-1:] else value


def _labelled(block: Body, labels: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Body]]:
    if block.get("__is_block__"):
        yield labels, block
        return
    for label, body in block.items():
        yield from _labelled(body, (*labels, plain(label)))
