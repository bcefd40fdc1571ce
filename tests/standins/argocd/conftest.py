import pytest

from standins.argocd import Behaviour
from standins.kubernetes import embedded_cluster
from tests.contract.cluster.argo import App
from tests.contract.cluster.kube import Cluster, Kube


@pytest.fixture
def behaviour():
    return Behaviour()


@pytest.fixture
def cluster(tmp_path, behaviour):
    with embedded_cluster(argocd=behaviour, directory=tmp_path / "cluster") as running:
        kube = Kube(running.kubeconfig, tmp_path)
        (tmp_path / "git").mkdir()
        yield Cluster(
            kube=kube,
            kubeconfig=running.kubeconfig,
            argocd_namespace=running.argocd_namespace,
            load_balancer_port=running.load_balancer_port,
            git_dir=tmp_path / "git",
            git_url=f"file://{tmp_path}/git",
            embedded=True,
        )
        kube.close()


@pytest.fixture
def repository(cluster):
    return cluster.repository("site")


@pytest.fixture
def app(cluster):
    return App(cluster, "pr-1")


@pytest.fixture
def source(repository):
    return {"repoURL": repository.url, "path": "deploy", "targetRevision": "main"}
