"""The example's policies and manifests in a real cluster, with a real Argo CD."""

import uuid
from functools import partial
from pathlib import Path

import pytest
import yaml

from eod.config.loader import load
from eod.config.placeholders import fill
from standins.argocd.kustomize import build
from testbed.waiting import eventually

pytestmark = [pytest.mark.live, pytest.mark.process, pytest.mark.network]

EXAMPLE = Path(__file__).parents[2] / "examples/preview"
MIGRATION = Path(__file__).parents[2] / "demo/changes/122-migration/1-opened/app/migrations/0002_origin.sql"
LABELS = {
    "app.kubernetes.io/name": "preview",
    "environment.on-demand/owner": "somebody",
    "environment.on-demand/ttl": "24h",
}
PUBLIC = {"environment.on-demand/allow-public": "true"}
LIMITS = {"limits": {"cpu": "100m", "memory": "64Mi"}}
APPLICATIONS = ("argoproj.io", "v1alpha1", "argocd", "applications")
PROJECTS = ("argoproj.io", "v1alpha1", "argocd", "appprojects")


@pytest.fixture(scope="module")
def admin(cluster):
    """Creates objects of any kind."""
    from kubernetes.dynamic import DynamicClient

    with cluster.api() as client:
        yield Admin(DynamicClient(client))


@pytest.fixture(scope="module")
def policies(admin):
    """The example's policies, in force until the end of this module."""
    installed = build(files_of_example(), "policies")
    for item in installed:
        admin.apply(item)
    # A policy counts from when the API server has noticed it, one after the other.
    for labels in (LABELS | {"environment.on-demand/owner": ""}, {"app.kubernetes.io/name": "preview"}):
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "probe", "labels": labels}}
        eventually(partial(admin.refuses, body, "preview-namespace-labels"))
    space = admin.namespace()
    for probe, name in (
        (service("LoadBalancer"), "preview-no-public-service"),
        (ingress("internet-facing"), "preview-no-public-ingress"),
        (job({}), "preview-container-limits"),
    ):
        eventually(partial(admin.refuses, probe, name, space))
    yield installed
    admin.remove({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
    for item in installed:
        admin.remove(item)


@pytest.fixture
def preview(admin, policies):
    """A preview's namespace, with annotations of choice."""
    made = []

    def make(annotations=None):
        made.append(admin.namespace(annotations))
        return made[-1]

    yield make
    for name in made:
        admin.remove({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def test_the_api_server_finds_no_fault_with_the_policies(admin, policies):
    for item in policies:
        if item["kind"] == "ValidatingAdmissionPolicy":
            status = eventually(partial(type_checked, admin, item))
            assert "expressionWarnings" not in status["typeChecking"], item["metadata"]["name"]


def type_checked(admin, policy):
    status = admin.get(policy).get("status") or {}
    return status if "typeChecking" in status else None


@pytest.mark.parametrize("missing", ["environment.on-demand/owner", "environment.on-demand/ttl"])
def test_a_preview_without_owner_or_ttl_is_refused(admin, policies, missing):
    labels = {key: value for key, value in LABELS.items() if key != missing}
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "pr-0", "labels": labels}}
    assert f"needs the label {missing}" in admin.refusal(body)
    assert admin.refusal(body | {"metadata": {"name": "pr-0"}}) == "", "other namespaces are nobody's business"


def test_a_preview_stays_one(admin, preview):
    name = preview()
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": dict.fromkeys(LABELS)}}
    assert "keeps its label" in admin.refused_patch(body)


def test_nothing_is_public_unless_the_namespace_allows_it(admin, preview):
    closed, open_ = preview(), preview(PUBLIC)
    for public in (service("LoadBalancer"), ingress("internet-facing")):
        allowed_by_itself = public | {
            "metadata": public["metadata"] | {"annotations": PUBLIC | public["metadata"]["annotations"]}
        }
        assert "a preview may not have" in admin.refusal(allowed_by_itself, closed)
        assert admin.refusal(public, open_) == ""
    assert admin.refusal(service("ClusterIP"), closed) == ""
    assert admin.refusal(ingress("internal"), closed) == ""


@pytest.mark.parametrize("wrap", ["job", "cron"])
def test_containers_without_limits_are_named(admin, preview, wrap):
    make = {"job": job, "cron": cron_job}[wrap]
    assert "missing in: main" in admin.refusal(make({}), preview())
    assert "missing in: main" in admin.refusal(make({"limits": {"cpu": "1"}}), preview())
    assert admin.refusal(make(LIMITS), preview()) == ""


def test_argo_cd_brings_the_example_up_under_its_own_rules(admin, cluster, preview):
    space = preview()
    repository = cluster.repository(f"example-{uuid.uuid4().hex[:8]}")
    first = repository.commit({path: text.decode() for path, text in files_of_example().items()})
    project = yaml.safe_load((EXAMPLE / "argocd/appproject.yaml").read_text("utf-8"))
    project["metadata"]["name"] = space
    project["spec"] |= {"sourceRepos": [repository.url]}
    project["spec"]["destinations"][0]["namespace"] = space
    admin.apply(project)
    application = application_of(space, repository, first)
    admin.apply(application)
    eventually(lambda: deployed(admin, application, first), seconds=90)

    found = admin.get(
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "shop"}}, space
    )
    assert found["spec"]["rules"][0]["host"] == f"{space}.preview.example.com"
    workload = admin.get({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"}}, space)
    assert workload["spec"]["template"]["spec"]["containers"][0]["image"] == f"ghcr.io/acme/shop:{first}"
    migrated = migration(admin, space)
    assert migrated["status"]["completionTime"] <= workload["metadata"]["creationTimestamp"]

    second = repository.commit({"app/migrations/0002_origin.sql": MIGRATION.read_text("utf-8")})
    admin.apply(application_of(space, repository, second))
    eventually(lambda: deployed(admin, application, second), seconds=90)
    again = migration(admin, space)
    assert again["metadata"]["uid"] != migrated["metadata"]["uid"], "each commit is migrated anew"

    admin.remove(application)
    eventually(lambda: not admin.exists(application), seconds=90)
    admin.remove(project)


def files_of_example() -> dict[str, bytes]:
    return {
        str(path.relative_to(EXAMPLE)): path.read_bytes()
        for folder in ("deploy", "policies", "app/migrations")
        for path in (EXAMPLE / folder).rglob("*")
        if path.is_file()
    }


def application_of(space, repository, commit):
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": space,
            "namespace": "argocd",
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        },
        "spec": {
            "project": space,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": space},
            "source": {"repoURL": repository.url, **source(space, commit)},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
    }


def source(space, commit):
    """The Application's source as the example's own configuration has it."""
    config = load((EXAMPLE / ".github/eod.yml").read_text("utf-8"), ".github/eod.yml")
    values = {"head_sha": commit, "hostname": f"{space}.{config.domain}"}
    return {**fill(dict(config.argocd.source), values), "targetRevision": commit}


def deployed(admin, application, commit):
    status = admin.get(application).get("status", {})
    sync, health = status.get("sync", {}), status.get("health", {})
    assert (sync.get("revision"), sync.get("status"), health.get("status")) == (commit, "Synced", "Healthy"), (
        status
    )
    return True


def migration(admin, space):
    return admin.get({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "shop-migrate"}}, space)


def service(kind):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "entry", "annotations": {}},
        "spec": {"type": kind, "ports": [{"port": 80}]},
    }


def ingress(scheme):
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "entry", "annotations": {"alb.ingress.kubernetes.io/scheme": scheme}},
        "spec": {"defaultBackend": {"service": {"name": "entry", "port": {"number": 80}}}},
    }


def job(resources):
    containers = [{"name": "main", "image": "x", "resources": resources}]
    limited = [{"name": "before", "image": "x", "resources": LIMITS}]
    pod = {"restartPolicy": "Never", "containers": containers, "initContainers": limited}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "work"},
        "spec": {"template": {"spec": pod}},
    }


def cron_job(resources):
    spec = {"schedule": "@daily", "jobTemplate": {"spec": job(resources)["spec"]}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "work"}, "spec": spec}


class Admin:
    """Objects of any kind, as plain data."""

    def __init__(self, client):
        self._client = client

    def namespace(self, annotations=None):
        name = f"pr-{uuid.uuid4().hex[:8]}"
        metadata = {"name": name, "labels": LABELS, "annotations": annotations or {}}
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        return name

    def apply(self, body):
        self._kind(body).server_side_apply(
            body=body, namespace=body["metadata"].get("namespace"), field_manager="test", force_conflicts=True
        )

    def get(self, body, namespace=None):
        found = self._kind(body).get(
            name=body["metadata"]["name"], namespace=namespace or body["metadata"].get("namespace")
        )
        return found.to_dict()

    def exists(self, body):
        from kubernetes.client import ApiException

        try:
            return bool(self.get(body))
        except ApiException as error:
            if error.status == 404:
                return False
            raise

    def remove(self, body):
        self._kind(body).delete(name=body["metadata"]["name"], namespace=body["metadata"].get("namespace"))

    def refuses(self, body, why, namespace=None):
        return why in self.refusal(body, namespace)

    def refusal(self, body, namespace=None):
        """Why the object would be refused, or nothing."""
        return self._why(lambda: self._kind(body).create(body=body, namespace=namespace, dry_run="All"))

    def refused_patch(self, body):
        kind = "application/merge-patch+json"
        return self._why(lambda: self._kind(body).patch(body=body, content_type=kind, dry_run="All"))

    def _why(self, call):
        from kubernetes.client import ApiException

        try:
            call()
        except ApiException as error:
            return str(error.body)
        return ""

    def _kind(self, body):
        return self._client.resources.get(api_version=body["apiVersion"], kind=body["kind"])
