"""From an Application's source to the objects that it wants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from standins.argocd.documents import ManifestError, is_folder, join, parse, require
from standins.argocd.kustomize import build
from standins.argocd.kustomize.build import find_kustomization
from standins.argocd.kustomize.images import parse_image_override
from standins.argocd.repository import Files
from standins.kubernetes.objects import Object

_SOURCE_KEYS: Final = {"repoURL", "path", "targetRevision", "directory", "kustomize", "name"}
_KUSTOMIZE_KEYS: Final = {
    "namePrefix", "nameSuffix", "images", "patches", "namespace", "commonAnnotations", "commonLabels", "replicas",
    "labelWithoutSelector", "labelIncludeTemplates", "forceCommonLabels", "forceCommonAnnotations", "components",
}  # fmt: skip
_MANIFEST: Final = re.compile(r"\.(ya?ml|json)$")


@dataclass(frozen=True, kw_only=True)
class Manifests:
    """What a source gives at a commit."""

    objects: list[Object]
    source_type: str


def render(files: Files, source: Object) -> Manifests:
    """The objects of a source at a commit.

    Raises:
        ManifestError: The path does not exist, or holds something that is malformed or not known.
    """
    require(_SOURCE_KEYS, source, "spec.source")
    folder = join("", str(source.get("path") or "."))
    if not is_folder(files, folder):
        raise ManifestError(f"{source.get('path')}: app path does not exist")
    if source.get("kustomize") or find_kustomization(files, folder):
        options = source.get("kustomize") or {}
        require(_KUSTOMIZE_KEYS, options, "spec.source.kustomize")
        objects = build(files, folder, lambda kustomization: _override(kustomization, options))
        return Manifests(objects=objects, source_type="Kustomize")
    return Manifests(
        objects=_read_directory(files, folder, source.get("directory") or {}), source_type="Directory"
    )


def _read_directory(files: Files, folder: str, options: Object) -> list[Object]:
    require({"recurse"}, options, "spec.source.directory")
    prefix = f"{folder}/" if folder else ""
    objects: list[Object] = []
    for path in sorted(files):
        rest = path.removeprefix(prefix)
        if not path.startswith(prefix) or not _MANIFEST.search(path):
            continue
        if "/" in rest and not options.get("recurse"):
            continue
        objects += parse(files[path], path)
    return objects


def _override(kustomization: Object, options: Object) -> None:
    for key in ("namePrefix", "nameSuffix", "namespace"):
        if options.get(key):
            kustomization[key] = options[key]
    if options.get("images"):
        overrides = [parse_image_override(text) for text in options["images"]]
        replaced = {entry["name"] for entry in overrides}
        kept = [entry for entry in kustomization.get("images") or [] if entry["name"] not in replaced]
        kustomization["images"] = kept + overrides
    if options.get("replicas"):
        counts = [{"name": entry["name"], "count": int(entry["count"])} for entry in options["replicas"]]
        replaced = {entry["name"] for entry in counts}
        kept = [entry for entry in kustomization.get("replicas") or [] if entry["name"] not in replaced]
        kustomization["replicas"] = kept + counts
    for key in ("patches", "components"):
        if options.get(key):
            kustomization[key] = [*(kustomization.get(key) or []), *options[key]]
    _add_labels(kustomization, options)
    if annotations := options.get("commonAnnotations"):
        _refuse_overwrite(
            kustomization.get("commonAnnotations"), annotations, forced=options.get("forceCommonAnnotations")
        )
        kustomization["commonAnnotations"] = {**(kustomization.get("commonAnnotations") or {}), **annotations}


def _add_labels(kustomization: Object, options: Object) -> None:
    labels = options.get("commonLabels")
    if not labels:
        return
    if options.get("labelWithoutSelector"):
        entry: Object = {"pairs": dict(labels)}
        if options.get("labelIncludeTemplates"):
            entry["includeTemplates"] = True
        kustomization["labels"] = [*(kustomization.get("labels") or []), entry]
        return
    _refuse_overwrite(kustomization.get("commonLabels"), labels, forced=options.get("forceCommonLabels"))
    kustomization["commonLabels"] = {**(kustomization.get("commonLabels") or {}), **labels}


def _refuse_overwrite(old: Mapping[str, str] | None, new: Mapping[str, str], *, forced: bool | None) -> None:
    twice = sorted((old or {}).keys() & new.keys())
    if twice and not forced:
        raise ManifestError(f"{twice[0]} is already in the kustomization file; use force to overwrite it")
