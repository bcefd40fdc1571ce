"""Builds a kustomization: resources, generators, transformers, in Kustomize's order."""

from collections.abc import Callable
from typing import Any, Final

import yaml

from standins.argocd.documents import ManifestError, is_folder, join, parse, require
from standins.argocd.kustomize.fieldspecs import (
    ANNOTATIONS,
    METADATA_LABELS,
    NAME_REFERENCES,
    REPLICAS,
    SELECTORS,
    TEMPLATE_LABELS,
    FieldSpec,
    edit,
)
from standins.argocd.kustomize.generators import content_hash, generate
from standins.argocd.kustomize.images import set_image
from standins.argocd.kustomize.patches import apply_patch
from standins.argocd.kustomize.resource import Resource, is_namespaced
from standins.argocd.repository import Files
from standins.kubernetes.objects import Object, clone

FILE_NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_KNOWN: Final = {
    "apiVersion", "kind", "metadata", "resources", "components", "bases", "namespace", "namePrefix", "nameSuffix",
    "labels", "commonLabels", "commonAnnotations", "patches", "patchesStrategicMerge", "patchesJson6902", "images",
    "replicas", "configMapGenerator", "secretGenerator", "generatorOptions",
}  # fmt: skip


def find_kustomization(files: Files, folder: str) -> str | None:
    """The path of a folder's kustomization file."""
    return next((path for name in FILE_NAMES if (path := join(folder, name)) in files), None)


def build(files: Files, folder: str, adjust: Callable[[Object], None] | None = None) -> list[Object]:
    """The objects of a kustomization.

    Args:
        files: The repository's files.
        folder: The folder that holds the kustomization.
        adjust: Changes the kustomization before it is built, as `kustomize edit` would.

    Raises:
        ManifestError: Something is missing, malformed, or not known to this renderer.
    """
    resources = _load(files, folder, adjust)
    for resource in resources:
        if resource.needs_hash:
            resource.rename(f"{resource.name}-{content_hash(resource.value)}")
    _fix_references(resources)
    return [resource.value for resource in resources]


def _load(files: Files, folder: str, adjust: Callable[[Object], None] | None = None) -> list[Resource]:
    path = find_kustomization(files, folder)
    if path is None:
        raise ManifestError(f"{folder or '.'}: unable to find one of {', '.join(FILE_NAMES)}")
    try:
        loaded = yaml.safe_load(files[path])
    except yaml.YAMLError as error:
        raise ManifestError(f"{path}: {error}") from error
    kustomization = {} if loaded is None else loaded
    if not isinstance(kustomization, dict):
        raise ManifestError(f"{path}: is not an object")
    if adjust is not None:
        adjust(kustomization)
    require(_KNOWN, kustomization, path)
    resources: list[Resource] = []
    for entry in [*(kustomization.get("resources") or []), *(kustomization.get("bases") or [])]:
        resources += _load_entry(files, folder, entry)
    _refuse_duplicates(resources, path)
    _apply(resources, kustomization, files, folder, path)
    return resources


def _load_entry(files: Files, folder: str, entry: str) -> list[Resource]:
    if "://" in entry or entry.startswith(("git@", "github.com/")):
        raise ManifestError(f"{entry}: remote resources are not supported by this renderer")
    path = join(folder, entry)
    if path in files:
        return [Resource(value=clone(value)) for value in parse(files[path], path)]
    if is_folder(files, path):
        return _load(files, path)
    raise ManifestError(f"accumulating resources from '{entry}': {path}: no such file or directory")


def _refuse_duplicates(resources: list[Resource], path: str) -> None:
    seen: set[tuple[str, str, str, str]] = set()
    for resource in resources:
        meta = resource.value["metadata"]
        key = resource.value["apiVersion"], resource.kind, meta.get("namespace", ""), resource.name
        if key in seen:
            raise ManifestError(f"{path}: may not add resource with an already registered id: {'.'.join(key)}")
        seen.add(key)


def _apply(resources: list[Resource], kustomization: Object, files: Files, folder: str, path: str) -> None:
    defaults = kustomization.get("generatorOptions") or {}
    for kind, key in (("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")):
        for spec in kustomization.get(key) or []:
            generate(resources, kind, spec, defaults, source=(files, folder))
    for component in kustomization.get("components") or []:
        _apply_component(resources, files, join(folder, component))
    _apply_patches(resources, kustomization, files, folder, path)
    if namespace := kustomization.get("namespace"):
        _set_namespace(resources, namespace)
    _rename(resources, str(kustomization.get("namePrefix") or ""), str(kustomization.get("nameSuffix") or ""))
    _add_labels(resources, kustomization, path)
    _edit_all(resources, ANNOTATIONS, kustomization.get("commonAnnotations") or {})
    for entry in kustomization.get("patchesJson6902") or []:
        _apply_patch_entry(resources, entry, files, folder, path)
    for entry in kustomization.get("replicas") or []:
        _set_replicas(resources, entry, path)
    for entry in kustomization.get("images") or []:
        for resource in resources:
            set_image(resource.value, entry, path)


def _apply_component(resources: list[Resource], files: Files, folder: str) -> None:
    path = find_kustomization(files, folder)
    if path is None:
        raise ManifestError(f"{folder}: unable to find one of {', '.join(FILE_NAMES)}")
    component = yaml.safe_load(files[path]) or {}
    require(_KNOWN, component, path)
    if component.get("kind") != "Component":
        raise ManifestError(f"{path}: expected kind Component")
    for entry in component.get("resources") or []:
        resources += _load_entry(files, folder, entry)
    _apply(resources, component, files, folder, path)


def _apply_patches(resources: list[Resource], kustomization: Object, files: Files, folder: str, path: str) -> None:
    for entry in kustomization.get("patchesStrategicMerge") or []:
        named = join(folder, entry) if "\n" not in entry else ""
        text = files[named].decode() if named in files else entry
        apply_patch(resources, text, None, {}, path)
    for entry in kustomization.get("patches") or []:
        _apply_patch_entry(resources, entry, files, folder, path)


def _apply_patch_entry(resources: list[Resource], entry: Object, files: Files, folder: str, path: str) -> None:
    require({"path", "patch", "target", "options"}, entry, f"{path}: patches")
    where, text = path, entry.get("patch")
    if entry.get("path"):
        where = join(folder, entry["path"])
        if where not in files:
            raise ManifestError(f"{path}: {where}: no such file")
        text = files[where].decode()
    if not text:
        raise ManifestError(f"{path}: a patch needs path or patch")
    apply_patch(resources, text, entry.get("target"), entry.get("options") or {}, where)


def _set_namespace(resources: list[Resource], namespace: str) -> None:
    for resource in resources:
        if is_namespaced(resource.value):
            resource.value["metadata"]["namespace"] = namespace
        elif resource.kind == "Namespace":
            resource.rename(namespace)
        if resource.kind in {"RoleBinding", "ClusterRoleBinding"}:
            for subject in resource.value.get("subjects") or []:
                if subject.get("kind") == "ServiceAccount" and subject.get("name") == "default":
                    subject["namespace"] = namespace


_NOT_RENAMED: Final = frozenset({"CustomResourceDefinition", "APIService", "Namespace"})


def _rename(resources: list[Resource], prefix: str, suffix: str) -> None:
    if prefix or suffix:
        for resource in resources:
            if resource.kind not in _NOT_RENAMED:
                resource.rename(f"{prefix}{resource.name}{suffix}")


def _add_labels(resources: list[Resource], kustomization: Object, path: str) -> None:
    everywhere = (*METADATA_LABELS, *TEMPLATE_LABELS, *SELECTORS)
    for entry in kustomization.get("labels") or []:
        require({"pairs", "includeSelectors", "includeTemplates"}, entry, f"{path}: labels")
        specs: tuple[FieldSpec, ...] = METADATA_LABELS
        if entry.get("includeSelectors"):
            specs = everywhere
        elif entry.get("includeTemplates"):
            specs = (*METADATA_LABELS, *TEMPLATE_LABELS)
        _edit_all(resources, specs, entry.get("pairs") or {})
    _edit_all(resources, everywhere, kustomization.get("commonLabels") or {})


def _edit_all(resources: list[Resource], specs: tuple[FieldSpec, ...], pairs: dict[str, str]) -> None:
    if not pairs:
        return
    texts = {key: str(value) for key, value in pairs.items()}
    for resource in resources:
        for spec in specs:
            edit(resource.value, spec, lambda old: {**(old or {}), **texts})


def _set_replicas(resources: list[Resource], entry: Object, path: str) -> None:
    require({"name", "count"}, entry, f"{path}: replicas")
    matching = [item for item in resources if entry["name"] in item.names and item.kind in REPLICAS[0].kinds]
    if not matching:
        raise ManifestError(f"{path}: replicas: resource with name {entry['name']} does not match a config")
    for resource in matching:
        edit(resource.value, REPLICAS[0], lambda _: entry["count"])


def _fix_references(resources: list[Resource]) -> None:
    for target in resources:
        if not target.former_names:
            continue
        for spec in NAME_REFERENCES.get(target.kind, ()):
            for resource in resources:
                edit(resource.value, spec, _renamed(target))
        if target.kind == "ServiceAccount":
            _fix_subjects(resources, target)


def _renamed(target: Resource) -> Callable[[Any], Any]:
    return lambda name: target.name if name in target.former_names else name


def _fix_subjects(resources: list[Resource], target: Resource) -> None:
    namespace = target.value["metadata"].get("namespace")
    for resource in resources:
        for subject in resource.value.get("subjects") or [] if resource.kind.endswith("RoleBinding") else []:
            same_place = subject.get("namespace") in {None, namespace}
            is_account = subject.get("kind") == "ServiceAccount" and subject.get("name") in target.former_names
            if is_account and same_place:
                subject["name"] = target.name
