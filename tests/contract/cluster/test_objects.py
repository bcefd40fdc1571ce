import pytest

from tests.contract.cluster.kube import JSON_PATCH, MERGE, STRATEGIC
from tests.contract.cluster.manifests import config_map, deployment, service

pytestmark = [pytest.mark.process, pytest.mark.network]


@pytest.fixture
def maps(namespace):
    return f"/api/v1/namespaces/{namespace}/configmaps"


@pytest.fixture
def deployments(namespace):
    return f"/apis/apps/v1/namespaces/{namespace}/deployments"


def test_it_says_that_it_is_ready_and_which_version_it_is(kube):
    assert kube.must("GET", "/readyz") == "ok"
    assert kube.must("GET", "/version")["gitVersion"].startswith("v1.")


@pytest.mark.parametrize(
    ("path", "name", "kind", "namespaced"),
    [
        ("/api/v1", "namespaces", "Namespace", False),
        ("/api/v1", "pods", "Pod", True),
        ("/apis/apps/v1", "deployments/status", "Deployment", True),
        ("/apis/networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", True),
        ("/apis/argoproj.io/v1alpha1", "applications", "Application", True),
    ],
)
def test_it_lists_its_resources(kube, path, name, kind, namespaced):
    found = {item["name"]: item for item in kube.must("GET", path)["resources"]}
    assert (found[name]["kind"], found[name]["namespaced"]) == (kind, namespaced)


def test_it_lists_its_groups(kube):
    groups = {item["name"]: item for item in kube.must("GET", "/apis")["groups"]}
    assert groups["apps"]["preferredVersion"]["groupVersion"] == "apps/v1"
    assert {"batch", "networking.k8s.io", "argoproj.io"} <= groups.keys()


def test_a_new_object_gets_identity_and_generation(kube, deployments):
    made = kube.must("POST", deployments, deployment())
    assert made["metadata"]["generation"] == 1
    assert made["metadata"]["uid"]
    assert made["metadata"]["resourceVersion"]
    assert made["metadata"]["creationTimestamp"].endswith("Z")
    assert made["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": "25%", "maxUnavailable": "25%"}
    assert made["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"


def test_what_is_not_there_is_not_found(kube, maps):
    code, found = kube.ask("GET", f"{maps}/none")
    assert code == 404
    assert (found["kind"], found["status"], found["reason"]) == ("Status", "Failure", "NotFound")
    assert found["message"] == 'configmaps "none" not found'
    assert found["details"] == {"name": "none", "kind": "configmaps"}


def test_an_unknown_type_is_not_found(kube):
    code, found = kube.ask("GET", "/apis/example.com/v1/things")
    assert code == 404
    assert "not find the requested resource" in str(found) or "404 page not found" in str(found)


def test_creating_twice_is_refused(kube, maps):
    kube.must("POST", maps, config_map())
    code, found = kube.ask("POST", maps, config_map())
    assert (code, found["reason"]) == (409, "AlreadyExists")
    assert found["message"] == 'configmaps "settings" already exists'


def test_creating_in_a_namespace_that_is_not_there_is_not_found(kube):
    code, found = kube.ask("POST", "/api/v1/namespaces/nowhere/configmaps", config_map())
    assert (code, found["message"]) == (404, 'namespaces "nowhere" not found')


def test_a_generated_name(kube, maps):
    made = kube.must("POST", maps, {"metadata": {"generateName": "one-"}})
    assert made["metadata"]["name"].startswith("one-")
    assert len(made["metadata"]["name"]) == len("one-") + 5


def test_an_update_with_a_stale_version_conflicts(kube, maps):
    made = kube.must("POST", maps, config_map(a="1"))
    kube.must("PUT", f"{maps}/settings", {**made, "data": {"a": "2"}})
    code, found = kube.ask("PUT", f"{maps}/settings", {**made, "data": {"a": "3"}})
    assert (code, found["reason"]) == (409, "Conflict")
    assert "the object has been modified" in found["message"]


def test_a_patch_with_a_stale_version_conflicts(kube, maps):
    made = kube.must("POST", maps, config_map(a="1"))
    kube.must("PATCH", f"{maps}/settings", {"data": {"a": "2"}}, kind=MERGE)
    stale = {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}, "data": {"a": "3"}}
    code, found = kube.ask("PATCH", f"{maps}/settings", stale, kind=MERGE)
    assert (code, found["reason"]) == (409, "Conflict")


def test_an_update_that_changes_nothing_changes_no_version(kube, maps):
    made = kube.must("POST", maps, config_map(a="1"))
    again = kube.must("PUT", f"{maps}/settings", made)
    assert again["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


def test_the_generation_counts_changes_of_the_spec_only(kube, deployments):
    kube.must("POST", deployments, deployment())
    path = f"{deployments}/web"
    labelled = kube.must("PATCH", path, {"metadata": {"labels": {"a": "b"}}}, kind=MERGE)
    assert labelled["metadata"]["generation"] == 1
    scaled = kube.must("PATCH", path, {"spec": {"replicas": 2}}, kind=MERGE)
    assert scaled["metadata"]["generation"] == 2


def test_a_merge_patch_removes_with_null(kube, maps):
    kube.must("POST", maps, config_map(a="1", b="2"))
    patched = kube.must("PATCH", f"{maps}/settings", {"data": {"a": None, "c": "3"}}, kind=MERGE)
    assert patched["data"] == {"b": "2", "c": "3"}


def test_a_json_patch_tests_before_it_changes(kube, maps):
    kube.must("POST", maps, config_map(a="1"))
    good = [{"op": "test", "path": "/data/a", "value": "1"}, {"op": "replace", "path": "/data/a", "value": "2"}]
    assert kube.must("PATCH", f"{maps}/settings", good, kind=JSON_PATCH)["data"] == {"a": "2"}
    code, found = kube.ask("PATCH", f"{maps}/settings", good, kind=JSON_PATCH)
    assert (code, found["reason"]) == (422, "Invalid")


def test_a_strategic_merge_patch_merges_containers_by_name(kube, deployments):
    kube.must("POST", deployments, deployment())
    sidecar = {"spec": {"template": {"spec": {"containers": [{"name": "proxy", "image": "envoy:1"}]}}}}
    patched = kube.must("PATCH", f"{deployments}/web", sidecar, kind=STRATEGIC)
    containers = {item["name"]: item["image"] for item in patched["spec"]["template"]["spec"]["containers"]}
    assert containers == {"app": "nginx:1", "proxy": "envoy:1"}
    removal = {"spec": {"template": {"spec": {"containers": [{"name": "proxy", "$patch": "delete"}]}}}}
    patched = kube.must("PATCH", f"{deployments}/web", removal, kind=STRATEGIC)
    assert [item["name"] for item in patched["spec"]["template"]["spec"]["containers"]] == ["app"]


def test_custom_resources_take_no_strategic_merge_patch(cluster, kube):
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{cluster.argocd_namespace}/appprojects/default"
    code, found = kube.ask("PATCH", path, {"metadata": {"labels": {"a": "b"}}}, kind=STRATEGIC)
    assert (code, found["reason"]) == (415, "UnsupportedMediaType")


def test_unknown_fields_are_dropped_or_refused_when_asked(kube, maps, deployments):
    wrong = deployment()
    wrong["spec"]["replica"] = 3
    code, found = kube.ask("POST", deployments, wrong, fieldValidation="Strict")
    assert code == 400
    assert 'unknown field "spec.replica"' in found["message"]
    assert "replica" not in kube.must("POST", deployments, wrong)["spec"]


def test_wrong_types_are_refused(kube, deployments):
    wrong = deployment()
    wrong["spec"]["replicas"] = "two"
    code, found = kube.ask("POST", deployments, wrong)
    assert (code, found["reason"]) == (400, "BadRequest")


def test_labels_have_to_be_labels(kube):
    wrong = {"metadata": {"name": "labels", "labels": {"environment.on-demand/owner": "a b"}}}
    code, found = kube.ask("POST", "/api/v1/namespaces", wrong)
    assert (code, found["reason"]) == (422, "Invalid")
    assert found["details"]["causes"][0]["field"] == "metadata.labels"
    assert "a valid label must be an empty string or consist of alphanumeric characters" in found["message"]


@pytest.mark.parametrize("name", ["PR-1", "pr_1", "x" * 64, "-pr"])
def test_namespaces_have_to_be_dns_labels(kube, name):
    code, found = kube.ask("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert (code, found["reason"]) == (422, "Invalid")
    assert found["details"]["causes"][0]["field"] == "metadata.name"


def test_a_deployment_has_to_select_its_own_pods(kube, deployments):
    wrong = deployment()
    wrong["spec"]["selector"]["matchLabels"] = {"app": "other"}
    code, found = kube.ask("POST", deployments, wrong)
    assert (code, found["reason"]) == (422, "Invalid")
    assert "`selector` does not match template `labels`" in found["message"]


def test_a_selector_may_not_change(kube, deployments):
    kube.must("POST", deployments, deployment())
    other = deployment()
    other["spec"]["selector"]["matchLabels"] = {"app": "other"}
    other["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    code, found = kube.ask("PUT", f"{deployments}/web", other)
    assert (code, found["reason"]) == (422, "Invalid")
    assert "field is immutable" in found["message"]


def test_lists_are_selected_by_labels_and_fields(kube, maps):
    for name, tier in (("a", "web"), ("b", "web"), ("c", "data")):
        kube.must("POST", maps, {"metadata": {"name": name, "labels": {"tier": tier}}})

    def names(**query):
        return [item["metadata"]["name"] for item in kube.must("GET", maps, **query)["items"]]

    assert names(labelSelector="tier=web") == ["a", "b"]
    assert names(labelSelector="tier in (web, data),tier!=web") == ["c"]
    assert names(labelSelector="tier", fieldSelector="metadata.name=b") == ["b"]
    assert names(labelSelector="!tier", fieldSelector="metadata.name!=kube-root-ca.crt") == []
    code, found = kube.ask("GET", maps, fieldSelector="data.a=1")
    assert (code, found["reason"]) == (400, "BadRequest")


def test_lists_come_in_pages(kube, maps):
    for name in "abcde":
        kube.must("POST", maps, {"metadata": {"name": name, "labels": {"page": "yes"}}})
    first = kube.must("GET", maps, limit=2, labelSelector="page")
    assert [item["metadata"]["name"] for item in first["items"]] == ["a", "b"]
    token = first["metadata"]["continue"]
    rest = kube.must("GET", maps, limit=10, labelSelector="page", **{"continue": token})
    assert [item["metadata"]["name"] for item in rest["items"]] == ["c", "d", "e"]
    assert not rest["metadata"].get("continue")


def test_a_dry_run_changes_nothing(kube, maps):
    made = kube.must("POST", maps, config_map(), dryRun="All")
    assert made["metadata"]["uid"]
    assert kube.ask("GET", f"{maps}/settings")[0] == 404


def test_deleting_answers_with_what_is_gone(kube, maps):
    made = kube.must("POST", maps, config_map())
    found = kube.must("DELETE", f"{maps}/settings")
    assert (found["kind"], found["status"]) == ("Status", "Success")
    assert found["details"] == {"name": "settings", "kind": "configmaps", "uid": made["metadata"]["uid"]}
    assert kube.ask("DELETE", f"{maps}/settings")[0] == 404


def test_a_precondition_protects_another_object_of_the_same_name(kube, maps):
    kube.must("POST", maps, config_map())
    options = {"preconditions": {"uid": "00000000-0000-0000-0000-000000000000"}}
    code, found = kube.ask("DELETE", f"{maps}/settings", options)
    assert (code, found["reason"]) == (409, "Conflict")


def test_finalizers_hold_an_object_and_none_may_be_added_then(kube, maps):
    held = config_map()
    held["metadata"]["finalizers"] = ["example.com/hold"]
    kube.must("POST", maps, held)
    found = kube.must("DELETE", f"{maps}/settings")
    assert found["metadata"]["deletionTimestamp"]
    added = {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}
    code, refused = kube.ask("PATCH", f"{maps}/settings", added, kind=MERGE)
    assert (code, refused["reason"]) == (422, "Invalid")
    assert "no new finalizers can be added if the object is being deleted" in refused["message"]
    kube.must("PATCH", f"{maps}/settings", {"metadata": {"finalizers": None}}, kind=MERGE)
    assert kube.ask("GET", f"{maps}/settings")[0] == 404


def test_a_collection_is_deleted_by_selector(kube, maps):
    for name in ("a", "b"):
        kube.must("POST", maps, {"metadata": {"name": name, "labels": {"of": name}}})
    kube.must("DELETE", maps, labelSelector="of=a")
    assert kube.ask("GET", f"{maps}/a")[0] == 404
    assert kube.ask("GET", f"{maps}/b")[0] == 200


def test_the_status_has_a_door_of_its_own(kube, deployments):
    made = kube.must("POST", deployments, {**deployment(replicas=0), "status": {"replicas": 7}})
    assert made["status"].get("replicas") is None
    changed = kube.must(
        "PATCH",
        f"{deployments}/web/status",
        {"status": {"collisionCount": 3}, "spec": {"replicas": 9}},
        kind=MERGE,
    )
    assert changed["status"]["collisionCount"] == 3
    assert changed["spec"]["replicas"] == 0
    assert changed["metadata"]["generation"] == 1


def test_applications_have_no_status_of_their_own_but_applicationsets_do(cluster, kube):
    found = kube.must("GET", "/apis/argoproj.io/v1alpha1")["resources"]
    names = {item["name"] for item in found}
    assert "applicationsets/status" in names
    assert "applications/status" not in names


def test_a_service_gets_an_address(kube, namespace):
    made = kube.must("POST", f"/api/v1/namespaces/{namespace}/services", service())
    assert made["spec"]["clusterIPs"] == [made["spec"]["clusterIP"]]
    assert made["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]


def test_plain_texts_of_a_secret_are_encoded(kube, namespace):
    path = f"/api/v1/namespaces/{namespace}/secrets"
    made = kube.must("POST", path, {"metadata": {"name": "one"}, "stringData": {"a": "b"}, "data": {"c": "ZA=="}})
    assert made["data"] == {"a": "Yg==", "c": "ZA=="}
    assert "stringData" not in made
    assert made["type"] == "Opaque"
    code, found = kube.ask("POST", path, {"metadata": {"name": "two"}, "data": {"a": "not base64!"}})
    assert (code, found["reason"]) == (400, "BadRequest")
    assert "illegal base64 data" in found["message"]


def test_everything_is_allowed_to_the_administrator(kube):
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "create", "resource": "namespaces"}},
    }
    found = kube.must("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    assert found["status"]["allowed"] is True


def test_a_definition_adds_a_resource_with_its_schema(kube, unique):
    group = f"{unique}.example.com"
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["size"],
                "properties": {"size": {"type": "integer"}, "color": {"type": "string", "enum": ["red", "blue"]}},
            }
        },
    }
    names = {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {"group": group, "scope": "Cluster", "names": names, "versions": [version]},
    }
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    kube.must("POST", crds, definition)
    kube.until(
        f"{crds}/things.{group}",
        lambda found: any(
            item["type"] == "Established" and item["status"] == "True" for item in found["status"]["conditions"]
        ),
    )
    things, thing = f"/apis/{group}/v1/things", {"apiVersion": f"{group}/v1", "kind": "Thing"}
    kube.until(things, lambda found: found is not None)
    code, found = kube.ask("POST", things, {**thing, "metadata": {"name": "a"}, "spec": {}})
    assert (code, found["reason"]) == (422, "Invalid")
    assert found["details"]["causes"][0]["field"] == "spec.size"
    code, found = kube.ask(
        "POST", things, {**thing, "metadata": {"name": "a"}, "spec": {"size": 1, "color": "no"}}
    )
    assert (code, found["details"]["causes"][0]["field"]) == (422, "spec.color")
    made = kube.must("POST", things, {**thing, "metadata": {"name": "a"}, "spec": {"size": 1, "extra": True}})
    assert made["spec"] == {"size": 1}
    assert made["metadata"]["generation"] == 1
    kube.must("DELETE", f"{crds}/things.{group}")
    kube.gone(f"{crds}/things.{group}")
    kube.until(things, lambda found: found is None)
