import time

import pytest

from standins.kubernetes import embedded_cluster
from standins.kubernetes.api import Write
from tests.runaway import RUNAWAY_SECONDS

HOW = Write(manager="test")


class Hands:
    """Reads and writes objects of an embedded cluster without HTTP."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.api = cluster.api

    def create(self, qualified, value, namespace="default"):
        resource = self.api.type(qualified)
        return self.api.create(resource, namespace if resource.namespaced else None, value, HOW)

    def find(self, qualified, name, namespace="default"):
        resource = self.api.type(qualified)
        return self.api.find(resource, namespace if resource.namespaced else None, name)

    def all(self, qualified, namespace="default"):
        return self.api.all(self.api.type(qualified), namespace)

    def patch(self, qualified, name, patch, namespace="default"):
        resource = self.api.type(qualified)
        return self.api.patch(resource, namespace, name, patch, kind="merge", how=HOW)[0]

    def until(self, holds, seconds=RUNAWAY_SECONDS):
        deadline = time.monotonic() + seconds
        while not (found := holds()):
            with self.api.store.changed:
                assert self.api.store.changed.wait(deadline - time.monotonic()), "nothing happens any more"
        return found


@pytest.fixture
def cluster():
    with embedded_cluster(argocd=False, pods_ready_after=0, history=200) as running:
        yield running


@pytest.fixture
def hands(cluster):
    return Hands(cluster)
