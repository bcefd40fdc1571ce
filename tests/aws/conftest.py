import pytest
from moto.server import ThreadedMotoServer

from eod.aws.session import AwsSession


@pytest.fixture
def session(monkeypatch):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    session = AwsSession({"AWS_REGION": "eu-west-1"})
    import requests

    requests.post(f"http://{host}:{port}/moto-api/reset", timeout=10)
    yield session
    server.stop()
