"""What plan JSON leaves out: edges through `locals` and `dynamic` blocks, from `terraform graph -type=plan`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from eod.terraform.references import Edge, Node, node_of

FILE_BYTES: Final = 1_000_000
"""Of a larger file only the beginning is looked at."""

_EDGE: Final = re.compile(r'^\s*"\[root\] ((?:[^"\\]|\\.)*)" -> "\[root\] ((?:[^"\\]|\\.)*)"\s*$')
_STAGE: Final = re.compile(r" \([a-z, ]+\)$")
_HIDING: Final = re.compile(rb'(?:^|[^\w.])local\.\w|^\s*dynamic\s+"|"dynamic"\s*:', re.MULTILINE)
_SOURCES: Final = ("*.tf", "*.tofu", "*.tf.json", "*.tofu.json")


def edges_in(printed: str) -> Iterator[Edge]:
    """The edges in what `graph -type=plan` printed, under the names of `eod.terraform.references`.

    Lines that are no edges, or not as Terraform prints them, are skipped.
    """
    for line in printed.splitlines():
        match = _EDGE.match(line)
        if match is not None:
            yield _node(match[1]), _node(match[2])


def hides_edges(root: Path, data: Path) -> bool:
    """Whether a configuration holds what plan JSON leaves out, in its root module or one that `init` installed."""
    return any(_HIDING.search(_beginning(file)) for file in _sources(root, data))


class _Installed(Struct, frozen=True):
    directory: str = msgspec.field(default="", name="Dir")


class _Modules(Struct, frozen=True):
    modules: tuple[_Installed, ...] = msgspec.field(default=(), name="Modules")


def _sources(root: Path, data: Path) -> Iterator[Path]:
    for directory in {root, *(root / installed for installed in _installed(data))}:
        yield from _files(directory)


def _installed(data: Path) -> Iterable[str]:
    """Directories of the modules, relative to the root module (hashicorp/terraform, package `modsdir`)."""
    try:
        listed = msgspec.json.decode((data / "modules" / "modules.json").read_bytes(), type=_Modules)
    except (OSError, msgspec.MsgspecError):
        return ()
    return (module.directory for module in listed.modules)


def _files(directory: Path) -> Iterator[Path]:
    for pattern in _SOURCES:
        yield from (file for file in directory.glob(pattern) if file.is_file())


def _beginning(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(FILE_BYTES)
    except OSError:
        return b""


def _node(label: str) -> Node:
    """`module.a (close)` is the module's own node; other stages of a thing are the thing itself."""
    if label.startswith("provider["):
        return Node((), label)
    stage = _STAGE.search(label)
    name = label if stage is None else label[: stage.start()]
    node = node_of(name.replace('\\"', '"'))
    if stage is not None and node.name.startswith("module."):
        return Node((*node.path, node.name.removeprefix("module.")), stage[0].strip())
    return node
