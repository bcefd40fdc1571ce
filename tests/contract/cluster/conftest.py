import itertools
import os
import uuid
from pathlib import Path

import pytest

from standins.kubernetes import embedded_cluster
from tests.contract.cluster.kube import Cluster, Kube

_numbers = itertools.count(1)


def _embedded(folder):
    with embedded_cluster(argocd=True, directory=folder / "cluster") as running:
        kube = Kube(running.kubeconfig, folder)
        (folder / "git").mkdir()
        yield Cluster(
            kube=kube,
            kubeconfig=running.kubeconfig,
            argocd_namespace=running.argocd_namespace,
            load_balancer_port=running.load_balancer_port,
            git_dir=folder / "git",
            git_url=f"file://{folder}/git",
            embedded=True,
        )
        kube.close()


def _real(folder, request):
    import testbed

    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(line):
        with capture.global_and_fixture_disabled():
            os.write(2, f"testbed: {line}\n".encode())

    with testbed.cluster(say=say) as running:
        kube = Kube(Path(running.kubeconfig), folder)
        yield Cluster(
            kube=kube,
            kubeconfig=Path(running.kubeconfig),
            argocd_namespace=running.argocd_namespace,
            load_balancer_port=running.load_balancer_port,
            git_dir=Path(running.git_dir),
            git_url=running.git_url,
            embedded=False,
        )
        kube.close()


@pytest.fixture(scope="session", params=[pytest.param("embedded"), pytest.param("real", marks=pytest.mark.live)])
def cluster(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    yield from _embedded(folder) if request.param == "embedded" else _real(folder, request)


@pytest.fixture
def kube(cluster):
    return cluster.kube


@pytest.fixture
def unique():
    return f"c{next(_numbers)}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def namespace(kube, unique):
    kube.must("POST", "/api/v1/namespaces", {"metadata": {"name": unique}})
    yield unique
    kube.ask("DELETE", f"/api/v1/namespaces/{unique}")
