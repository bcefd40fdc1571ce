import pytest

from eod.cluster.api import KubeApi
from tests.cluster.behaviour import ClusterBehaviour
from tests.cluster.clocks import RealClock

pytestmark = pytest.mark.live


@pytest.fixture
def api(cluster):
    with cluster.api() as client:
        yield KubeApi(client, RealClock())


class TestCluster(ClusterBehaviour):
    pass
