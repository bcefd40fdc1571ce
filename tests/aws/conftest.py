import functools

import pytest
import requests
from botocore.loaders import JSONFileLoader
from moto.server import ThreadedMotoServer

from eod.aws.session import AwsSession


@pytest.fixture(scope="session")
def endpoint():
    """One moto for all tests, and each of AWS's descriptions read once for all sessions."""
    with pytest.MonkeyPatch.context() as patch:
        read = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
        patch.setattr(JSONFileLoader, "load_file", lambda _self, path: read(path))
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture
def session(monkeypatch, endpoint):
    """A session for an account that is empty."""
    requests.post(f"{endpoint}/moto-api/reset", timeout=10)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return AwsSession({"AWS_REGION": "eu-west-1"})
