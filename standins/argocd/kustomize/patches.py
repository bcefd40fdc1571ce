"""Patches of a kustomization: strategic merge and JSON 6902."""

import re
from collections.abc import Sequence
from typing import Any

import yaml

from standins.argocd.documents import ManifestError, require
from standins.argocd.kustomize.resource import Resource, schema_of
from standins.kubernetes.errors import StatusError
from standins.kubernetes.objects import Object, annotations_of, labels_of
from standins.kubernetes.patches import json_patch, strategic_merge_patch
from standins.kubernetes.selectors import label_predicate

_TARGET_KEYS = {"group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"}


def apply_patch(resources: list[Resource], text: str, target: Object | None, options: Object, where: str) -> None:
    """Apply one entry of `patches` in place.

    Raises:
        ManifestError: The patch is malformed, or fits nothing.
    """
    require(_TARGET_KEYS, target or {}, f"{where}: target")
    require({"allowNameChange", "allowKindChange"}, options, f"{where}: options")
    try:
        documents = [item for item in yaml.safe_load_all(text) if item is not None]
    except yaml.YAMLError as error:
        raise ManifestError(f"{where}: {error}") from error
    for document in documents:
        if isinstance(document, list):
            if not target:
                raise ManifestError(f"{where}: must specify a target for JSON patch")
            _apply_operations(_select(resources, target), document, where)
        elif isinstance(document, dict):
            matches = _select(resources, target) if target else [_identified(resources, document, where)]
            _merge(resources, matches, document, options)
        else:
            raise ManifestError(f"{where}: unable to parse patch")


def _apply_operations(matches: Sequence[Resource], operations: list[Any], where: str) -> None:
    for resource in matches:
        try:
            resource.value = json_patch(resource.value, operations)
        except StatusError as error:
            raise ManifestError(f"{where}: {resource.kind} {resource.name}: {error.message}") from error


def _merge(resources: list[Resource], matches: Sequence[Resource], patch: Object, options: Object) -> None:
    for resource in matches:
        if patch.get("$patch") == "delete":
            resources.remove(resource)
            continue
        kept = {key: resource.value.get(key) for key in ("apiVersion", "kind")}
        name = resource.value["metadata"].get("name")
        namespace = resource.value["metadata"].get("namespace")
        merged = strategic_merge_patch(resource.value, patch, schema_of(resource.value), prepend=True)
        if not options.get("allowKindChange"):
            merged |= kept
        if not options.get("allowNameChange"):
            merged["metadata"]["name"] = name
            if namespace is not None:
                merged["metadata"]["namespace"] = namespace
        resource.value = merged


def _identified(resources: list[Resource], patch: Object, where: str) -> Resource:
    meta = patch.get("metadata") or {}
    name, namespace = meta.get("name"), meta.get("namespace")
    found = [
        resource
        for resource in resources
        if (resource.value["apiVersion"], resource.kind) == (patch.get("apiVersion"), patch.get("kind"))
        and name in resource.names
        and namespace in {None, resource.value["metadata"].get("namespace")}
    ]
    if len(found) != 1:
        identity = f"{patch.get('apiVersion')} {patch.get('kind')} {name}"
        problem = "no resource matches" if not found else "several resources match"
        raise ManifestError(f"{where}: {problem} strategic merge patch {identity}")
    return found[0]


def _select(resources: list[Resource], target: Object) -> list[Resource]:
    return [resource for resource in resources if _fits(resource, target)]


def _fits(resource: Resource, target: Object) -> bool:
    group, _, version = resource.value["apiVersion"].rpartition("/")
    facts = {
        "group": [group],
        "version": [version],
        "kind": [resource.kind],
        "name": resource.names,
        "namespace": [resource.value["metadata"].get("namespace", "")],
    }
    for key, values in facts.items():
        if key in target and not any(re.fullmatch(str(target[key]), value) for value in values):
            return False
    labels = {"metadata": {"labels": labels_of(resource.value)}}
    notes = {"metadata": {"labels": annotations_of(resource.value)}}
    return label_predicate(target.get("labelSelector"))(labels) and label_predicate(
        target.get("annotationSelector")
    )(notes)
