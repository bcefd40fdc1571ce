"""What every test lives under: no sockets and no processes, but where a test is marked for them."""

import os
import socket
import subprocess
from collections.abc import Iterator

import pytest

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def _closed_world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    live = request.node.get_closest_marker("live") is not None
    if not live and request.node.get_closest_marker("network") is None:
        monkeypatch.setattr(socket.socket, "connect", _refuse("open a socket", "network"))
        monkeypatch.setattr(socket.socket, "bind", _refuse("bind a socket", "network"))
    elif not live:
        monkeypatch.setattr(socket.socket, "connect", _loopback_only(socket.socket.connect))
    if not live and request.node.get_closest_marker("process") is None:
        monkeypatch.setattr(subprocess.Popen, "__init__", _refuse("start a process", "process"))
    if not live:
        for name in list(os.environ):
            if name.startswith(
                ("EOD_", "GITHUB_", "AWS_", "ARGOCD_", "TF_", "KUBE", "RUNNER_", "ACTIONS_", "INPUT_")
            ):
                monkeypatch.delenv(name)
        monkeypatch.setenv("NO_PROXY", "*")
    yield


def _refuse(what, marker):
    def refuse(*args, **kwargs):
        raise AssertionError(f"this test tries to {what}; mark it with @pytest.mark.{marker} if it must")

    return refuse


def _loopback_only(connect):
    def guarded(self, address):
        if isinstance(address, tuple) and address[0] not in _LOOPBACK:
            raise AssertionError(f"this test tries to connect to {address[0]}; only loopback is allowed")
        return connect(self, address)

    return guarded
