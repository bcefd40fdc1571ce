"""ConfigMaps and Secrets that a kustomization generates, and the hash that goes into their names."""

import base64
import hashlib
import json
import posixpath
from typing import Any, Final

from standins.argocd.documents import ManifestError, join, require
from standins.argocd.kustomize.resource import Resource
from standins.argocd.repository import Files
from standins.kubernetes.objects import Object

_KEYS: Final = {"name", "namespace", "behavior", "literals", "files", "envs", "env", "options", "type"}
_OPTIONS: Final = {"disableNameSuffixHash", "labels", "annotations", "immutable"}


def generate(
    resources: list[Resource], kind: str, spec: Object, defaults: Object, *, source: tuple[Files, str]
) -> None:
    """Add or change what one entry of `configMapGenerator` or `secretGenerator` describes.

    Raises:
        ManifestError: Something is missing or not known.
    """
    files, folder = source
    where = f"{folder}: {kind} generator {spec.get('name')}"
    require(_KEYS, spec, where)
    options = {**defaults, **(spec.get("options") or {})}
    require(_OPTIONS, options, where)
    data = _data(spec, files, folder, where)
    if kind == "Secret":
        data = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
    behavior = spec.get("behavior", "create")
    found = next((item for item in resources if item.kind == kind and spec["name"] in item.names), None)
    if behavior in {"merge", "replace"}:
        if found is None:
            raise ManifestError(f"{where}: no {kind} to {behavior}")
        found.value["data"] = data if behavior == "replace" else {**(found.value.get("data") or {}), **data}
        return
    if behavior != "create" or found is not None:
        raise ManifestError(f"{where}: behavior {behavior}: exists already or is not known")
    meta: Object = {"name": spec["name"]}
    if spec.get("namespace"):
        meta["namespace"] = spec["namespace"]
    for key in ("labels", "annotations"):
        if options.get(key):
            meta[key] = dict(options[key])
    value: Object = {"apiVersion": "v1", "kind": kind, "metadata": meta, "data": data}
    if kind == "Secret":
        value["type"] = spec.get("type", "Opaque")
    if options.get("immutable"):
        value["immutable"] = True
    resources.append(Resource(value=value, needs_hash=not options.get("disableNameSuffixHash")))


def _data(spec: Object, files: Files, folder: str, where: str) -> dict[str, str]:
    data: dict[str, str] = {}
    for literal in spec.get("literals") or []:
        key, equals, value = literal.partition("=")
        if not equals:
            raise ManifestError(f"{where}: literal {literal!r} should be key=value")
        data[key] = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
    for entry in spec.get("files") or []:
        key, equals, path = entry.rpartition("=")
        data[key if equals else posixpath.basename(path)] = _text(files, join(folder, path), where)
    for path in [*(spec.get("envs") or []), *([spec["env"]] if spec.get("env") else [])]:
        for line in _text(files, join(folder, path), where).splitlines():
            if line.strip() and not line.startswith("#"):
                key, _, value = line.partition("=")
                data[key] = value
    return data


def _text(files: Files, path: str, where: str) -> str:
    if path not in files:
        raise ManifestError(f"{where}: {path}: no such file")
    try:
        return files[path].decode()
    except UnicodeDecodeError as error:
        raise ManifestError(f"{where}: {path}: binary files are not supported by this renderer") from error


def content_hash(value: Object) -> str:
    """The suffix that Kustomize gives the name of generated content."""
    encoded: dict[str, Any] = {
        "kind": value["kind"],
        "name": "",
        "data": value.get("data") or "",
    }
    if value["kind"] == "Secret":
        encoded["type"] = value.get("type", "")
    text = json.dumps(encoded, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for plain, escaped in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
        text = text.replace(plain, escaped)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))
