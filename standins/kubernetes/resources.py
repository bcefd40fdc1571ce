"""Which resource types the API serves: the built-in ones, and those that custom resource definitions add."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from standins.kubernetes.objects import Object
from standins.kubernetes.schema import Compiler, Node, Schema

ALL_VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")

_SHORT_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "configmaps": ("cm",), "customresourcedefinitions": ("crd", "crds"), "cronjobs": ("cj",),
    "daemonsets": ("ds",),
    "deployments": ("deploy",), "endpoints": ("ep",), "events": ("ev",), "horizontalpodautoscalers": ("hpa",),
    "ingresses": ("ing",), "limitranges": ("limits",), "namespaces": ("ns",), "networkpolicies": ("netpol",),
    "nodes": ("no",), "persistentvolumeclaims": ("pvc",), "persistentvolumes": ("pv",),
    "poddisruptionbudgets": ("pdb",),
    "pods": ("po",), "priorityclasses": ("pc",), "replicasets": ("rs",), "replicationcontrollers": ("rc",),
    "resourcequotas": ("quota",), "serviceaccounts": ("sa",), "services": ("svc",), "statefulsets": ("sts",),
    "storageclasses": ("sc",),
}  # fmt: skip

# The API keeps a generation only for kinds whose controllers compare it with `observedGeneration`.
_WITH_GENERATION: Final = frozenset(
    {
        "pods", "replicationcontrollers", "deployments", "replicasets", "statefulsets", "daemonsets",
        "jobs", "cronjobs",
        "ingresses", "networkpolicies", "poddisruptionbudgets", "customresourcedefinitions", "ingressclasses",
        "validatingadmissionpolicies", "validatingadmissionpolicybindings", "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings", "validatingwebhookconfigurations", "mutatingwebhookconfigurations",
        "priorityclasses",
    }
)  # fmt: skip


class RootSchema(Schema):
    """The schema of a custom resource: its `metadata` is always the API's own."""

    __slots__ = ()

    def field(self, name: str) -> Schema:
        """The schema of a top-level field."""
        return object_meta_schema() if name == "metadata" else super().field(name)

    def knows(self, name: str) -> bool:
        """Whether a top-level field belongs here."""
        return name in {"apiVersion", "kind", "metadata"} or super().knows(name)

    @property
    def properties(self) -> Mapping[str, int]:
        """The named fields; `apiVersion` and `kind` are plain strings that need no schema."""
        return {name: index for name, index in super().properties.items() if name not in {"apiVersion", "kind"}}


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One type of resource in one version."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    schema: Schema = field(repr=False, compare=False)
    singular: str = ""
    short_names: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[str, ...] = ()
    is_custom: bool = False
    is_stored: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """Group and plural: what objects of all versions are stored under."""
        return self.group, self.plural

    @property
    def api_version(self) -> str:
        """`apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`deployments.apps`, or `pods` for the core group."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def has_status(self) -> bool:
        """Whether the status is written through a subresource of its own."""
        return "status" in self.subresources

    @property
    def counts_generations(self) -> bool:
        """Whether `metadata.generation` is kept."""
        return self.is_custom or self.plural in _WITH_GENERATION


@cache
def _api() -> Any:
    return json.loads((Path(__file__).parent / "data" / "api.json").read_text())


@cache
def object_meta_schema() -> Schema:
    """The schema of `metadata`, the same for every kind."""
    api = _api()
    (pod,) = (entry for entry in api["resources"] if entry["plural"] == "pods")
    return Schema.load(api["nodes"], pod["schema"]).field("metadata")


def builtin_types() -> Iterator[ResourceType]:
    """The types that exist without any custom resource definition."""
    api = _api()
    for entry in api["resources"]:
        yield ResourceType(
            group=entry["group"],
            version=entry["version"],
            plural=entry["plural"],
            kind=entry["kind"],
            namespaced=entry["namespaced"],
            singular=entry["kind"].lower(),
            short_names=_SHORT_NAMES.get(entry["plural"], ()),
            verbs=tuple(entry["verbs"]),
            subresources=tuple(entry["subresources"]),
            schema=Schema.load(api["nodes"], entry["schema"]),
        )


def custom_type(
    *,
    group: str,
    version: str,
    names: Mapping[str, Any],
    scope: str,
    subresources: Iterable[str],
    nodes: list[Node],
    root: int,
    is_stored: bool = True,
) -> ResourceType:
    """A type of custom resource from a compiled schema."""
    return ResourceType(
        group=group,
        version=version,
        plural=names["plural"],
        kind=names["kind"],
        namespaced=scope == "Namespaced",
        singular=names.get("singular") or names["kind"].lower(),
        short_names=tuple(names.get("shortNames") or ()),
        subresources=tuple(subresources),
        schema=RootSchema.load(nodes, root),
        is_custom=True,
        is_stored=is_stored,
    )


def types_of_definition(definition: Object) -> Iterator[ResourceType]:
    """The types that a CustomResourceDefinition object adds."""
    spec = definition["spec"]
    for version in spec["versions"]:
        if not version.get("served"):
            continue
        compiler = Compiler()
        openapi = (version.get("schema") or {}).get("openAPIV3Schema") or {}
        yield custom_type(
            group=spec["group"],
            version=version["name"],
            names=spec["names"],
            scope=spec["scope"],
            subresources=(version.get("subresources") or {}).keys(),
            root=compiler.add(openapi),
            nodes=compiler.nodes,
            is_stored=bool(version.get("storage")),
        )


class Catalogue:
    """All types that are served now."""

    def __init__(self) -> None:
        self._types: dict[tuple[str, str, str], ResourceType] = {}
        for resource in builtin_types():
            self.add(resource)

    def add(self, resource: ResourceType) -> None:
        """Serve a type."""
        self._types[resource.group, resource.version, resource.plural] = resource

    def remove(self, group: str, plural: str) -> None:
        """Stop serving a type in all versions."""
        self._types = {key: value for key, value in self._types.items() if value.key != (group, plural)}

    def find(self, group: str, version: str, plural: str) -> ResourceType | None:
        """The type behind a path."""
        return self._types.get((group, version, plural))

    def all(self) -> list[ResourceType]:
        """Every type in every version."""
        return list(self._types.values())

    def stored(self, key: tuple[str, str]) -> ResourceType | None:
        """The type in the version that objects are stored in."""
        return next((item for item in self.all() if item.key == key and item.is_stored), None)

    def by_kind(self, api_version: str, kind: str) -> ResourceType | None:
        """The type that an object says it is of."""
        return next((item for item in self.all() if item.kind == kind and item.api_version == api_version), None)

    def by_group_kind(self, group: str, kind: str) -> ResourceType | None:
        """The stored version of a kind."""
        return next(
            (item for item in self.all() if item.kind == kind and item.group == group and item.is_stored), None
        )

    def versions(self) -> dict[str, list[str]]:
        """The versions of each group."""
        groups: dict[str, list[str]] = {}
        for item in self.all():
            versions = groups.setdefault(item.group, [])
            if item.version not in versions:
                versions.append(item.version)
        return groups
