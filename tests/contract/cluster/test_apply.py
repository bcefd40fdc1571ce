from typing import Any

import pytest

from tests.contract.cluster.kube import MERGE
from tests.contract.cluster.manifests import config_map, deployment, ingress, service

pytestmark = [pytest.mark.process, pytest.mark.network]


@pytest.fixture
def settings(namespace):
    return f"/api/v1/namespaces/{namespace}/configmaps/settings"


@pytest.fixture
def web(namespace):
    return f"/apis/apps/v1/namespaces/{namespace}/deployments/web"


def _managers(value):
    return {(item["manager"], item["operation"]) for item in value["metadata"]["managedFields"]}


QUOTA = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "web"},
    "spec": {"hard": {"limits.cpu": "2", "limits.memory": "4Gi", "pods": "10"}},
}
LIMITS = {
    "apiVersion": "v1",
    "kind": "LimitRange",
    "metadata": {"name": "web"},
    "spec": {
        "limits": [
            {"type": "Container", "default": {"cpu": "500m", "memory": "512Mi"}, "defaultRequest": {"cpu": "100m"}}
        ]
    },
}
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "web"},
    "spec": {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}],
    },
}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "stringData": {"a": "b"}}
ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "web"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
    "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}],
}
JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "web"},
    "spec": {
        "suspend": True,
        "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1"}]}},
    },
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/api/v1/namespaces/{}/resourcequotas/web", QUOTA),
        ("/api/v1/namespaces/{}/limitranges/web", LIMITS),
        ("/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies/web", POLICY),
        ("/apis/apps/v1/namespaces/{}/deployments/web", deployment(replicas=0)),
        ("/api/v1/namespaces/{}/services/web", service()),
        ("/apis/networking.k8s.io/v1/namespaces/{}/ingresses/web", ingress("web.example.com")),
        ("/api/v1/namespaces/{}/configmaps/settings", config_map(a="1")),
        ("/api/v1/namespaces/{}/secrets/web", SECRET),
        ("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings/web", ROLE),
        ("/apis/batch/v1/namespaces/{}/jobs/web", JOB),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_applying_again_changes_nothing(kube, namespace, path, value):
    path = path.format(namespace)
    code, _ = kube.apply(path, value)
    assert code == 201

    def spec_of(found):
        return {key: item for key, item in found.items() if key not in {"metadata", "status"}}

    code, first = kube.apply(path, value)
    code, again = kube.apply(path, value)
    assert code == 200
    assert spec_of(again) == spec_of(first)
    own = [item for item in again["metadata"]["managedFields"] if item["manager"] == "one"]
    assert own == [item for item in first["metadata"]["managedFields"] if item["manager"] == "one"]


def test_applying_the_same_again_keeps_the_resource_version(kube, settings):
    _, first = kube.apply(settings, config_map(a="1"))
    _, again = kube.apply(settings, config_map(a="1"))
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert again["metadata"]["managedFields"] == first["metadata"]["managedFields"]


def test_applying_a_namespace_again_keeps_the_resource_version(kube, unique):
    path = f"/api/v1/namespaces/{unique}"
    body = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": unique,
            "labels": {"app.kubernetes.io/name": "preview", "environment.on-demand/owner": "octocat"},
            "annotations": {"environment.on-demand/created-at": "2026-01-02T03:04:05Z"},
        },
    }
    code, first = kube.apply(path, body)
    assert code == 201
    assert first["metadata"]["labels"]["kubernetes.io/metadata.name"] == unique
    code, again = kube.apply(path, body)
    assert (code, again["metadata"]["resourceVersion"]) == (200, first["metadata"]["resourceVersion"])
    kube.must("DELETE", path)


def test_managed_fields_say_who_owns_what(kube, settings):
    _, found = kube.apply(settings, config_map(a="1"))
    (entry,) = found["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"], entry["apiVersion"]) == ("one", "Apply", "v1")
    assert entry["fieldsType"] == "FieldsV1"
    assert entry["fieldsV1"] == {"f:data": {"f:a": {}}}


def test_items_of_lists_are_owned_by_key(kube, web):
    _, found = kube.apply(web, deployment(replicas=0))
    (entry,) = [item for item in found["metadata"]["managedFields"] if item["manager"] == "one"]
    containers = entry["fieldsV1"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert containers['k:{"name":"app"}'] == {
        ".": {},
        "f:image": {},
        "f:name": {},
        "f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}},
    }
    assert entry["fieldsV1"]["f:spec"]["f:selector"] == {}


def test_a_second_manager_that_wants_something_else_is_refused(kube, settings):
    kube.apply(settings, config_map(a="1"), manager="one")
    code, found = kube.apply(settings, config_map(a="2"), manager="two")
    assert (code, found["reason"]) == (409, "Conflict")
    assert found["message"] == 'Apply failed with 1 conflict: conflict with "one": .data.a'
    (cause,) = found["details"]["causes"]
    assert cause == {"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".data.a"}
    assert kube.must("GET", settings)["data"] == {"a": "1"}


def test_force_takes_the_field_over(kube, settings):
    kube.apply(settings, config_map(a="1"), manager="one")
    code, found = kube.apply(settings, config_map(a="2"), manager="two", force="true")
    assert (code, found["data"]) == (200, {"a": "2"})
    assert _managers(found) == {("two", "Apply")}


def test_managers_that_agree_share_a_field(kube, settings):
    kube.apply(settings, config_map(a="1"), manager="one")
    code, found = kube.apply(settings, config_map(a="1"), manager="two")
    assert code == 200
    assert _managers(found) == {("one", "Apply"), ("two", "Apply")}
    _, found = kube.apply(settings, config_map(b="1"), manager="one")
    assert found["data"] == {"a": "1", "b": "1"}


def test_a_field_that_its_manager_drops_is_removed(kube, settings):
    kube.apply(settings, config_map(a="1", b="2"), manager="one")
    kube.apply(settings, config_map(c="3"), manager="two")
    _, found = kube.apply(settings, config_map(a="1"), manager="one")
    assert found["data"] == {"a": "1", "c": "3"}


def test_labels_of_different_managers_live_together(kube, namespace):
    path = f"/api/v1/namespaces/{namespace}"

    def labelled(**labels):
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}

    kube.apply(path, labelled(a="1"), manager="one")
    _, found = kube.apply(path, labelled(b="2"), manager="two")
    assert {"a": "1", "b": "2"}.items() <= found["metadata"]["labels"].items()
    _, found = kube.apply(path, labelled(), manager="one")
    assert "a" not in found["metadata"]["labels"]
    assert found["metadata"]["labels"]["b"] == "2"


def test_containers_of_different_managers_live_together(kube, web):
    kube.apply(web, deployment(replicas=0), manager="one")
    sidecar = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "proxy", "image": "envoy:1"}]}}},
    }
    code, found = kube.apply(web, sidecar, manager="two")
    assert code == 200
    assert [item["name"] for item in found["spec"]["template"]["spec"]["containers"]] == ["app", "proxy"]
    _, found = kube.apply(web, deployment(replicas=0, image="nginx:2"), manager="one")
    images = {item["name"]: item["image"] for item in found["spec"]["template"]["spec"]["containers"]}
    assert images == {"app": "nginx:2", "proxy": "envoy:1"}


def test_a_plain_write_owns_what_it_changes(kube, settings):
    kube.apply(settings, config_map(a="1"), manager="one")
    kube.must("PATCH", settings, {"data": {"a": "2"}}, kind=MERGE, fieldManager="hand")
    code, found = kube.apply(settings, config_map(a="1"), manager="one")
    assert (code, found["reason"]) == (409, "Conflict")
    assert found["message"].startswith('Apply failed with 1 conflict: conflict with "hand" using v1')
    code, found = kube.apply(settings, config_map(a="1"), manager="one", force="true")
    assert (code, found["data"]) == (200, {"a": "1"})


def test_several_conflicts_are_all_named(kube, settings):
    kube.apply(settings, config_map(a="1", b="1"), manager="one")
    code, found = kube.apply(settings, config_map(a="2", b="2"), manager="two")
    assert code == 409
    assert found["message"].startswith("Apply failed with 2 conflicts: conflicts with")
    assert {cause["field"] for cause in found["details"]["causes"]} == {".data.a", ".data.b"}


def test_applying_needs_a_manager(kube, settings):
    code, found = kube.apply(settings, config_map(a="1"), manager="")
    assert (code, found["reason"]) == (422, "Invalid")
    assert "fieldManager: Required value: is required for apply patch" in found["message"]


def test_applying_with_a_uid_does_not_create(kube, settings):
    body = config_map(a="1")
    body["metadata"]["uid"] = "00000000-0000-0000-0000-000000000000"
    code, found = kube.apply(settings, body)
    assert (code, found["reason"]) == (409, "Conflict")


def test_a_dry_run_shows_the_outcome(kube, settings):
    kube.apply(settings, config_map(a="1"))
    _, found = kube.apply(settings, config_map(a="2"), dryRun="All")
    assert found["data"] == {"a": "2"}
    assert kube.must("GET", settings)["data"] == {"a": "1"}


def test_finalizers_are_a_set(kube, settings):
    body = config_map()
    body["metadata"]["finalizers"] = ["example.com/one"]
    kube.apply(settings, body, manager="one")
    body["metadata"]["finalizers"] = ["example.com/two"]
    _, found = kube.apply(settings, body, manager="two")
    assert set(found["metadata"]["finalizers"]) == {"example.com/one", "example.com/two"}
    _, found = kube.apply(settings, config_map(), manager="two")
    assert found["metadata"]["finalizers"] == ["example.com/one"]
    kube.apply(settings, config_map(), manager="one")


def test_an_application_can_be_applied(cluster, kube, unique):
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{cluster.argocd_namespace}/applications/{unique}"
    body: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": unique},
        "spec": {
            "project": "none",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": unique},
            "source": {"repoURL": "file:///nowhere", "path": ".", "targetRevision": "main"},
        },
    }
    code, _ = kube.apply(path, body)
    assert code == 201
    found = kube.until(path, lambda value: value["status"]["conditions"])
    code, again = kube.apply(path, body)
    assert (code, again["spec"]) == (200, found["spec"])
    assert again["metadata"]["resourceVersion"] == kube.must("GET", path)["metadata"]["resourceVersion"]
    del body["spec"]["source"]["targetRevision"]
    _, again = kube.apply(path, body)
    assert "targetRevision" not in again["spec"]["source"]
    body["spec"]["sources"] = "wrong"
    code, _ = kube.apply(path, body)
    assert code in {400, 422, 500}
    kube.must("DELETE", path)
    kube.gone(path)
