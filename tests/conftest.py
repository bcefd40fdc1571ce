"""What every test lives under: no sockets and no processes, but where a test is marked for them."""

import os
import signal
import socket
import subprocess
import threading

import pytest
from hypothesis import settings

# A background job starts with SIGINT ignored, and so would every process that a test starts and interrupts.
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A shared or slow machine is no failure, and a failure must be the same on every machine.
# Every day a few, always the same; the tests of each Python version in CI ask for many more.
settings.register_profile("everyday", deadline=None, derandomize=True, max_examples=40)
settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=200)
settings.load_profile(os.environ.get("TEST_EXAMPLES", "everyday"))

_OUTSIDE = ("EOD_", "GITHUB_", "AWS_", "ARGOCD_", "TF_", "KUBE", "RUNNER_", "ACTIONS_", "INPUT_")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def _closed_world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def marked(name: str) -> bool:
        return request.node.get_closest_marker(name) is not None

    if marked("live"):
        return
    if marked("network"):
        monkeypatch.setattr(socket.socket, "connect", _loopback_only(socket.socket.connect))
    else:
        monkeypatch.setattr(socket.socket, "connect", _refuse("open a socket", "network"))
        monkeypatch.setattr(socket.socket, "bind", _refuse("bind a socket", "network"))
    if not marked("process"):
        monkeypatch.setattr(subprocess.Popen, "__init__", _refuse("start a process", "process"))
    for name in list(os.environ):
        if name.startswith(_OUTSIDE):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "*")


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
