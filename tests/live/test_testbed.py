"""The testbed holds what it promises to the tests that stand on it."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
import yaml

from testbed import choice, control
from testbed.load_balancer import HOLD_ANNOTATION
from testbed.processes import started_at
from testbed.waiting import eventually

pytestmark = [pytest.mark.live, pytest.mark.process, pytest.mark.network]

IMAGE = "registry.k8s.io/pause:3.10"
APPLICATIONS = ("argoproj.io", "v1alpha1", "argocd", "applications")
APPLICATION_SETS = ("argoproj.io", "v1alpha1", "argocd", "applicationsets")


@pytest.fixture
def core(api):
    from kubernetes import client

    return client.CoreV1Api(api)


@pytest.fixture
def apps(api):
    from kubernetes import client

    return client.AppsV1Api(api)


@pytest.fixture
def networking(api):
    from kubernetes import client

    return client.NetworkingV1Api(api)


@pytest.fixture
def custom(api):
    from kubernetes import client

    return client.CustomObjectsApi(api)


def test_the_control_plane_says_its_version(api, core):
    from kubernetes import client

    assert client.VersionApi(api).get_code().git_version.startswith("v1.")
    ready = [
        one.status for node in core.list_node().items for one in node.status.conditions if one.type == "Ready"
    ]
    assert "True" in ready


def test_a_deployment_gets_ready_pods(apps, namespace):
    apps.create_namespaced_deployment(namespace, deployment("web", replicas=2))

    def ready():
        return apps.read_namespaced_deployment("web", namespace).status.ready_replicas

    assert eventually(ready) == 2


def test_a_quota_is_enforced(core, namespace):
    core.create_namespaced_resource_quota(
        namespace, {"metadata": {"name": "limits"}, "spec": {"hard": {"limits.cpu": "2"}}}
    )

    def refusal():
        return refused(lambda: core.create_namespaced_pod(namespace, pod("greedy", cpu="4"), dry_run="All"))

    # Until its controller has counted what is there, the quota refuses everything, for another reason.
    eventually(lambda: says("exceeded quota: limits", refusal()))
    core.create_namespaced_pod(namespace, pod("modest", cpu="1"))


def test_a_validating_admission_policy_denies(api, core, namespace):
    from kubernetes import client

    admission = client.AdmissionregistrationV1Api(api)
    name = f"owner-{namespace}"
    admission.create_validating_admission_policy(
        {
            "metadata": {"name": name},
            "spec": {
                "matchConstraints": {
                    "resourceRules": [
                        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
                    ]
                },
                "validations": [
                    {
                        "expression": "has(object.metadata.labels) && 'owner' in object.metadata.labels",
                        "message": "a pod needs an owner",
                    }
                ],
            },
        }
    )
    admission.create_validating_admission_policy_binding(
        {
            "metadata": {"name": name},
            "spec": {
                "policyName": name,
                "validationActions": ["Deny"],
                "matchResources": {
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
                },
            },
        }
    )
    try:

        def refusal():
            return refused(lambda: core.create_namespaced_pod(namespace, pod("nobodys"), dry_run="All"))

        eventually(lambda: says("a pod needs an owner", refusal()))
    finally:
        admission.delete_validating_admission_policy_binding(name)
        admission.delete_validating_admission_policy(name)


def test_istio_resources_are_accepted(custom, namespace):
    made = custom.create_namespaced_custom_object(
        "networking.istio.io",
        "v1",
        namespace,
        "virtualservices",
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "metadata": {"name": "web"},
            "spec": {"hosts": ["web"], "http": [{"route": [{"destination": {"host": "web"}}]}]},
        },
    )

    assert made["spec"]["http"][0]["route"][0]["destination"] == {"host": "web"}


def test_an_application_from_a_kustomize_repository_becomes_synced_and_healthy(cluster, custom, namespace):
    repository = cluster.repository(f"kustomized-{namespace}")
    first = repository.commit(kustomized(web("web", host=f"{namespace}.example.test")))

    custom.create_namespaced_custom_object(
        *APPLICATIONS[:3], APPLICATIONS[3], application(namespace, repository.url, destination=namespace)
    )

    eventually(lambda: state_of(custom, namespace) == ("Synced", "Healthy", first), seconds=120)
    assert (
        requests.get(
            f"{cluster.argocd_server}/api/v1/applications/{namespace}",
            headers={"Authorization": f"Bearer {cluster.argocd_auth_token}"},
            timeout=10,
        ).json()["status"]["sync"]["revision"]
        == first
    )
    # The Ingress counts as Progressing until it has an address: the load balancer did its part.
    assert via_load_balancer(cluster, f"{namespace}.example.test").status_code == 200

    second = repository.commit(kustomized(web("renamed", host=f"{namespace}.example.test")))
    refresh(custom, namespace)
    eventually(lambda: state_of(custom, namespace) == ("Synced", "Healthy", second), seconds=120)

    custom.delete_namespaced_custom_object(*APPLICATIONS, namespace)
    eventually(lambda: gone(lambda: custom.get_namespaced_custom_object(*APPLICATIONS, namespace)))


def test_argo_cd_lets_nobody_in_without_a_token(cluster):
    assert requests.get(f"{cluster.argocd_server}/api/v1/applications", timeout=10).status_code == 401


def test_an_application_set_makes_an_application_for_each_pull_request(cluster, custom, core, namespace):
    repository = cluster.repository(f"preview-{namespace}")
    head = repository.commit(kustomized(config_map("web")))
    pulls = [pull_request(7, head)]

    with github(cluster.host_address, pulls) as url:
        custom.create_namespaced_custom_object(
            *APPLICATION_SETS, application_set(namespace, repository.url, api=url, destination=namespace)
        )
        try:
            seven, eight = f"{namespace}-pr-7", f"{namespace}-pr-8"
            eventually(lambda: state_of(custom, seven) == ("Synced", "Healthy", head), seconds=120)

            pulls.append(pull_request(8, head))
            custom.patch_namespaced_custom_object(
                *APPLICATION_SETS,
                namespace,
                {"metadata": {"annotations": {"argocd.argoproj.io/application-set-refresh": "true"}}},
            )
            eventually(lambda: state_of(custom, eight) == ("Synced", "Healthy", head), seconds=120)
        finally:
            custom.delete_namespaced_custom_object(*APPLICATION_SETS, namespace)


def test_an_ingress_without_ready_pods_is_answered_with_503(cluster, networking, namespace):
    networking.create_namespaced_ingress(namespace, web("web", host=f"{namespace}.example.test")[2])

    eventually(lambda: networking.read_namespaced_ingress("web", namespace).status.load_balancer.ingress)
    assert via_load_balancer(cluster, f"{namespace}.example.test").status_code == 503
    assert via_load_balancer(cluster, "nobody.example.test").status_code == 503


def test_a_load_balancer_keeps_its_finalizer_until_it_is_gone(networking, core, namespace):
    networking.create_namespaced_ingress(namespace, web("web", host="held.example.test")[2])
    core.create_namespaced_service(
        namespace, {"metadata": {"name": "tcp"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}
    )

    def finalizers(read, name):
        return read(name, namespace).metadata.finalizers or []

    eventually(lambda: finalizers(networking.read_namespaced_ingress, "web") == ["ingress.k8s.aws/resources"])
    eventually(lambda: finalizers(core.read_namespaced_service, "tcp") == ["service.k8s.aws/resources"])
    networking.patch_namespaced_ingress("web", namespace, {"metadata": {"annotations": {HOLD_ANNOTATION: "yes"}}})
    networking.delete_namespaced_ingress("web", namespace)
    core.delete_namespaced_service("tcp", namespace)
    eventually(lambda: gone(lambda: core.read_namespaced_service("tcp", namespace)))
    assert networking.read_namespaced_ingress("web", namespace).metadata.deletion_timestamp

    networking.patch_namespaced_ingress("web", namespace, {"metadata": {"annotations": {HOLD_ANNOTATION: None}}})
    eventually(lambda: gone(lambda: networking.read_namespaced_ingress("web", namespace)))


def test_a_namespace_with_everything_in_it_can_be_deleted(core, apps, namespace):
    apps.create_namespaced_deployment(namespace, deployment("web", replicas=1))
    core.delete_namespace(namespace)

    eventually(lambda: gone(lambda: core.read_namespace(namespace)), seconds=120)


@pytest.fixture
def own(tmp_path):
    if choice.choose() is not choice.Source.BINARIES:
        pytest.skip("only the binaries are processes of this machine")
    return tmp_path / "own"


def test_nothing_survives_the_supervisor(own):
    started = control.start(own, choice.Source.BINARIES, tethered=False, say=print)
    parts = records(own)
    supervisor = int((own / "supervisor.lock").read_text())

    os.kill(supervisor, signal.SIGKILL)

    eventually(lambda: not any(alive(part) for part in parts))
    assert control.running(own) is None
    started.stop()
    control.remove(own)
    assert not own.exists()


def test_nothing_survives_whoever_started_it(own):
    script = (
        "import sys, pathlib, testbed.control as control\n"
        "from testbed.choice import Source\n"
        f"state = pathlib.Path({str(own)!r})\n"
        "started = control.start(state, Source.BINARIES, tethered=True, say=lambda _: None)\n"
        "print('up', flush=True)\n"
        "sys.stdin.read()\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with starter:
        assert starter.stdout
        assert starter.stdout.readline() == b"up\n"
        parts = records(own)
        starter.kill()

    eventually(lambda: not any(alive(part) for part in parts))
    eventually(lambda: not list((own / "pids").iterdir()))


def records(state):
    found = [json.loads(path.read_text()) for path in (state / "pids").glob("*.json")]
    assert len(found) >= 10
    assert all(alive(part) for part in found)
    return found


def alive(part):
    return started_at(part["pid"]) == part["since"]


def refused(call):
    from kubernetes.client import ApiException

    try:
        call()
    except ApiException as error:
        return json.loads(error.body)["message"]
    return ""


def says(wanted, message):
    assert wanted in message
    return True


def gone(read):
    from kubernetes.client import ApiException

    try:
        read()
    except ApiException as error:
        return error.status == 404
    return False


def state_of(custom, name):
    if gone(lambda: custom.get_namespaced_custom_object(*APPLICATIONS, name)):
        return None
    status = custom.get_namespaced_custom_object(*APPLICATIONS, name).get("status", {})
    sync = status.get("sync", {})
    return sync.get("status"), status.get("health", {}).get("status"), sync.get("revision")


def refresh(custom, name):
    custom.patch_namespaced_custom_object(
        *APPLICATIONS, name, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}
    )


def via_load_balancer(cluster, host):
    return requests.get(f"http://127.0.0.1:{cluster.load_balancer_port}/", headers={"Host": host}, timeout=10)


def pod(name, cpu="1"):
    limits = {"limits": {"cpu": cpu}}
    return {
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "c", "image": IMAGE, "resources": limits}]},
    }


def deployment(name, replicas):
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "web", "image": IMAGE}]},
            },
        },
    }


def web(name, host):
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}]},
    }
    backend = {"service": {"name": name, "port": {"number": 80}}}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name},
        "spec": {
            "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
        },
    }
    return [deployment(name, replicas=1), service, ingress]


def config_map(name):
    return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "b"}}]


def kustomized(manifests):
    return {
        "app/kustomization.yaml": yaml.safe_dump({"resources": ["all.yaml"]}),
        "app/all.yaml": yaml.safe_dump_all(manifests),
    }


def application(name, repository, destination):
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
        "spec": application_spec(repository, "main", destination),
    }


def application_spec(repository, revision, destination):
    return {
        "project": "default",
        "source": {"repoURL": repository, "path": "app", "targetRevision": revision},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": destination},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
    }


def application_set(name, repository, api, destination):
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name},
        "spec": {
            "goTemplate": True,
            "generators": [
                {
                    "pullRequest": {
                        "github": {"owner": "octo", "repo": "shop", "api": api},
                        "requeueAfterSeconds": 1800,
                    }
                }
            ],
            "template": {
                "metadata": {"name": f"{name}-pr-{{{{.number}}}}"},
                "spec": application_spec(repository, "{{.head_sha}}", destination)
                | {"source": {"repoURL": repository, "path": "app", "targetRevision": "{{.head_sha}}"}},
            },
        },
    }


def pull_request(number, head):
    return {
        "number": number,
        "title": "a change",
        "user": {"login": "mona"},
        "labels": [],
        "head": {"ref": f"change-{number}", "sha": head},
        "base": {"ref": "main"},
    }


@contextmanager
def github(address, pulls):
    class Canned(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(pulls if "/repos/octo/shop/pulls" in self.path else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer((address, 0), Canned) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{address}:{server.server_port}/"
        server.shutdown()
