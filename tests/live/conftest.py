import os
from contextlib import suppress

import pytest

import testbed


@pytest.fixture(scope="session")
def cluster(request):
    """The real parts, wherever they come from: a `testbed.Testbed`."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(line):
        # Building takes minutes the first time, and whoever waits should see why.
        with capture.global_and_fixture_disabled():
            os.write(2, f"testbed: {line}\n".encode())

    with testbed.cluster(say=say) as running:
        yield running


@pytest.fixture
def api(cluster):
    """A `kubernetes.client.ApiClient`, as an administrator."""
    with cluster.api() as client:
        yield client


@pytest.fixture
def namespace(api, request):
    """A namespace for one test, whose deletion is asked for at its end."""
    from kubernetes import client

    core = client.CoreV1Api(api)
    made = core.create_namespace({"metadata": {"generateName": "live-"}})
    yield made.metadata.name
    with suppress(client.ApiException):
        core.delete_namespace(made.metadata.name)
