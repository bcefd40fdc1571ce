"""AppProjects: which sources, destinations and kinds an Application may use."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from standins.kubernetes.objects import Object

IN_CLUSTER: Final = "https://kubernetes.default.svc"


class InvalidDestinationError(Exception):
    """The destination names no cluster that is known."""


def destination_server(destination: Object) -> str:
    """The server of a destination; only the cluster itself is known.

    Raises:
        InvalidDestinationError: Any other cluster, none, or both server and name.
    """
    server, name = destination.get("server"), destination.get("name")
    if server and name:
        raise InvalidDestinationError(
            f"application destination can't have both name and server defined: {name} {server}"
        )
    if not server and not name:
        raise InvalidDestinationError("destination server or name must be specified")
    if name and name != "in-cluster":
        raise InvalidDestinationError(f"there are no clusters with this name: {name}")
    if server and server.rstrip("/") != IN_CLUSTER:
        raise InvalidDestinationError(
            f'error getting cluster by server "{server}": cluster "{server}" not configured'
        )
    return IN_CLUSTER


def violations(spec: Object, project: Object) -> Iterator[str]:
    """Why an Application is not permitted in its project."""
    name = project["metadata"]["name"]
    try:
        server = destination_server(spec.get("destination") or {})
    except InvalidDestinationError as error:
        yield str(error)
        return
    allowed = project.get("spec") or {}
    source = spec.get("source")
    if not source:
        yield "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
        return
    if not any(fnmatchcase(source["repoURL"], pattern) for pattern in allowed.get("sourceRepos") or []):
        yield f"application repo {source['repoURL']} is not permitted in project '{name}'"
    namespace = spec["destination"].get("namespace", "")
    if not permits_namespace(project, namespace):
        yield (
            f"application destination server '{server}' and namespace '{namespace}' do not match any "
            f"of the allowed destinations in project '{name}'"
        )


def permits_namespace(project: Object, namespace: str) -> bool:
    """Whether a project may deploy into a namespace of the cluster."""
    return any(
        fnmatchcase(IN_CLUSTER, item.get("server") or "*")
        and (not item.get("name") or fnmatchcase("in-cluster", item["name"]))
        and fnmatchcase(namespace, item.get("namespace") or "")
        for item in (project.get("spec") or {}).get("destinations") or []
    )


def permits_kind(project: Object, group: str, kind: str, *, namespaced: bool) -> bool:
    """Whether a project may manage a kind: cluster-wide kinds must be listed, others must not be denied."""
    spec = project.get("spec") or {}
    prefix = "namespaceResource" if namespaced else "clusterResource"
    listed = spec.get(f"{prefix}Whitelist")
    denied = spec.get(f"{prefix}Blacklist") or []
    if any(_matches(item, group, kind) for item in denied):
        return False
    if listed is None:
        return namespaced
    return any(_matches(item, group, kind) for item in listed)


def _matches(item: Object, group: str, kind: str) -> bool:
    return fnmatchcase(group, item["group"]) and fnmatchcase(kind, item["kind"])
