"""Applications by the Kubernetes API: the default, since the cluster's credentials are there anyway."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from eod.argocd.answers import no_crds, no_such_set, refused
from eod.argocd.manifests import MANAGER
from eod.argocd.ports import KubernetesApi, Object
from eod.argocd.reading import CASCADE, REFRESH, is_deleting, operation_of, operation_requested, version_of
from eod.errors import CredentialsError

_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_GROUP = "/apis/argoproj.io/v1alpha1"
_REFRESH_SET = "argocd.argoproj.io/application-set-refresh"
_PAGE = 500
_OK = 200
_CREATED = 201
_NOT_FOUND = 404
_CONFLICT = 409
_GONE = 410


class KubernetesApplications:
    """Applications as objects of the cluster that Argo CD runs in.

    Args:
        api: That cluster.
        namespace: The namespace that Argo CD watches.
    """

    def __init__(self, api: KubernetesApi, namespace: str) -> None:
        self._api = api
        self._namespace = namespace

    @property
    def namespace(self) -> str:
        """The namespace that Argo CD watches."""
        return self._namespace

    def get(self, name: str) -> Object | None:
        """One Application, or `None`."""
        return self._get("applications", name)

    def list(self) -> list[Object]:
        """All Applications, over all pages."""
        items: list[Object] = []
        token = ""
        while True:
            query = {"limit": str(_PAGE), **({"continue": token} if token else {})}
            status, body = self._api.request("GET", self._path("applications"), query=query)
            if status == _GONE and token:
                # The listing has expired between two pages: a part must never pass for the whole.
                items, token = [], ""
                continue
            if status == _NOT_FOUND:
                raise no_crds(self._namespace)
            if status != _OK:
                raise refused("Listing Applications", status, body)
            items += body.get("items") or []
            token = (body.get("metadata") or {}).get("continue") or ""
            if not token:
                return items

    def watch(self, name: str, *, since: str, seconds: float) -> Iterator[Object | None]:
        """One Application after each change; `None` when it is deleted.

        The watch starts from a listing: an object's own resource version may be too old to start from.
        """
        query = {"fieldSelector": f"metadata.name={name}"}
        status, body = self._api.request("GET", self._path("applications"), query=query)
        if status != _OK:
            raise no_crds(self._namespace) if status == _NOT_FOUND else refused(f"Watching `{name}`", status, body)
        items = body.get("items") or []
        yield from (item for item in items if version_of(item) != since)
        if since and not items:
            yield None
        start = {"resourceVersion": str((body.get("metadata") or {}).get("resourceVersion", ""))}
        for event in self._api.stream(self._path("applications"), query={**query, **start}, seconds=seconds):
            kind = event.get("type")
            if kind == "ERROR":
                return
            if kind in {"ADDED", "MODIFIED"}:
                yield event["object"]
            elif kind == "DELETED":
                yield None

    def apply(self, manifest: Object) -> Object:
        """Create or update by server-side apply; our fields are taken back if somebody changed them."""
        name = manifest["metadata"]["name"]
        query = {"fieldManager": MANAGER, "force": "true"}
        path = self._path("applications", name)
        status, body = self._api.request("PATCH", path, query=query, body=manifest, content_type=_APPLY)
        if status == _NOT_FOUND:
            raise no_crds(self._namespace)
        if status not in {_OK, _CREATED}:
            raise refused(f"Applying Application `{name}`", status, body)
        return body

    def refresh(self, name: str, *, hard: bool = False) -> None:
        """Set the annotation that the controller removes when it has looked."""
        patch = {"metadata": {"annotations": {REFRESH: "hard" if hard else "normal"}}}
        self._merge("applications", name, patch)

    def sync(self, application: Object, revision: str) -> bool:
        """Set the operation, unless there is one or the Application has changed since it was read."""
        if operation_requested(application) or is_deleting(application):
            return False
        sync: Object = {"prune": True}
        if revision and not (application.get("spec") or {}).get("sources"):
            sync["revision"] = revision
        options = ((application.get("spec") or {}).get("syncPolicy") or {}).get("syncOptions")
        if options:
            sync["syncOptions"] = options
        operation = {"initiatedBy": {"username": MANAGER}, "sync": sync}
        return self._merge_unchanged(application, {"operation": operation})

    def terminate(self, application: Object) -> None:
        """Set the running sync's phase to Terminating."""
        operation = operation_of(application)
        if operation_requested(application) and operation is not None and operation.phase == "Running":
            self._merge_unchanged(application, {"status": {"operationState": {"phase": "Terminating"}}})

    def delete(self, application: Object) -> None:
        """Delete; a finalizer that makes Argo CD delete what it made is set before."""
        name = application["metadata"]["name"]
        finalizers = list(application["metadata"].get("finalizers") or ())
        if is_deleting(application):
            return
        if not any(finalizer.startswith(CASCADE) for finalizer in finalizers):
            self._merge("applications", name, {"metadata": {"finalizers": [*finalizers, CASCADE]}})
        body = {"preconditions": {"uid": application["metadata"]["uid"]}}
        status, answer = self._api.request("DELETE", self._path("applications", name), body=body)
        if status not in {_OK, 202, _NOT_FOUND, _CONFLICT}:
            raise refused(f"Deleting Application `{name}`", status, answer)

    def poke(self, application_set: str) -> None:
        """Set the annotation that the ApplicationSet controller removes when it has looked."""
        patch = {"metadata": {"annotations": {_REFRESH_SET: "true"}}}
        if not self._merge("applicationsets", application_set, patch):
            raise no_such_set(application_set, self._namespace)

    def application_set(self, name: str) -> Object | None:
        """One ApplicationSet, or `None`."""
        return self._get("applicationsets", name)

    def project_exists(self, name: str) -> bool | None:
        """Whether the AppProject exists; `None` if we may not know."""
        try:
            return self._get("appprojects", name) is not None
        except CredentialsError:
            return None

    def _get(self, plural: str, name: str) -> Object | None:
        status, body = self._api.request("GET", self._path(plural, name))
        if status == _NOT_FOUND:
            if not _names_an_object(body):
                raise no_crds(self._namespace)
            return None
        if status != _OK:
            raise refused(f"Reading {plural}/{name}", status, body)
        return body

    def _merge(self, plural: str, name: str, patch: Mapping[str, object]) -> bool:
        path = self._path(plural, name)
        status, body = self._api.request("PATCH", path, query=_MANAGED, body=patch, content_type=_MERGE)
        if status == _NOT_FOUND:
            return False
        if status != _OK:
            raise refused(f"Changing {plural}/{name}", status, body)
        return True

    def _merge_unchanged(self, application: Object, patch: Mapping[str, object]) -> bool:
        """Patch, unless the Application has changed since it was read: the next reading will tell."""
        name = application["metadata"]["name"]
        guarded = {"metadata": {"resourceVersion": version_of(application)}, **patch}
        path = self._path("applications", name)
        status, body = self._api.request("PATCH", path, query=_MANAGED, body=guarded, content_type=_MERGE)
        if status not in {_OK, _NOT_FOUND, _CONFLICT}:
            raise refused(f"Changing Application `{name}`", status, body)
        return status == _OK

    def _path(self, plural: str, name: str = "") -> str:
        path = f"{_GROUP}/namespaces/{quote(self._namespace, safe='')}/{plural}"
        return f"{path}/{quote(name, safe='')}" if name else path


_MANAGED = {"fieldManager": f"{MANAGER}-wait"}
"""Requests (refresh, sync, terminate) are not part of what server-side apply owns."""


def _names_an_object(body: Object) -> bool:
    """Whether a 404 speaks of an object; one for an unknown kind carries no name."""
    return bool((body.get("details") or {}).get("name"))
