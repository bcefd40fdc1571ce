import pytest

from eod.argocd.kubernetes_store import KubernetesApplications
from eod.cluster.api import KubeApi
from eod.cluster.connect import connect
from standins.kubernetes import embedded_cluster
from testbed.repository import Repository
from tests.argocd.behaviour import ArgoCdBehaviour
from tests.cluster.clocks import RealClock

pytestmark = [pytest.mark.network, pytest.mark.process]


@pytest.fixture(scope="module")
def embedded():
    with embedded_cluster() as running:
        yield running


@pytest.fixture
def api(embedded):
    with connect({"KUBECONFIG": str(embedded.kubeconfig)}) as client:
        yield KubeApi(client, RealClock())


@pytest.fixture
def store(api, embedded):
    return KubernetesApplications(api, embedded.argocd_namespace)


@pytest.fixture
def git(tmp_path):
    return Repository.make(tmp_path / "repository", url=f"file://{tmp_path}/repository")


class TestEmbedded(ArgoCdBehaviour):
    in_vain = 2.0
