"""The shape of an API object: what each field may hold, and how lists and maps merge.

A schema is compiled from OpenAPI (the server's published description, or a custom resource definition) into a
table of small nodes that refer to one another by index, so that recursive types need no unfolding and equal
types are stored once.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Self

Node = dict[str, Any]

ANY_NODE: Final[Node] = {"t": "any"}


class Schema:
    """One node of a compiled schema."""

    __slots__ = ("_node", "_nodes")

    def __init__(self, nodes: list[Node], index: int) -> None:
        self._nodes = nodes
        self._node = nodes[index]

    @property
    def type(self) -> str:
        """`object`, `array`, `string`, `integer`, `number`, `boolean`, `int-or-string` or `any`."""
        return str(self._node["t"])

    @property
    def required(self) -> tuple[str, ...]:
        """Fields that must be present."""
        return tuple(self._node.get("r", ()))

    @property
    def enum(self) -> tuple[Any, ...]:
        """The only values allowed, or nothing."""
        return tuple(self._node.get("e", ()))

    @property
    def pattern(self) -> str | None:
        """A regular expression that a string has to match."""
        return self._node.get("p")

    @property
    def min_length(self) -> int:
        """The least number of characters."""
        return int(self._node.get("n", 0))

    @property
    def default(self) -> Any:
        """The value of a field that is left out."""
        return self._node.get("d")

    @property
    def preserves_unknown(self) -> bool:
        """Whether fields that the schema does not name are kept."""
        return self.type == "any" or bool(self._node.get("x"))

    @property
    def is_atomic(self) -> bool:
        """Whether the value is owned and replaced as a whole."""
        return bool(self._node.get("a"))

    @property
    def list_keys(self) -> tuple[str, ...]:
        """The fields that tell the items of a list apart; empty unless the list is a map."""
        return tuple(self._node.get("k", ()))

    @property
    def is_set(self) -> bool:
        """Whether the list is a set of scalars."""
        return bool(self._node.get("s"))

    @property
    def merge_key(self) -> str | None:
        """The key that a strategic merge patch matches items by."""
        return self._node.get("mk")

    @property
    def merge_strategies(self) -> tuple[str, ...]:
        """What a strategic merge patch does with this field: `merge`, `replace`, `retainKeys`."""
        return tuple(self._node.get("ms", ()))

    @property
    def properties(self) -> Mapping[str, int]:
        """The named fields."""
        fields: Mapping[str, int] = self._node.get("f", {})
        return fields

    @property
    def is_open_map(self) -> bool:
        """Whether any key is allowed, all with the same kind of value."""
        return "m" in self._node

    @property
    def items(self) -> "Schema":
        """The schema of a list's items."""
        return self._child(self._node.get("i"))

    def field(self, name: str) -> "Schema":
        """The schema of a field or of a map's value; `ANY` when the schema does not name it."""
        index = self.properties.get(name, self._node.get("m"))
        return self._child(index)

    def knows(self, name: str) -> bool:
        """Whether a field of that name belongs here."""
        return self.preserves_unknown or self.is_open_map or name in self.properties

    def fields(self) -> Iterator[tuple[str, "Schema"]]:
        """All named fields."""
        return ((name, self._child(index)) for name, index in self.properties.items())

    def _child(self, index: int | None) -> "Schema":
        return ANY if index is None else type(self)(self._nodes, index)

    @classmethod
    def load(cls, nodes: list[Node], index: int) -> Self:
        """A schema from a table made by `Compiler`."""
        return cls(nodes, index)


ANY: Final = Schema([ANY_NODE], 0)


class Compiler:
    """Turns OpenAPI schemas into one shared table of nodes."""

    def __init__(self, definitions: Mapping[str, Any] | None = None) -> None:
        self.nodes: list[Node] = []
        self._definitions = definitions or {}
        self._named: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def add(self, openapi: Mapping[str, Any]) -> int:
        """Compile a schema and return its index in `nodes`."""
        reference = _reference(openapi)
        if reference is not None and not _merging_keys(openapi):
            return self._add_named(reference)
        return self._intern(self._compile(openapi, reference))

    def _add_named(self, name: str) -> int:
        if name not in self._named:
            self._named[name] = len(self.nodes)
            self.nodes.append(ANY_NODE)
            self.nodes[self._named[name]] = self._compile(self._definitions[name], None)
        return self._named[name]

    def _compile(self, openapi: Mapping[str, Any], reference: str | None) -> Node:
        target = dict(self._definitions[reference]) if reference else dict(openapi)
        target |= _merging_keys(openapi)
        node: Node = {"t": _type(target)}
        if node["t"] == "object":
            self._compile_object(node, target)
        elif node["t"] == "array":
            node["i"] = self.add(target.get("items", {}))
            _compile_list(node, target)
        for short, key in (("p", "pattern"), ("n", "minLength"), ("e", "enum")):
            if target.get(key):
                node[short] = target[key]
        if openapi.get("default") not in (None, "", {}):
            node["d"] = openapi["default"]
        if target.get("x-kubernetes-patch-strategy"):
            node["ms"] = target["x-kubernetes-patch-strategy"].split(",")
        if target.get("x-kubernetes-patch-merge-key"):
            node["mk"] = target["x-kubernetes-patch-merge-key"]
        return node

    def _compile_object(self, node: Node, openapi: Mapping[str, Any]) -> None:
        if properties := openapi.get("properties"):
            node["f"] = {name: self.add(value) for name, value in properties.items()}
        if isinstance(openapi.get("additionalProperties"), Mapping):
            node["m"] = self.add(openapi["additionalProperties"])
        elif openapi.get("additionalProperties") is True:
            node["x"] = 1
        if openapi.get("required"):
            node["r"] = openapi["required"]
        if openapi.get("x-kubernetes-preserve-unknown-fields"):
            node["x"] = 1
        if openapi.get("x-kubernetes-map-type") == "atomic":
            node["a"] = 1
        if not {"f", "m", "x"} & node.keys():
            node["x"] = 1

    def _intern(self, node: Node) -> int:
        key = json.dumps(node, sort_keys=True)
        if key not in self._seen:
            self._seen[key] = len(self.nodes)
            self.nodes.append(node)
        return self._seen[key]


def _compile_list(node: Node, openapi: Mapping[str, Any]) -> None:
    match openapi.get("x-kubernetes-list-type", "atomic"):
        case "map":
            node["k"] = openapi["x-kubernetes-list-map-keys"]
        case "set":
            node["s"] = 1
        case _:
            node["a"] = 1


def _reference(openapi: Mapping[str, Any]) -> str | None:
    reference = openapi.get("$ref") or next(
        (part["$ref"] for part in openapi.get("allOf", ()) if "$ref" in part), None
    )
    return None if reference is None else str(reference).rpartition("/")[2]


def _merging_keys(openapi: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in openapi.items() if key.startswith("x-kubernetes-")}


_INT_OR_STRING_NAMES: Final = ("int-or-string", "quantity")


def _type(openapi: Mapping[str, Any]) -> str:
    if openapi.get("x-kubernetes-int-or-string") or openapi.get("format") in _INT_OR_STRING_NAMES:
        return "int-or-string"
    if "oneOf" in openapi:
        return "any"
    kind = openapi.get("type")
    if kind is None:
        return "object" if "properties" in openapi else "any"
    return str(kind)
