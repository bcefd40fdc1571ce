import pytest

from eod.cluster.api import KubeApi
from eod.cluster.connect import connect
from standins.kubernetes import embedded_cluster
from tests.cluster.behaviour import ClusterBehaviour
from tests.cluster.clocks import RealClock

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def embedded():
    with embedded_cluster(argocd=False) as running:
        yield running


@pytest.fixture
def api(embedded):
    with connect({"KUBECONFIG": str(embedded.kubeconfig)}) as client:
        yield KubeApi(client, RealClock())


class TestEmbedded(ClusterBehaviour):
    stuck_seconds = 3.0
