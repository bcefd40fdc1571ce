"""Resources on their way through a build."""

from dataclasses import dataclass, field
from functools import cache
from typing import Final

from standins.kubernetes.objects import Object
from standins.kubernetes.resources import ResourceType, builtin_types
from standins.kubernetes.schema import ANY, Schema


@dataclass(kw_only=True)
class Resource:
    """An object, the names that it had before, and whether its name gets a hash in the end."""

    value: Object
    former_names: list[str] = field(default_factory=list)
    needs_hash: bool = False

    @property
    def kind(self) -> str:
        """The object's kind."""
        return str(self.value["kind"])

    @property
    def name(self) -> str:
        """The object's name now."""
        return str(self.value["metadata"].get("name") or self.value["metadata"].get("generateName"))

    @property
    def names(self) -> list[str]:
        """The object's name now and before."""
        return [self.name, *self.former_names]

    def rename(self, name: str) -> None:
        """Give the object another name, and remember the old one."""
        if name != self.name:
            self.former_names.append(self.name)
            self.value["metadata"]["name"] = name


@cache
def _types() -> dict[tuple[str, str], ResourceType]:
    return {(item.api_version, item.kind): item for item in builtin_types()}


_CLUSTER_WIDE_ELSEWHERE: Final = frozenset({"CustomResourceDefinition", "ClusterPolicy", "GatewayClass"})


def schema_of(value: Object) -> Schema:
    """The schema to merge an object by; unknown kinds merge like plain JSON."""
    found = _types().get((value["apiVersion"], value["kind"]))
    return ANY if found is None else found.schema


def is_namespaced(value: Object) -> bool:
    """Whether an object lives in a namespace; unknown kinds do."""
    found = _types().get((value["apiVersion"], value["kind"]))
    if found is None:
        return value["kind"] not in _CLUSTER_WIDE_ELSEWHERE
    return found.namespaced
