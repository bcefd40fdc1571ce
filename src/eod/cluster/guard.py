"""Applying a namespace and its guardrails."""

from eod.cluster.answers import unexpected
from eod.cluster.api import APPLY, KubeApi, Object
from eod.cluster.manifests import (
    INSTANCE_LABEL,
    ISOLATION,
    MANAGED_BY_LABEL,
    MANAGER,
    NAME_LABEL,
    NAME_VALUE,
    QUOTA,
    Manifest,
    guardrail_manifests,
    namespace_manifest,
)
from eod.cluster.ownership import require_name, require_ours
from eod.cluster.removal import stuck
from eod.cluster.resources import CONFLICT, NAMESPACES, NOT_FOUND, get, namespaced, readings, wait_until
from eod.cluster.waiting import Clock, Deadline
from eod.errors import ClusterError
from eod.model.kube import NamespaceSpec

_PLURALS = {"ResourceQuota": "resourcequotas", "LimitRange": "limitranges", "NetworkPolicy": "networkpolicies"}
_DROPPABLE = (
    ("v1", "resourcequotas", QUOTA),
    ("networking.k8s.io/v1", "networkpolicies", ISOLATION),
)
_CREATED = {200, 201}
_EVERY_PREVIEWS = ("app.kubernetes.io/", "environment.on-demand/")


def ensure(api: KubeApi, clock: Clock, spec: NamespaceSpec, *, terminating_seconds: float) -> bool:
    """Make the namespace and its guardrails as `spec` says; whether anything changed.

    Raises:
        ClusterError: The namespace is somebody else's, or the cluster refuses.
        NamespaceStuckError: It is being deleted and does not go away in `terminating_seconds`.
    """
    require_name(spec.name)
    existing = _settled(api, clock, spec, terminating_seconds)
    created = existing is None
    if existing is None:
        _create(api, spec)
    changed = _apply(api, f"{NAMESPACES}/{spec.name}", namespace_manifest(spec), existing)
    for manifest in guardrail_manifests(spec):
        path = _guardrail_path(manifest)
        changed |= _apply(api, path, manifest, None if created else get(api, path))
    if not created:
        changed |= _drop_unwanted(api, spec)
    return created or changed


def _settled(api: KubeApi, clock: Clock, spec: NamespaceSpec, seconds: float) -> Object | None:
    """The namespace, once it is not being deleted any more; `None` when there is none."""
    path = f"{NAMESPACES}/{spec.name}"
    existing = get(api, path)
    if existing is None:
        return None
    require_ours(existing, spec)
    if not existing["metadata"].get("deletionTimestamp"):
        return existing
    found = readings(
        api, clock, NAMESPACES, Deadline(clock, seconds), query={"fieldSelector": f"metadata.name={spec.name}"}
    )
    over, last = wait_until(found, lambda items: not items or not items[0]["metadata"].get("deletionTimestamp"))
    if not over:
        raise stuck(api, last[0] if last else existing, f"Namespace `{spec.name}` is still being deleted")
    return get(api, path)


def _create(api: KubeApi, spec: NamespaceSpec) -> None:
    """Create it with all that every preview carries, so that nothing can be adopted by a race.

    Admission policies ask for owner and TTL from the first request on. What only a configuration adds comes with
    the apply: what is created here stays when a later apply no longer has it.
    """
    manifest = namespace_manifest(spec)
    labels = {name: text for name, text in spec.labels.items() if name.startswith(_EVERY_PREVIEWS)}
    identity = {NAME_LABEL: NAME_VALUE, INSTANCE_LABEL: spec.name}
    body = {**manifest, "metadata": {**manifest["metadata"], "labels": {**identity, **labels}}}
    status, answer = api.request("POST", NAMESPACES, query={"fieldManager": MANAGER}, body=body)
    if status == CONFLICT:
        existing = get(api, f"{NAMESPACES}/{spec.name}")
        if existing is not None:
            require_ours(existing, spec)
            return
    if status not in _CREATED:
        raise unexpected(f"Creating namespace `{spec.name}`", status, answer)


def _apply(api: KubeApi, path: str, manifest: Manifest, before: Object | None) -> bool:
    # `force` takes back our own fields if somebody changed them; nobody else's are in the manifest.
    query = {"fieldManager": MANAGER, "force": "true"}
    status, after = api.request("PATCH", path, query=query, body=manifest, content_type=APPLY)
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    if status not in _CREATED:
        raise _refused(kind, name, status, after)
    return before is None or before["metadata"]["resourceVersion"] != after["metadata"]["resourceVersion"]


def _refused(kind: str, name: str, status: int, answer: Object) -> ClusterError:
    error = unexpected(f"Applying {kind} `{name}`", status, answer)
    if "quantit" not in error.detail:
        return error
    return ClusterError(
        error.what,
        detail=error.detail,
        why="A value in eod.yml is not what Kubernetes expects.",
        fix="Look at `guardrails` in eod.yml: quantities are written like `2`, `500m`, `4Gi`.",
    )


def _drop_unwanted(api: KubeApi, spec: NamespaceSpec) -> bool:
    """Remove a guardrail of ours that the configuration no longer asks for."""
    wanted = {_guardrail_path(manifest) for manifest in guardrail_manifests(spec)}
    dropped = False
    for group_version, plural, name in _DROPPABLE:
        path = namespaced(group_version, spec.name, plural, name)
        existing = None if path in wanted else get(api, path)
        if existing is None or (existing["metadata"].get("labels") or {}).get(MANAGED_BY_LABEL) != MANAGER:
            continue
        status, answer = api.request("DELETE", path)
        if status not in {200, 202, NOT_FOUND}:
            raise unexpected(f"Deleting {path}", status, answer)
        dropped = True
    return dropped


def _guardrail_path(manifest: Manifest) -> str:
    metadata = manifest["metadata"]
    plural = _PLURALS[manifest["kind"]]
    return namespaced(manifest["apiVersion"], metadata["namespace"], plural, metadata["name"])
