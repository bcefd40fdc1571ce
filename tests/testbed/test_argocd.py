import datetime as dt
import json

import jwt

from testbed.argocd import Access, with_settings
from testbed.kind import for_pods, settings_for

NOW = dt.datetime(2026, 5, 4, 3, 2, 1, tzinfo=dt.UTC)


def test_the_token_is_one_that_the_settings_let_in():
    access = Access.make(NOW)
    settings = access.settings()

    claims = jwt.decode(
        access.token,
        settings["argocd-secret"]["server.secretkey"],
        algorithms=["HS256"],
        options={"verify_nbf": False, "verify_iat": False},
    )

    account, capability = claims["sub"].split(":")
    [listed] = json.loads(settings["argocd-secret"][f"accounts.{account}.tokens"])
    assert listed == {"id": claims["jti"], "iat": int(NOW.timestamp())}
    assert settings["argocd-cm"][f"accounts.{account}"] == capability
    assert settings["argocd-rbac-cm"]["policy.csv"].split()[1:] == [f"{account},", "role:admin"]


def test_settings_are_added_to_what_is_there():
    manifests = [
        {"kind": "ConfigMap", "metadata": {"name": "argocd-cm"}, "data": {"a": "1"}},
        {"kind": "Secret", "metadata": {"name": "argocd-secret"}},
        {"kind": "ServiceAccount", "metadata": {"name": "argocd-cm"}},
    ]

    merged = with_settings(manifests, {"argocd-cm": {"b": "2"}, "argocd-secret": {"c": "3"}})

    assert merged[0]["data"] == {"a": "1", "b": "2"}
    assert merged[1]["stringData"] == {"c": "3"}
    assert merged[2] == manifests[2]
    assert manifests[0]["data"] == {"a": "1"}


def test_in_kind_argo_cd_is_reachable_and_reads_our_repositories(tmp_path):
    pod: dict[str, list[dict[str, list[str]]]] = {"containers": [{"env": [], "volumeMounts": []}], "volumes": []}
    manifests = [
        {
            "kind": "Service",
            "metadata": {"name": "argocd-server"},
            "spec": {"ports": [{"name": "http", "port": 80}, {"name": "https", "port": 443}]},
        },
        {"kind": "Deployment", "metadata": {"name": "argocd-repo-server"}, "spec": {"template": {"spec": pod}}},
    ]

    service, deployment = for_pods(manifests, tmp_path)
    [node] = settings_for(20080, tmp_path)["nodes"]

    [mapping] = node["extraPortMappings"]
    assert mapping["hostPort"] == 20080
    assert service["spec"]["type"] == "NodePort"
    assert [port.get("nodePort") for port in service["spec"]["ports"]] == [mapping["containerPort"], None]
    [inside] = [mount["containerPath"] for mount in node["extraMounts"]]
    changed = deployment["spec"]["template"]["spec"]
    assert changed["volumes"][0]["hostPath"]["path"] == inside == str(tmp_path)
    assert changed["containers"][0]["volumeMounts"][0]["mountPath"] == str(tmp_path)
