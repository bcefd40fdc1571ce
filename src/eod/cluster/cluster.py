"""The cluster, as the lifecycle sees it."""

from eod.cluster.addresses import choose_address
from eod.cluster.api import KubeApi, Object
from eod.cluster.draining import drain
from eod.cluster.guard import ensure
from eod.cluster.items import items_of
from eod.cluster.listing import objects_in
from eod.cluster.manifests import INSTANCE_LABEL, NAME_LABEL, NAME_VALUE, REPOSITORY_ANNOTATION
from eod.cluster.ownership import require_preview
from eod.cluster.problems import explain_pods
from eod.cluster.removal import delete
from eod.cluster.resources import NAMESPACES, get, list_all, namespaced
from eod.cluster.waiting import Clock
from eod.errors import ClusterError, CredentialsError
from eod.model.cloud import Item
from eod.model.kube import LoadBalancer, NamespaceInfo, NamespaceRemoval, NamespaceSpec
from eod.model.moments import moment

_PREVIEWS = f"{NAME_LABEL}={NAME_VALUE},{INSTANCE_LABEL}"


class Cluster:
    """Namespaces and what runs in them.

    Args:
        api: The Kubernetes API.
        clock: Paces waits; a cancelled run makes it raise.
        repository: Whose previews these are: to this one, those of another do not exist. Empty: everybody's.
        terminating_seconds: How long `ensure_namespace` waits for an earlier namespace of that name to go.
    """

    def __init__(
        self, api: KubeApi, clock: Clock, *, repository: str = "", terminating_seconds: float = 120.0
    ) -> None:
        self._api = api
        self._clock = clock
        self._repository = repository
        self._terminating_seconds = terminating_seconds

    def version(self) -> str:
        """The API server's version: the cheapest proof that the cluster can be reached.

        Raises:
            ClusterError: It cannot.
            CredentialsError: It knows us not.
        """
        _, body = self._api.request("GET", "/version")
        return str(body.get("gitVersion", "unknown"))

    def identity(self) -> str:
        """What tells this cluster from any other: the uid of `kube-system`. Empty where we may not read that.

        https://github.com/kubernetes/kubernetes/issues/77487 has the convention.

        Raises:
            ClusterError: The cluster cannot be reached.
        """
        try:
            found = get(self._api, f"{NAMESPACES}/kube-system")
        except CredentialsError:
            return ""
        return "" if found is None else str(found["metadata"]["uid"])

    def ensure_namespace(self, spec: NamespaceSpec) -> bool:
        """Apply the namespace and its guardrails; whether anything changed.

        Raises:
            ClusterError: A namespace of that name is somebody else's, or the cluster refuses.
            NamespaceStuckError: A namespace of that name is being deleted and does not go away.
        """
        return ensure(self._api, self._clock, spec, terminating_seconds=self._terminating_seconds)

    def namespaces(self) -> tuple[NamespaceInfo, ...]:
        """All preview namespaces of the repository, over all pages.

        Raises:
            ClusterError: They could not all be listed; never a part.
        """
        found = list_all(self._api, NAMESPACES, {"labelSelector": _PREVIEWS})
        return tuple(_info(item) for item in found if not self._is_foreign(item))

    def load_balancer(self, namespace: str, hostname: str, *, scheme: str = "http") -> LoadBalancer | None:
        """The address of the Ingress for `hostname`, or of the first Ingress or Service that has one.

        Args:
            namespace: The environment's.
            hostname: The environment's.
            scheme: `http` or `https`: chooses the port where there are several.
        """
        ingresses = list_all(self._api, namespaced("networking.k8s.io/v1", namespace, "ingresses"))
        services = list_all(self._api, namespaced("v1", namespace, "services"))
        return choose_address(ingresses, services, hostname, scheme=scheme)

    def drain_load_balancers(self, namespace: str, timeout_seconds: float) -> tuple[Item, ...]:
        """Delete Ingresses and load-balancer Services and wait until their load balancers are gone.

        Raises:
            ClusterError: Their controller does not give them back in time; the message names the finalizers.
        """
        found = self._preview(namespace)
        if found is None:
            return ()
        environment = found["metadata"]["labels"][INSTANCE_LABEL]
        return drain(self._api, self._clock, namespace, environment, timeout_seconds)

    def contents(self, namespace: str) -> tuple[Item, ...]:
        """What the namespace holds now, for the certificate; empty when it is gone."""
        found = get(self._api, f"{NAMESPACES}/{namespace}")
        if found is None or self._is_foreign(found):
            return ()
        return items_of(found, objects_in(self._api, namespace))

    def problems(self, namespace: str) -> tuple[str, ...]:
        """What keeps pods from being ready, a sentence each; empty where nothing can be told."""
        try:
            sets = self._of("apps/v1", namespace, "replicasets", "ReplicaSet")
            sets += self._of("apps/v1", namespace, "statefulsets", "StatefulSet")
            jobs = self._of("batch/v1", namespace, "jobs", "Job")
            return explain_pods(
                self._of("v1", namespace, "pods", "Pod"),
                sets + jobs,
                self._of("v1", namespace, "persistentvolumeclaims", "PersistentVolumeClaim"),
                self._of("v1", namespace, "events", "Event"),
            )
        except ClusterError as error:
            return (f"What is wrong in {namespace} could not be read: {error.what}",)

    def delete_namespace(
        self, namespace: str, timeout_seconds: float, *, force_finalizers: bool = False
    ) -> NamespaceRemoval:
        """Delete it and wait. `removed` is what was in it; the namespace itself is not listed.

        Args:
            namespace: The environment's.
            timeout_seconds: For all of it.
            force_finalizers: After the time, strip finalizers of what remains (never those of load balancers).

        Raises:
            ClusterError: It is no preview's namespace.
            NamespaceStuckError: It is still there, with what holds it.
        """
        if self._preview(namespace) is None:
            return NamespaceRemoval(existed=False)
        return delete(self._api, self._clock, namespace, timeout_seconds, force_finalizers=force_finalizers)

    def _preview(self, namespace: str) -> Object | None:
        found = get(self._api, f"{NAMESPACES}/{namespace}")
        if found is None or self._is_foreign(found):
            return None
        require_preview(found)
        return found

    def _is_foreign(self, namespace: Object) -> bool:
        theirs = (namespace["metadata"].get("annotations") or {}).get(REPOSITORY_ANNOTATION, "")
        return bool(self._repository and theirs) and theirs != self._repository

    def _of(self, group_version: str, namespace: str, plural: str, kind: str) -> list[Object]:
        items = list_all(self._api, namespaced(group_version, namespace, plural))
        return [{**item, "kind": kind} for item in items]


def _info(item: Object) -> NamespaceInfo:
    metadata = item["metadata"]
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    return NamespaceInfo(
        name=metadata["name"],
        environment=labels.get(INSTANCE_LABEL, ""),
        repository=annotations.get(REPOSITORY_ANNOTATION, ""),
        labels=dict(labels),
        annotations=dict(annotations),
        terminating=bool(metadata.get("deletionTimestamp")),
        created_at=moment(metadata.get("creationTimestamp")),
    )
