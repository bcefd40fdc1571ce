"""Everything that a namespace holds, found by asking the cluster which kinds there are."""

from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from eod.cluster.api import KubeApi, Object
from eod.cluster.resources import OK, list_all, namespaced
from eod.errors import ClusterError, EodError

_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_WORKERS = 6

_NOISE = {
    ("v1", "events"),
    ("v1", "endpoints"),
    ("events.k8s.io", "events"),
    ("discovery.k8s.io", "endpointslices"),
    ("coordination.k8s.io", "leases"),
    ("metrics.k8s.io", "pods"),
}
_OF_THE_CLUSTER = {
    ("v1", "serviceaccounts", "default"),
    ("v1", "configmaps", "kube-root-ca.crt"),
    ("v1", "configmaps", "istio-ca-root-cert"),
}


class Kind(Struct, frozen=True, kw_only=True, order=True):
    """A kind of namespaced object. `group_version` is `v1` for the core group."""

    group_version: str
    plural: str
    singular: str

    @property
    def group(self) -> str:
        """The API group; `v1` for the core one."""
        return self.group_version.split("/")[0]


class Found(Struct, frozen=True, kw_only=True):
    """One object, with what a teardown must know of it."""

    kind: Kind
    name: str
    finalizers: tuple[str, ...] = ()
    deleting: bool = False
    owned: bool = False

    @property
    def derived(self) -> bool:
        """Whether another object, or the cluster itself, makes and removes it."""
        return self.owned or (self.kind.group, self.kind.plural, self.name) in _OF_THE_CLUSTER


def objects_in(api: KubeApi, namespace: str) -> tuple[Found, ...]:
    """All objects in a namespace, sorted by kind and name, as far as we may list them."""
    kinds = namespaced_kinds(api)
    with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="listing") as pool:
        found = pool.map(lambda kind: _of_kind(api, namespace, kind), kinds)
        return tuple(thing for things in found for thing in things)


def namespaced_kinds(api: KubeApi) -> tuple[Kind, ...]:
    """The kinds that can be listed and deleted, in the version that the cluster prefers."""
    status, body = api.request("GET", "/apis")
    if status != OK:
        raise ClusterError(f"The cluster does not say which kinds it knows ({status}).", fix="Re-run the job.")
    versions = ["v1"] + [
        str((group.get("preferredVersion") or {}).get("groupVersion", "")) for group in body.get("groups") or []
    ]
    with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="discovery") as pool:
        found = pool.map(lambda version: _kinds_of(api, version), filter(None, versions))
        return tuple(sorted(kind for kinds in found for kind in kinds))


def _kinds_of(api: KubeApi, group_version: str) -> list[Kind]:
    path = "/api/v1" if group_version == "v1" else f"/apis/{group_version}"
    try:
        # A group that an aggregated server should answer for fails at once and for long when that is dead.
        status, body = api.request("GET", path, patient=False)
    except EodError:
        return []
    if status != OK:
        return []
    return [
        Kind(
            group_version=group_version,
            plural=entry["name"],
            singular=entry.get("singularName") or str(entry.get("kind", "")).lower(),
        )
        for entry in body.get("resources") or []
        if _counts(group_version, entry)
    ]


def _counts(group_version: str, entry: Object) -> bool:
    verbs = set(entry.get("verbs") or ())
    is_noise = (group_version.split("/", maxsplit=1)[0], entry.get("name")) in _NOISE
    return bool(entry.get("namespaced")) and {"list", "delete"} <= verbs and not is_noise


def _of_kind(api: KubeApi, namespace: str, kind: Kind) -> list[Found]:
    path = namespaced(kind.group_version, namespace, kind.plural)
    try:
        items = list_all(api, path, accept=_METADATA_ONLY)
    except EodError:
        # A kind that we may not list, or whose server is dead, must not stop a teardown. The core group is served
        # by the API server itself: if that cannot be listed, nothing can.
        if kind.group == "v1" and kind.plural == "pods":
            raise
        return []
    found = [_found(kind, item.get("metadata") or {}) for item in items]
    return sorted(found, key=lambda thing: thing.name)


def _found(kind: Kind, metadata: Object) -> Found:
    return Found(
        kind=kind,
        name=str(metadata.get("name", "")),
        finalizers=tuple(metadata.get("finalizers") or ()),
        deleting=bool(metadata.get("deletionTimestamp")),
        owned=any(owner.get("controller") for owner in metadata.get("ownerReferences") or ()),
    )
