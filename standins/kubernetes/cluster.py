"""An embedded cluster: API, controllers, load balancer and, if wanted, Argo CD, all in this process."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from standins.kubernetes.api import Api, Clock, Write, utc_now
from standins.kubernetes.balancer import balancer_handler
from standins.kubernetes.controllers.aggregation import ApiServiceController
from standins.kubernetes.controllers.balancers import IngressController, ServiceController
from standins.kubernetes.controllers.deployments import DeploymentController
from standins.kubernetes.controllers.endpoints import EndpointSliceController
from standins.kubernetes.controllers.garbage import GarbageCollector
from standins.kubernetes.controllers.jobs import JobController
from standins.kubernetes.controllers.namespaces import NamespaceController
from standins.kubernetes.controllers.pods import NODE, PodController
from standins.kubernetes.controllers.quotas import QuotaController
from standins.kubernetes.controllers.replicas import ReplicaSetController
from standins.kubernetes.controllers.runtime import Controller, ControllerManager
from standins.kubernetes.controllers.sets import DaemonSetController, StatefulSetController
from standins.kubernetes.http_api import HttpApi
from standins.kubernetes.objects import Object
from standins.kubernetes.server import Server, api_handler

if TYPE_CHECKING:
    from standins.argocd import Behaviour

CONTEXT: Final = "embedded"


@dataclass(frozen=True, kw_only=True)
class EmbeddedCluster:
    """A running cluster and where to find it."""

    api: Api
    """For tests that need to look or interfere without HTTP."""
    url: str
    kubeconfig: Path
    load_balancer_port: int
    argocd_namespace: str


@contextlib.contextmanager
def embedded_cluster(
    *,
    argocd: "bool | Behaviour" = True,
    directory: Path | None = None,
    port: int = 0,
    load_balancer_port: int = 0,
    pods_ready_after: float = 0.1,
    load_balancers_released_after: float = 0.0,
    argocd_namespace: str = "argocd",
    history: int = 20_000,
    clock: Clock = utc_now,
) -> Iterator[EmbeddedCluster]:
    """A cluster for as long as the context lasts.

    Args:
        argocd: Whether Argo CD's controllers run and its custom resources exist, or how they behave.
        directory: Where the kubeconfig and Argo CD's clones are written; a temporary folder by default.
        port: The API's port; any free one by default.
        load_balancer_port: The load balancer's port; any free one by default.
        pods_ready_after: Seconds until a pod is ready.
        load_balancers_released_after: Seconds that a load balancer holds its deleted Ingress or Service.
        argocd_namespace: Where Argo CD looks for Applications.
        history: How many changes watches can go back; older ones are answered with 410.
        clock: Where time stamps come from.
    """
    with contextlib.ExitStack() as stack:
        folder = directory or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eod-cluster-")))
        api = Api(clock=clock, history=history)
        _furnish(api)
        server = Server(port, api_handler(HttpApi(api)))
        stack.callback(server.close)
        stack.callback(api.store.close)
        balancer = Server(load_balancer_port, balancer_handler(api))
        stack.callback(balancer.close)
        controllers: list[Controller] = [
            NamespaceController(api),
            GarbageCollector(api),
            DeploymentController(api),
            ReplicaSetController(api),
            StatefulSetController(api),
            DaemonSetController(api),
            JobController(api),
            PodController(api, ready_after=pods_ready_after),
            EndpointSliceController(api),
            QuotaController(api),
            ApiServiceController(api),
            IngressController(api, port=balancer.port, released_after=load_balancers_released_after),
            ServiceController(api, port=balancer.port, released_after=load_balancers_released_after),
        ]
        manager = ControllerManager(api, controllers, "controller-manager")
        manager.start()
        stack.callback(manager.stop)
        if argocd:
            from standins.argocd import run_argocd

            behaviour = None if argocd is True else argocd
            stack.enter_context(
                run_argocd(api, namespace=argocd_namespace, directory=folder / "argocd", behaviour=behaviour)
            )
        url = f"http://127.0.0.1:{server.port}"
        yield EmbeddedCluster(
            api=api,
            url=url,
            kubeconfig=_write_kubeconfig(folder, url),
            load_balancer_port=balancer.port,
            argocd_namespace=argocd_namespace,
        )


def _furnish(api: Api) -> None:
    how = Write(manager="kube-apiserver")
    for name in ("default", "kube-system", "kube-public", "kube-node-lease"):
        api.create(api.type("namespaces"), None, {"metadata": {"name": name}}, how)
    node: Object = {"metadata": {"name": NODE, "labels": {"kubernetes.io/hostname": NODE}}, "spec": {}}
    created = api.create(api.type("nodes"), None, node, how)
    ready = {
        "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status",
        "lastHeartbeatTime": api.now(), "lastTransitionTime": api.now(),
    }  # fmt: skip
    capacity = {"cpu": "64", "memory": "256Gi", "pods": "1000"}
    status = {"conditions": [ready], "capacity": capacity, "allocatable": capacity}
    api.update(api.type("nodes"), None, NODE, {**created, "status": status}, how, subresource="status")
    service = {
        "metadata": {"name": "kubernetes", "namespace": "default"},
        "spec": {"ports": [{"name": "https", "port": 443}], "clusterIP": "10.96.0.1"},
    }
    api.create(api.type("services"), "default", service, how)


def _write_kubeconfig(folder: Path, url: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "kubeconfig"
    context = {"cluster": CONTEXT, "user": CONTEXT, "namespace": "default"}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [{"name": CONTEXT, "cluster": {"server": url}}],
        "users": [{"name": CONTEXT, "user": {}}],
        "contexts": [{"name": CONTEXT, "context": context}],
    }
    path.write_text(yaml.safe_dump(config))
    return path
