"""Writes `data/api.json` and the custom resources of Argo CD from the published descriptions of the real ones.

    python -m standins.kubernetes.generate OPENAPI_V3_FOLDER ARGOCD_CRD_FOLDER

`OPENAPI_V3_FOLDER` is `api/openapi-spec/v3` of the Kubernetes source tree, `ARGOCD_CRD_FOLDER` is `manifests/crds`
of Argo CD's. Run it when either moves to a new version.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from standins.kubernetes.schema import Compiler

GROUPS: Final = (
    "api__v1",
    "apis__admissionregistration.k8s.io__v1",
    "apis__apiextensions.k8s.io__v1",
    "apis__apiregistration.k8s.io__v1",
    "apis__apps__v1",
    "apis__authorization.k8s.io__v1",
    "apis__autoscaling__v2",
    "apis__batch__v1",
    "apis__coordination.k8s.io__v1",
    "apis__discovery.k8s.io__v1",
    "apis__networking.k8s.io__v1",
    "apis__policy__v1",
    "apis__rbac.authorization.k8s.io__v1",
    "apis__scheduling.k8s.io__v1",
    "apis__storage.k8s.io__v1",
)

UNUSED_KINDS: Final = {"Binding", "ComponentStatus", "LocalSubjectAccessReview", "PodTemplate"}

VERBS: Final = {
    "list": "list", "post": "create", "get": "get", "put": "update", "patch": "patch", "delete": "delete",
    "deletecollection": "deletecollection",
}  # fmt: skip


def main(arguments: list[str]) -> None:
    """Read the descriptions and write the data files."""
    openapi, crds = (Path(argument) for argument in arguments)
    here = Path(__file__).parent
    _write(here / "data" / "api.json", compile_api(openapi))
    _write(here.parent / "argocd" / "data" / "crds.json", compile_crds(crds))


def compile_api(folder: Path) -> dict[str, Any]:
    """The built-in resources with their schemas."""
    documents = [json.loads((folder / f"{name}_openapi.json").read_text()) for name in GROUPS]
    definitions: dict[str, Any] = {}
    for document in documents:
        definitions |= document["components"]["schemas"]
    names = {_identity(gvk): name for name, schema in definitions.items() for gvk in _gvks(schema)}
    compiler = Compiler(definitions)
    resources = []
    for document in documents:
        for resource in _resources(document["paths"]):
            name = names[resource["group"], resource["version"], resource["kind"]]
            resource["schema"] = compiler.add({"$ref": name})
            resources.append(resource)
    return {"resources": resources, "nodes": compiler.nodes}


def _resources(paths: dict[str, Any]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    subresources: list[tuple[str, str]] = []
    for path, operations in paths.items():
        if "/watch/" in path:
            continue
        tail = path.split("/v1/" if "/v1/" in path else "/v2/", 1)[-1]
        parts = [part for part in tail.removeprefix("namespaces/{namespace}/").split("/") if part]
        if not parts or parts[0].startswith("{"):
            continue
        if len(parts) > 2:
            subresources.append((parts[0], parts[2]))
            continue
        for method, operation in operations.items():
            gvk = operation.get("x-kubernetes-group-version-kind") if isinstance(operation, dict) else None
            if not gvk or gvk["kind"] in UNUSED_KINDS:
                continue
            resource = found.setdefault(
                parts[0],
                {
                    "group": gvk["group"], "version": gvk["version"], "kind": gvk["kind"], "plural": parts[0],
                    "namespaced": False, "verbs": set(), "subresources": set(),
                },
            )  # fmt: skip
            resource["namespaced"] |= "namespaces/{namespace}/" in tail
            action = operation.get("x-kubernetes-action", method)
            if action in VERBS:
                resource["verbs"].add(VERBS[action])
                if action == "list":
                    resource["verbs"].add("watch")
    for plural, subresource in subresources:
        if plural in found:
            found[plural]["subresources"].add(subresource)
    return [
        resource | {key: sorted(resource[key]) for key in ("verbs", "subresources")} for resource in found.values()
    ]


def compile_crds(folder: Path) -> list[dict[str, Any]]:
    """Argo CD's custom resource definitions, their schemas compiled."""
    compiled = []
    for name in ("application", "applicationset", "appproject"):
        spec = yaml.safe_load((folder / f"{name}-crd.yaml").read_text())["spec"]
        (version,) = spec["versions"]
        compiler = Compiler()
        root = compiler.add(version["schema"]["openAPIV3Schema"])
        compiled.append(
            {
                "group": spec["group"], "scope": spec["scope"], "names": spec["names"], "version": version["name"],
                "subresources": version.get("subresources") or {}, "nodes": compiler.nodes, "schema": root,
            }
        )  # fmt: skip
    return compiled


def _gvks(schema: dict[str, Any]) -> list[dict[str, str]]:
    gvks: list[dict[str, str]] = schema.get("x-kubernetes-group-version-kind", [])
    return gvks if len(gvks) == 1 else []


def _identity(gvk: dict[str, str]) -> tuple[str, str, str]:
    return gvk["group"], gvk["version"], gvk["kind"]


def _write(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
