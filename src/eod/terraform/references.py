"""What depends on what, from the configuration inside a plan.

References come unwrapped to every prefix (`module.cdn.domain`, `module.cdn`). Two gaps of the format stay:
`dynamic` blocks are left out and `locals` are not exported; `eod.terraform.dot` knows the edges through them.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from eod.terraform.plan_json import Configuration, ConfiguredResource, Module, ModuleCall, mapping_of

OPENED: Final = "(expand)"
"""Name of the node of a module that everything in it waits for: its `count`, `for_each` and `depends_on`."""
CLOSED: Final = "(close)"
"""Name of the node of a module that waits for everything in it."""

Edge = tuple["Node", "Node"]
"""Who waits, and for whom."""

INDEX: Final = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]')
"""The key of an instance in an address; a key may hold brackets, dots and escaped quotes."""


class Node(Struct, frozen=True):
    """A resource, variable (`var.x`), output (`output.x`) or local (`local.x`) of the module at `path`."""

    path: tuple[str, ...]
    name: str


def node_of(address: str) -> Node:
    """The configured resource that an address in a plan is an instance of."""
    words = INDEX.sub("", address).split(".")
    path: list[str] = []
    while words[0] == "module" and len(words) > 2:  # noqa: PLR2004 - `module`, its name and something in it
        path.append(words[1])
        words = words[2:]
    return Node(tuple(path), ".".join(words))


def edges_of(configuration: Configuration) -> Iterator[Edge]:
    """Every edge that the configuration shows, those through providers among them."""
    yield from _edges(configuration.root_module, ())
    for key, provider in configuration.provider_config.items():
        module, path = configuration.root_module, node_of(f"{provider.module_address}.x.x").path
        for name in path:
            call = module.module_calls.get(name)
            module = Module() if call is None else call.module
        for used in _resolve(_references(provider.expressions), module, path):
            yield _provider(key), used


def dependents(edges: Iterable[Edge], roots: Iterable[Node]) -> frozenset[Node]:
    """Everything that depends, directly or through others, on one of `roots`."""
    users: dict[Node, list[Node]] = {}
    for user, used in edges:
        users.setdefault(used, []).append(user)
    found: set[Node] = set()
    queue = deque(roots)
    while queue:
        for user in users.get(queue.popleft(), ()):
            if user not in found:
                found.add(user)
                queue.append(user)
    return frozenset(found)


def _edges(module: Module, path: tuple[str, ...]) -> Iterator[Edge]:
    for resource in module.resources:
        node = Node(path, resource.address)
        for used in _resolve(_references_of(resource), module, path):
            yield node, used
        if resource.provider_config_key:
            yield node, _provider(resource.provider_config_key)
        if path:
            yield node, Node(path, OPENED)
            yield Node(path, CLOSED), node
    for name, output in module.outputs.items():
        for used in _resolve(_references(output.expression), module, path):
            yield Node(path, f"output.{name}"), used
    for name, call in module.module_calls.items():
        yield from _call_edges(call, module, path, (*path, name))
        yield from _edges(call.module, (*path, name))


def _call_edges(call: ModuleCall, module: Module, path: tuple[str, ...], inner: tuple[str, ...]) -> Iterator[Edge]:
    for variable, value in _arguments(call.expressions):
        for used in _resolve(list(_walk(value)), module, path):
            yield Node(inner, f"var.{variable}"), used
    repeated = [*_references(call.count_expression), *_references(call.for_each_expression)]
    for used in _resolve([*call.depends_on, *repeated], module, path):
        yield Node(inner, OPENED), used
    if path:
        yield Node(inner, OPENED), Node(path, OPENED)
        yield Node(path, CLOSED), Node(inner, CLOSED)


def _provider(key: str) -> Node:
    return Node((), f"provider {key}")


def _references_of(resource: ConfiguredResource) -> list[str]:
    parts = (resource.expressions, resource.count_expression, resource.for_each_expression)
    return [*resource.depends_on, *(reference for part in parts for reference in _references(part))]


def _references(expression: msgspec.Raw) -> list[str]:
    return list(_walk(msgspec.json.decode(expression)))


def _arguments(expressions: msgspec.Raw) -> Iterable[tuple[str, object]]:
    return mapping_of(expressions).items()


def _walk(value: object) -> Iterator[str]:
    """Every string in a `references` list, at any depth."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            for key, inner in value.items():
                if key == "references" and isinstance(inner, list):
                    yield from (reference for reference in inner if isinstance(reference, str))
                else:
                    waiting.append(inner)


def _resolve(references: list[str], module: Module, path: tuple[str, ...]) -> Iterator[Node]:
    words = [INDEX.sub("", reference).split(".") for reference in references]
    through_output = {w[1] for w in words if w[0] == "module" and len(w) > 2}  # noqa: PLR2004 - names an output
    for word in words:
        match word:
            case ["module", call, output, *_]:
                yield Node((*path, call), f"output.{output}")
            case ["module", call] if call not in through_output and call in module.module_calls:
                yield Node((*path, call), CLOSED)
            case ["var", name, *_]:
                yield Node(path, f"var.{name}")
            case ["data", kind, name, *_]:
                yield Node(path, f"data.{kind}.{name}")
            case [kind, name, *_]:
                yield Node(path, f"{kind}.{name}")
            case _:
                pass
