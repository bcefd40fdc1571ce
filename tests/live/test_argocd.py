import uuid

import pytest

from eod.argocd.kubernetes_store import KubernetesApplications
from eod.argocd.rest_store import ArgoCdApplications
from eod.cluster.api import KubeApi
from tests.argocd.behaviour import ArgoCdBehaviour
from tests.cluster.clocks import RealClock

pytestmark = [pytest.mark.live, pytest.mark.process, pytest.mark.network]


@pytest.fixture
def api(cluster):
    with cluster.api() as client:
        yield KubeApi(client, RealClock())


@pytest.fixture
def git(cluster):
    return cluster.repository(f"argocd-{uuid.uuid4().hex[:8]}")


class TestByTheClustersApi(ArgoCdBehaviour):
    @pytest.fixture
    def store(self, api, cluster):
        self.host_address = cluster.host_address
        return KubernetesApplications(api, cluster.argocd_namespace)


class TestByArgoCdsOwnApi(ArgoCdBehaviour):
    @pytest.fixture
    def store(self, cluster):
        self.host_address = cluster.host_address
        return ArgoCdApplications(
            cluster.argocd_server, cluster.argocd_auth_token, cluster.argocd_namespace, RealClock()
        )
