"""Argo CD on the embedded cluster: the Application and ApplicationSet controllers."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from standins.argocd.applications import ApplicationController
from standins.argocd.applicationsets import ApplicationSetController
from standins.argocd.behaviour import Behaviour
from standins.argocd.repository import Repositories
from standins.kubernetes.api import Api, Write
from standins.kubernetes.controllers.runtime import ControllerManager
from standins.kubernetes.resources import custom_type

__all__ = ["Behaviour", "run_argocd"]


@contextlib.contextmanager
def run_argocd(
    api: Api, *, namespace: str = "argocd", directory: Path, behaviour: Behaviour | None = None
) -> Iterator[None]:
    """Argo CD for as long as the context lasts, with its custom resources, namespace and project `default`."""
    directory.mkdir(parents=True, exist_ok=True)
    _install(api, namespace)
    repositories = Repositories(directory)
    applications = ApplicationController(api, repositories, namespace, behaviour or Behaviour())
    managers = [
        ControllerManager(api, [applications], "argocd-application-controller"),
        ControllerManager(api, [ApplicationSetController(api, namespace)], "argocd-applicationset-controller"),
    ]
    with contextlib.ExitStack() as stack:
        for manager in managers:
            manager.start()
            stack.callback(manager.stop)
        yield


def _install(api: Api, namespace: str) -> None:
    how = Write(manager="argocd")
    for definition in json.loads((Path(__file__).parent / "data" / "crds.json").read_text()):
        names, group, version = definition["names"], definition["group"], definition["version"]
        open_schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        api.create(
            api.type("customresourcedefinitions.apiextensions.k8s.io"),
            None,
            {
                "metadata": {"name": f"{names['plural']}.{group}"},
                "spec": {
                    "group": group, "scope": definition["scope"], "names": names,
                    "versions": [
                        {
                            "name": version, "served": True, "storage": True,
                            "schema": {"openAPIV3Schema": open_schema},
                            "subresources": definition["subresources"],
                        }
                    ],
                },
            },
            how,
        )  # fmt: skip
        api.catalogue.remove(group, names["plural"])
        api.catalogue.add(
            custom_type(
                group=group,
                version=version,
                names=names,
                scope=definition["scope"],
                subresources=definition["subresources"],
                nodes=definition["nodes"],
                root=definition["schema"],
            )
        )
    api.create(api.type("namespaces"), None, {"metadata": {"name": namespace}}, how)
    everything = [{"group": "*", "kind": "*"}]
    project = {
        "metadata": {"name": "default"},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"namespace": "*", "server": "*"}],
            "clusterResourceWhitelist": everything,
        },
    }
    api.create(api.type("appprojects.argoproj.io"), namespace, project, how)
    secret = {"metadata": {"name": "argocd-secret"}, "stringData": {}, "type": "Opaque"}
    api.create(api.type("secrets"), namespace, secret, how)
