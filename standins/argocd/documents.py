"""YAML and JSON files as objects."""

import posixpath
from collections.abc import Mapping
from typing import Any

import yaml

from standins.kubernetes.objects import Object


class ManifestError(Exception):
    """Manifests cannot be made from what is in the repository."""


def parse(text: bytes | str, path: str) -> list[Object]:
    """All documents of a file; lists are unfolded.

    Raises:
        ManifestError: The file is no YAML, or holds something that is no object.
    """
    try:
        documents = [item for item in yaml.safe_load_all(text) if item is not None]
    except yaml.YAMLError as error:
        raise ManifestError(f"{path}: {error}") from error
    objects: list[Any] = []
    for document in documents:
        if isinstance(document, dict) and str(document.get("kind", "")).endswith("List") and "items" in document:
            objects += document["items"]
        else:
            objects.append(document)
    for item in objects:
        if not isinstance(item, dict) or not item.get("kind") or not item.get("apiVersion"):
            raise ManifestError(f"{path}: an object needs apiVersion and kind")
        if not (item.get("metadata") or {}).get("name") and not (item.get("metadata") or {}).get("generateName"):
            raise ManifestError(f"{path}: {item['kind']} has no metadata.name")
    return objects


def join(directory: str, path: str) -> str:
    """A path relative to a folder of the repository, which it may not leave.

    Raises:
        ManifestError: The path leads out of the repository.
    """
    joined = posixpath.normpath(posixpath.join(directory or ".", path))
    if joined.startswith("../") or joined == ".." or path.startswith("/"):
        raise ManifestError(f"{path}: leads out of the repository")
    return "" if joined == "." else joined


def is_folder(files: Mapping[str, Any], path: str) -> bool:
    """Whether a folder of that name holds any file."""
    return path == "" or any(name.startswith(f"{path}/") for name in files)


def require(known: set[str], found: Mapping[str, Any], where: str) -> None:
    """Refuse what is not known, rather than ignore it.

    Raises:
        ManifestError: Some key is not known.
    """
    unknown = sorted(found.keys() - known)
    if unknown:
        raise ManifestError(f"{where}: not supported by this renderer: {', '.join(unknown)}")
