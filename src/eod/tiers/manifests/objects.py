"""Kubernetes objects: found in documents by what they hold, told apart by what they are.

The fields are those of https://kubernetes.io/docs/concepts/overview/working-with-objects/.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from eod.tiers.manifests.documents import Document
from eod.tiers.manifests.knowledge import KindData, knowledge
from eod.tiers.manifests.templates import Action
from eod.tiers.manifests.yamldata import Value

_API: Final = re.compile(r"^[ \t]*[\"']?apiVersion[\"']?[ \t]*:[ \t]*[\"']?([^\s\"',#]*)", re.MULTILINE)
_KIND: Final = re.compile(r"^(?:[ ]{0,2})[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?([A-Za-z0-9]+)", re.MULTILINE)
_WORD: Final = re.compile(r"[A-Z][A-Za-z]+")
_MOST_ITEMS: Final = 5_000


class KubernetesObject(Struct, frozen=True):
    """One object. `group` is `None` where a template's action stands for it; `logic` is the document's."""

    group: str | None
    kind: str
    namespace: str
    name: str
    body: dict[str, Value]
    logic: tuple[Action, ...] = ()

    @property
    def identity(self) -> tuple[str | None, str, str, str]:
        """By what an object is known in a cluster."""
        return self.group, self.kind, self.namespace, self.name

    @property
    def known(self) -> KindData | None:
        """What is known of its kind."""
        return known_kind(self.group, self.kind)

    @property
    def title(self) -> str:
        """Kind and name, for people."""
        return f"{self.kind} {self.name}".strip()


def might_hold_objects(text: str) -> bool:
    """Whether it is worth while to look for objects."""
    return "apiVersion" in text and "kind" in text


def objects_in(documents: Iterable[Document]) -> list[KubernetesObject]:
    """All objects, lists taken apart."""
    return [found for document in documents for found in _objects(document.value, document.logic)]


def kinds_by_line(text: str) -> list[tuple[str | None, str]]:
    """Groups and kinds by a look at the lines, for a document that cannot be read."""
    kinds = list(dict.fromkeys(_KIND.findall(text)))
    version = _API.search(text)
    group = _group(version[1]) if version else None
    return [(group if len(kinds) == 1 else None, kind) for kind in kinds]


def known_kind(group: str | None, kind: str) -> KindData | None:
    """What is known of a kind, also of one in a template's condition."""
    if "{{" not in kind:
        return knowledge().kind(group, kind)
    known = (knowledge().kind(None, word) for word in _WORD.findall(kind))
    return next((each for each in known if each is not None), None)


def _objects(value: Value, logic: tuple[Action, ...]) -> Iterator[KubernetesObject]:
    if isinstance(value, list):
        for item in value[:_MOST_ITEMS]:
            if isinstance(item, dict):
                yield from _objects(item, logic)
        return
    if not isinstance(value, dict):
        return
    version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str) or not kind:
        return
    items = value.get("items")
    if kind.endswith("List") and isinstance(items, list):
        yield from _objects(items, logic)
        return
    metadata = value.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name = metadata.get("name") or metadata.get("generateName") or ""
    namespace = metadata.get("namespace") or ""
    yield KubernetesObject(_group(version), kind, str(namespace), str(name), value, logic)


def _group(version: str) -> str | None:
    if "{{" in version:
        return None
    return version.rpartition("/")[0] if "/" in version else ""
