import sys

import pytest

from testbed import cluster
from testbed.choice import Source, choose
from testbed.errors import TestbedError


def executable(path, code):
    path.write_text(f"#!{sys.executable}\nraise SystemExit({code})\n")
    path.chmod(0o755)


def test_a_kubeconfig_comes_first(monkeypatch):
    monkeypatch.setenv("EOD_LIVE_KUBECONFIG", "/somewhere")

    assert choose() is Source.KUBECONFIG


@pytest.mark.process
@pytest.mark.parametrize(("docker", "chosen"), [(0, Source.KIND), (1, Source.BINARIES)])
def test_kind_needs_a_container_engine_that_answers(monkeypatch, tmp_path, docker, chosen):
    executable(tmp_path / "kind", 0)
    executable(tmp_path / "docker", docker)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert choose() is chosen


def test_the_choice_can_be_overruled(monkeypatch):
    monkeypatch.setenv("EOD_LIVE_KUBECONFIG", "/somewhere")
    monkeypatch.setenv("EOD_LIVE_CLUSTER", "binaries")
    assert choose() is Source.BINARIES

    monkeypatch.setenv("EOD_LIVE_CLUSTER", "minikube")
    with pytest.raises(TestbedError, match="kubeconfig, kind, binaries"):
        choose()


def test_a_given_cluster_is_used_as_it_is(monkeypatch, tmp_path):
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.touch()
    monkeypatch.setenv("EOD_LIVE_KUBECONFIG", str(kubeconfig))
    with pytest.raises(TestbedError, match="EOD_LIVE_ARGOCD_SERVER"), cluster():
        pass

    monkeypatch.setenv("EOD_LIVE_ARGOCD_SERVER", "https://argocd.example.test")
    monkeypatch.setenv("EOD_LIVE_ARGOCD_AUTH_TOKEN", "secret")
    with cluster() as given:
        assert given.environment == {
            "KUBECONFIG": str(kubeconfig),
            "ARGOCD_SERVER": "https://argocd.example.test",
            "ARGOCD_AUTH_TOKEN": "secret",
        }


def test_a_kubeconfig_that_is_not_there_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("EOD_LIVE_KUBECONFIG", str(tmp_path / "missing"))

    with pytest.raises(TestbedError, match="there is no file"), cluster():
        pass
