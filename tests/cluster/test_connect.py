import subprocess
import sys

import pytest
import yaml

from eod.cluster.connect import connect
from eod.errors import ClusterError, CredentialsError


def kubeconfig(path, *, user=None, **changes):
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [
            {"name": "c1", "cluster": {"server": "https://one.example.com"}},
            {"name": "c2", "cluster": {"server": "https://two.example.com"}},
        ],
        "users": [{"name": "u", "user": user or {"token": "s3cret"}}],
        "contexts": [
            {"name": "one", "context": {"cluster": "c1", "user": "u"}},
            {"name": "two", "context": {"cluster": "c2", "user": "u"}},
        ],
        **changes,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))
    return str(path)


def test_the_current_context_is_used_and_another_one_when_asked_for(tmp_path):
    environ = {"KUBECONFIG": kubeconfig(tmp_path / "config")}

    assert connect(environ).configuration.host == "https://one.example.com"
    assert connect(environ, "two").configuration.host == "https://two.example.com"


def test_several_files_are_merged_and_missing_ones_are_passed_over(tmp_path):
    path = kubeconfig(tmp_path / "config")

    assert connect({"KUBECONFIG": f"{tmp_path}/none:{path}"}).configuration.host == "https://one.example.com"


def test_the_default_file_lies_in_the_home_directory(tmp_path):
    kubeconfig(tmp_path / ".kube" / "config")

    assert connect({"HOME": str(tmp_path)}).configuration.host == "https://one.example.com"


def test_no_kubeconfig_at_all(tmp_path):
    with pytest.raises(ClusterError, match="There is no kubeconfig") as caught:
        connect({"HOME": str(tmp_path)})
    assert "update-kubeconfig" in caught.value.fix


def test_a_kubeconfig_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(ClusterError, match="nowhere"):
        connect({"KUBECONFIG": f"{tmp_path}/nowhere", "KUBERNETES_SERVICE_HOST": "10.0.0.1"})


def test_an_unknown_context_lists_the_known_ones(tmp_path):
    with pytest.raises(ClusterError, match="no context `three`") as caught:
        connect({"KUBECONFIG": kubeconfig(tmp_path / "config")}, "three")
    assert caught.value.why == "It knows `one`, `two`."


@pytest.mark.parametrize("content", ["", "[]", "a: b", "key: [", "current-context: x\ncontexts: []\n", "\x00"])
def test_what_is_no_kubeconfig_gives_an_error_and_no_traceback(tmp_path, content):
    (tmp_path / "config").write_text(content)

    with pytest.raises(ClusterError, match="cannot be used"):
        connect({"KUBECONFIG": str(tmp_path / "config")})


def test_a_context_whose_cluster_is_missing(tmp_path):
    with pytest.raises(ClusterError, match="cannot be used"):
        connect({"KUBECONFIG": kubeconfig(tmp_path / "config", clusters=[])})


@pytest.mark.process
def test_a_credential_plugin_that_fails_is_reported_instead_of_going_on_as_nobody(tmp_path):
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": sys.executable,
        "args": ["-c", "import sys; sys.exit('no login')"],
        "interactiveMode": "Never",
    }
    with pytest.raises(CredentialsError, match="credential plugin failed") as caught:
        connect({"KUBECONFIG": kubeconfig(tmp_path / "config", user={"exec": plugin})})
    assert caught.value.detail


@pytest.mark.process
def test_a_credential_plugin_that_works_gives_its_token(tmp_path):
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "status": {"token": "from-plugin"},
    }
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": sys.executable,
        "args": ["-c", f"import json; print(json.dumps({answer!r}))"],
        "interactiveMode": "Never",
    }
    client = connect({"KUBECONFIG": kubeconfig(tmp_path / "config", user={"exec": plugin})})

    assert client.configuration.auth_settings()["BearerToken"]["value"] == "Bearer from-plugin"


def test_a_pod_without_a_mounted_token_is_told_so():
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}

    with pytest.raises(ClusterError, match="service account cannot be used"):
        connect(environ)


@pytest.mark.process
def test_the_room_can_be_imported_without_paying_for_kubernetes():
    code = "import sys, eod.cluster.cluster; sys.exit('kubernetes' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
