from typing import Any

import pytest

from tests.contract.cluster.argo import FINALIZER, GROUP, IN_CLUSTER, App, site
from tests.contract.cluster.kube import MERGE
from tests.contract.cluster.pulls import PullRequests, pull

pytestmark = [pytest.mark.process, pytest.mark.network]

REFRESH = "argocd.argoproj.io/application-set-refresh"


@pytest.fixture
def pulls():
    served = PullRequests()
    yield served
    served.close()


@pytest.fixture
def repository(cluster, unique):
    return cluster.repository(unique)


class AppSet:
    def __init__(self, cluster, name, pulls, repository):
        self.kube = cluster.kube
        self.cluster = cluster
        self.name = name
        self.collection = f"{GROUP}/namespaces/{cluster.argocd_namespace}/applicationsets"
        self.path = f"{self.collection}/{name}"
        self._github = {"api": pulls.url, "owner": "acme", "repo": "shop", "labels": ["preview"]}
        self._url = repository.url

    def create(self, *, go=False, **spec):
        def field(name):
            return f"{{{{ .{name} }}}}" if go else f"{{{{{name}}}}}"

        name = f"{self.name}-{field('number')}"
        template = {
            "metadata": {"name": name, "labels": {"example.com/branch": field("branch_slug")}},
            "spec": {
                "project": "default",
                "source": {"repoURL": self._url, "path": "deploy", "targetRevision": field("head_sha")},
                "destination": {"server": IN_CLUSTER, "namespace": name},
                "syncPolicy": {
                    "automated": {"prune": True, "selfHeal": True},
                    "syncOptions": ["CreateNamespace=true"],
                },
            },
        }
        generator = {"pullRequest": {"github": self._github, "requeueAfterSeconds": 1800}}
        body: dict[str, Any] = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {"name": self.name},
            "spec": {"generators": [generator], "template": template, **spec},
        }
        if go:
            body["spec"] |= {"goTemplate": True, "goTemplateOptions": ["missingkey=error"]}
        return self.kube.must("POST", self.collection, body)

    def refresh(self):
        self.kube.must("PATCH", self.path, {"metadata": {"annotations": {REFRESH: "true"}}}, kind=MERGE)

    def until_refreshed(self):
        self.kube.until(self.path, lambda value: not value["metadata"].get("annotations"))

    def app(self, number):
        return App(self.cluster, f"{self.name}-{number}")

    def until_condition(self, kind, status):
        return self.kube.until(self.path, lambda value: self._has(value, kind, status))

    @staticmethod
    def _has(value, kind, status):
        found = {item["type"]: item for item in value["status"]["conditions"]}
        return found[kind]["status"] == status


@pytest.fixture
def appset(cluster, kube, unique, pulls, repository):
    made = AppSet(cluster, unique, pulls, repository)
    yield made
    kube.ask("DELETE", made.path)
    kube.gone(made.path)
    applications = made.collection.replace("applicationsets", "applications")
    for item in kube.must("GET", applications)["items"]:
        if item["metadata"]["name"].startswith(unique):
            app = made.app(item["metadata"]["name"].rpartition("-")[2])
            kube.ask("PATCH", app.path, {"metadata": {"finalizers": None}, "operation": None}, kind=MERGE)
            app.delete()
            kube.ask("DELETE", f"/api/v1/namespaces/{app.name}")


def test_each_labelled_pull_request_gets_an_application(repository, pulls, appset):
    commit = repository.commit(site())
    pulls.open = [pull(7, commit), pull(8, commit, labels=("other",)), pull(9, commit, labels=("preview", "more"))]
    appset.create()
    found = appset.app(7).until_ready(commit)
    appset.app(9).until_ready(commit)
    assert appset.kube.ask("GET", appset.app(8).path)[0] == 404
    assert pulls.asked[0] == "/api/v3/repos/acme/shop/pulls?per_page=100"
    assert found["metadata"]["finalizers"] == [FINALIZER]
    assert found["metadata"]["labels"] == {"example.com/branch": "feature-a-b"}
    assert found["spec"]["source"]["targetRevision"] == commit
    (owner,) = found["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("ApplicationSet", appset.name, True)
    appset.until_condition("ErrorOccurred", "False")
    appset.until_condition("ResourcesUpToDate", "True")


def test_go_templates(repository, pulls, appset):
    commit = repository.commit(site())
    pulls.open = [pull(7, commit)]
    appset.create(go=True)
    assert appset.app(7).until_ready(commit)["spec"]["destination"]["namespace"] == f"{appset.name}-7"


def test_a_refresh_is_consumed_and_asks_again(repository, pulls, appset):
    commit = repository.commit(site())
    pulls.open = [pull(7, commit)]
    appset.create()
    appset.app(7).until_ready(commit)
    pushed = repository.commit(site(image="nginx:2"))
    pulls.open = [pull(7, pushed)]
    appset.refresh()
    appset.until_refreshed()
    assert appset.app(7).until_ready(pushed)["spec"]["source"]["targetRevision"] == pushed


def test_the_application_of_a_closed_pull_request_goes_with_all_it_made(repository, pulls, appset, kube):
    commit = repository.commit(site())
    pulls.open = [pull(7, commit), pull(8, commit)]
    appset.create()
    appset.app(7).until_ready(commit)
    appset.app(8).until_ready(commit)
    pulls.open = [pull(8, commit)]
    appset.refresh()
    appset.app(7).until_gone()
    assert kube.ask("GET", f"/apis/apps/v1/namespaces/{appset.name}-7/deployments/web")[0] == 404
    assert kube.ask("GET", appset.app(8).path)[0] == 200


@pytest.mark.parametrize("failure", [404, 500, 403])
def test_a_failed_listing_deletes_nothing(repository, pulls, appset, kube, failure):
    commit = repository.commit(site())
    pulls.open = [pull(7, commit)]
    appset.create()
    appset.app(7).until_ready(commit)
    asked = len(pulls.asked)
    pulls.failure = failure
    appset.refresh()
    found = appset.until_condition("ErrorOccurred", "True")
    assert len(pulls.asked) > asked
    assert "acme/shop" in next(
        item["message"] for item in found["status"]["conditions"] if item["type"] == "ErrorOccurred"
    )
    assert "deletionTimestamp" not in appset.app(7).get()["metadata"]


def test_an_empty_listing_deletes_everything(repository, pulls, appset, kube):
    commit = repository.commit(site())
    pulls.open = [pull(7, commit)]
    appset.create()
    appset.app(7).until_ready(commit)
    pulls.open = []
    appset.refresh()
    appset.app(7).until_gone()


def test_edits_of_a_generated_application_are_reverted_but_a_refresh_and_an_operation_are_not(
    repository, pulls, appset, kube
):
    commit = repository.commit(site())
    pulls.open = [pull(7, commit)]
    appset.create()
    app = appset.app(7)
    app.until_ready(commit)
    app.patch({"spec": {"source": {"path": "elsewhere"}}, "metadata": {"labels": {"mine": "yes"}}})
    found = app.until(
        lambda value: value["spec"]["source"]["path"] == "deploy" and "mine" not in value["metadata"]["labels"]
    )
    assert found["spec"]["source"]["targetRevision"] == commit
    app.until_ready(commit)
    before = (app.get()["status"].get("operationState") or {}).get("startedAt")
    app.patch({"operation": {"initiatedBy": {"username": "eod"}, "sync": {"revision": commit}}})
    app.until(
        lambda value: (
            value["status"]["operationState"]["operation"]["initiatedBy"]["username"] == "eod"
            and value["status"]["operationState"]["phase"] == "Succeeded"
        )
    )
    assert before is not None


def test_deleting_the_set_deletes_its_applications(repository, pulls, appset, kube):
    commit = repository.commit(site())
    pulls.open = [pull(7, commit)]
    appset.create()
    appset.app(7).until_ready(commit)
    kube.must("DELETE", appset.path)
    appset.app(7).until_gone()
    assert kube.ask("GET", f"/apis/apps/v1/namespaces/{appset.name}-7/deployments/web")[0] == 404


def test_applications_stay_where_the_policy_keeps_them(repository, pulls, appset, kube):
    commit = repository.commit(site())
    pulls.open = [pull(7, commit)]
    appset.create(syncPolicy={"preserveResourcesOnDeletion": True})
    found = appset.app(7).until_ready(commit)
    assert "finalizers" not in found["metadata"]
