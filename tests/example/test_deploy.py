from pathlib import Path

import pytest
import yaml

from standins.argocd.kustomize import build
from tests.example.quotas import Body, at_most, containers_of, quantity, template_of

PLAIN, ISTIO = "deploy/base", "deploy/overlays/istio"


def render(repository: Path, folder: str) -> list[Body]:
    files = {str(path.relative_to(repository)): path.read_bytes() for path in repository.rglob("*.yaml")}
    return build(files, folder)


def workloads(objects: list[Body]) -> list[Body]:
    return [item for item in objects if item["kind"] in {"Deployment", "Job"}]


def one(objects: list[Body], kind: str) -> Body:
    (found,) = (item for item in objects if item["kind"] == kind)
    return found


@pytest.mark.parametrize("folder", [PLAIN, ISTIO])
def test_all_pods_fit_the_quota_even_in_the_middle_of_an_update(repository, folder):
    found = workloads(render(repository, folder))
    assert found
    assert at_most(found, "cpu") <= quantity("2")
    assert at_most(found, "memory") <= quantity("4Gi")


@pytest.mark.parametrize("folder", [PLAIN, ISTIO])
def test_every_container_says_what_it_needs_and_may_do_nothing_else(repository, folder):
    for workload in workloads(render(repository, folder)):
        pod = template_of(workload)["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in containers_of(workload):
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}
            assert set(container["resources"]["limits"]) == {"cpu", "memory"}
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["image"].startswith("ghcr.io/acme/shop:")
            if workload["kind"] == "Deployment":
                assert "readinessProbe" in container


def test_migrations_run_before_the_application_and_can_run_again(repository):
    objects = render(repository, PLAIN)
    job = one(objects, "Job")["metadata"]["annotations"]
    assert int(job["argocd.argoproj.io/sync-wave"]) < 0
    assert job["argocd.argoproj.io/hook"] == "Sync"
    assert job["argocd.argoproj.io/hook-delete-policy"] == "BeforeHookCreation"
    account = one(objects, "ServiceAccount")["metadata"]["annotations"]
    assert int(account["argocd.argoproj.io/sync-wave"]) < int(job["argocd.argoproj.io/sync-wave"])


def test_services_find_their_pods(repository):
    objects = render(repository, PLAIN)
    labels = [template_of(item)["metadata"]["labels"] for item in objects if item["kind"] == "Deployment"]
    services = {item["metadata"]["name"]: item["spec"] for item in objects if item["kind"] == "Service"}
    for name, service in services.items():
        assert any(service["selector"].items() <= pod.items() for pod in labels), name
    for path in one(objects, "Ingress")["spec"]["rules"][0]["http"]["paths"]:
        assert path["backend"]["service"]["name"] in services


def test_the_mesh_replaces_the_ingress(example):
    kinds = {item["kind"] for item in render(example, ISTIO)}
    assert {"VirtualService", "DestinationRule", "PeerAuthentication"} <= kinds
    assert "Ingress" not in kinds
    sidecars = template_of(one(render(example, ISTIO), "Deployment"))["metadata"]["annotations"]
    assert "sidecar.istio.io/proxyCPULimit" in sidecars


def test_the_application_set_and_the_configuration_deploy_the_same(example):
    project = yaml.safe_load((example / "argocd/appproject.yaml").read_text("utf-8"))
    template = yaml.safe_load((example / "argocd/applicationset.yaml").read_text("utf-8"))["spec"]["template"]
    configuration = yaml.safe_load((example / ".github/eod.yml").read_text("utf-8"))
    theirs, ours = template["spec"]["source"], configuration["argocd"]["source"]

    as_template = {
        "{head_sha}": "{{ .head_sha }}",
        "{hostname}": f"pr-{{{{ .number }}}}.{configuration['domain']}",
    }
    text = yaml.safe_dump(ours)
    for placeholder, value in as_template.items():
        text = text.replace(placeholder, value)
    same = yaml.safe_load(text)
    assert {key: theirs[key] for key in same} == same

    assert template["metadata"]["name"] == template["spec"]["destination"]["namespace"] == "pr-{{ .number }}"
    assert template["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    assert template["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    assert template["spec"]["project"] == configuration["argocd"]["project"] == project["metadata"]["name"]
    assert theirs["repoURL"] in project["spec"]["sourceRepos"]


def test_the_patch_finds_the_ingress(example):
    configuration = yaml.safe_load((example / ".github/eod.yml").read_text("utf-8"))
    (patch,) = configuration["argocd"]["source"]["kustomize"]["patches"]
    ingress = one(render(example, PLAIN), "Ingress")
    assert patch["target"] == {"kind": "Ingress", "name": ingress["metadata"]["name"]}
    assert "/spec/rules/0/host" in patch["patch"]
    assert ingress["spec"]["rules"][0]["host"] == configuration["domain"]
