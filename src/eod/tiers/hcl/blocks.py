"""Blocks of Terraform, out of parsed HCL or JSON, in one form."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

_MARK: Final = "__is_block__"
_LABELS: Final = {
    "resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "check": 1,
    "action": 2,
}  # fmt: skip
_WRAPPED: Final = re.compile(r'"\$\{([^"{}]*)\}"')
_SPACE: Final = re.compile(r"\s+")
_DEPTH: Final = 60

VALUE: Final = "value"
"""The only attribute of a block that stands for a single value: a local, an attribute at the top level."""


class Block(Struct, frozen=True):
    """One block, or one item of those that are lists of items (`locals`, `terraform`).

    `path` is the changed file that it stands in. `type` is Terraform's word (`resource`, `local`,
    `required_provider` …); it is `attribute` for what stands at the top level of `.tfvars` and Terragrunt files.
    """

    type: str
    labels: tuple[str, ...]
    body: dict[str, object]
    path: str = ""

    @property
    def address(self) -> str:
        """How people and references name it."""
        name = ".".join(self.labels)
        if self.type in {"resource", "attribute"}:
            return name
        prefix = {"variable": "var", "terraform": "terraform"}.get(self.type, self.type)
        return f"{prefix}.{name}" if name else prefix


def blocks_of(document: dict[str, object], path: str) -> list[Block]:
    """The blocks of a document of python-hcl2."""
    return [block for key, value in document.items() for block in _items(key, value, path)]


def json_blocks_of(document: dict[str, object], path: str) -> list[Block]:
    """The blocks of a `.tf.json` document (https://developer.hashicorp.com/terraform/language/syntax/json)."""
    found: list[Block] = []
    for kind, value in document.items():
        if kind != "//":
            found += _json_items(kind, value, _LABELS.get(kind, 0), (), path)
    return found


def _items(key: str, value: object, path: str) -> Iterator[Block]:
    if not (isinstance(value, list) and value and all(_is_block(each) for each in value)):
        yield Block("attribute", (_bare(key),), {VALUE: tidy(value)}, path)
        return
    for each in value:
        labels, body = _labelled(each)
        yield from split_up(Block(key, labels, body, path))


def _is_block(value: object) -> bool:
    """Whether the mark of a block is found behind its labels."""
    while isinstance(value, dict):
        if _MARK in value:
            return True
        if len(value) != 1:
            return False
        value = next(iter(value.values()))
    return False


def _labelled(value: object) -> tuple[tuple[str, ...], dict[str, object]]:
    labels: list[str] = []
    while isinstance(value, dict) and _MARK not in value and len(value) == 1:
        label, value = next(iter(value.items()))
        labels.append(_bare(label))
    body = tidy(value)
    return tuple(labels), body if isinstance(body, dict) else {}


def _json_items(kind: str, value: object, depth: int, labels: tuple[str, ...], path: str) -> Iterator[Block]:
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            yield Block("attribute", (kind, *labels), {VALUE: tidy(each)}, path)
        elif depth and isinstance(each, dict):
            for label, inner in each.items():
                yield from _json_items(kind, inner, depth - 1, (*labels, label), path)
        else:
            body = tidy(each)
            yield from split_up(Block(kind, labels, body if isinstance(body, dict) else {}, path))


def split_up(block: Block) -> Iterator[Block]:
    """`locals` and `terraform` hold items that are compared one by one; other blocks are compared whole."""
    if block.type == "locals":
        for name, value in block.body.items():
            yield Block("local", (name,), {VALUE: value}, block.path)
    elif block.type == "terraform" and not block.labels and "source" not in block.body:
        for name, value in block.body.items():
            yield from _settings(name, value, block.path)
    elif block.type == "provider":
        alias = block.body.get("alias")
        labels = (*block.labels, text_of(alias)) if alias else block.labels
        yield Block(block.type, labels, block.body, block.path)
    else:
        yield block


def _settings(name: str, value: object, path: str) -> Iterator[Block]:
    if name != "required_providers":
        yield Block("terraform", (name,), {VALUE: value}, path)
        return
    for each in value if isinstance(value, list) else [value]:
        for provider, wanted in each.items() if isinstance(each, dict) else ():
            body = wanted if isinstance(wanted, dict) else {"version": wanted}
            yield Block("required_provider", (provider,), body, path)


def tidy(value: object, depth: int = 0) -> object:
    """`value` without python-hcl2's marks, quoted keys and differences that are only of form."""
    if depth > _DEPTH:
        return str(value)
    if isinstance(value, dict):
        return {_bare(key): tidy(each, depth + 1) for key, each in value.items() if key != _MARK}
    if isinstance(value, list):
        return [tidy(each, depth + 1) for each in value]
    return _tidy_text(value) if isinstance(value, str) else value


def _tidy_text(text: str) -> str:
    """One way to write a reference: `"${var.x}"` is `var.x`; white space within an expression means nothing."""
    wrapped = _WRAPPED.fullmatch(text)
    if wrapped:
        text = f"${{{wrapped[1].strip()}}}"
    return _SPACE.sub(" ", text) if text.startswith("${") else text


def text_of(value: object) -> str:
    """A string's content without its quotes; anything else as it is written."""
    text = value if isinstance(value, str) else repr(value)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _bare(key: str) -> str:
    """A label or key without quotes."""
    return key.strip('"')
