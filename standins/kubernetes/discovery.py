"""What the API says of itself: versions, groups, resource lists."""

from typing import Final

from standins.kubernetes.api import Api
from standins.kubernetes.errors import unavailable
from standins.kubernetes.objects import Object, condition
from standins.kubernetes.resources import ResourceType

VERSION: Final = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.3",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "",
}


def core_versions(host: str) -> Object:
    """`/api`."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": host}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def groups(api: Api) -> Object:
    """`/apis`."""
    found = {group: versions for group, versions in api.catalogue.versions().items() if group}
    for service in remote_services(api):
        found.setdefault(service["spec"]["group"], []).append(service["spec"]["version"])
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name, v) for name, v in found.items()]}


def group(api: Api, name: str) -> Object | None:
    """`/apis/GROUP`."""
    versions = api.catalogue.versions().get(name)
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)} if versions else None


def _group(name: str, versions: list[str]) -> Object:
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def resources(api: Api, group_name: str, version: str) -> Object | None:
    """`/api/v1` or `/apis/GROUP/VERSION`.

    Raises:
        StatusError: 503 for a group that an aggregated API serves, and nobody is behind it.
    """
    for service in remote_services(api):
        if (service["spec"]["group"], service["spec"]["version"]) == (group_name, version):
            raise unavailable("service unavailable")
    found = [item for item in api.catalogue.all() if (item.group, item.version) == (group_name, version)]
    if not found:
        return None
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group_name}/{version}" if group_name else version,
        "resources": [entry for item in found for entry in _entries(item)],
    }


def _entries(resource: ResourceType) -> list[Object]:
    entry: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    entries = [entry]
    for name in resource.subresources:
        if name in {"status", "scale", "finalize", "log", "eviction"}:
            kind = {"scale": "Scale", "eviction": "Eviction"}.get(name, resource.kind)
            verbs = {"log": ["get"], "eviction": ["create"], "finalize": ["update"]}.get(
                name, ["get", "patch", "update"]
            )
            entries.append(
                {
                    "name": f"{resource.plural}/{name}", "singularName": "", "namespaced": resource.namespaced,
                    "kind": kind, "verbs": verbs,
                }
            )  # fmt: skip
    return entries


def remote_services(api: Api) -> list[Object]:
    """APIService objects that point at a Service: nothing here ever answers for them."""
    services = api.all(api.type("apiservices.apiregistration.k8s.io"))
    return [item for item in services if item["spec"].get("service") and condition(item, "Available") is not None]
