"""What the room does with Argo CD: the same for the embedded one and a real one, by either API."""

import json
import threading
import time
import uuid

import pytest
import yaml

from eod.argocd.delivery import Delivery
from eod.cluster.cluster import Cluster
from eod.errors import ArgoCdError, NotHealthyError
from eod.model.kube import ApplicationSpec, ApplicationStatus
from eod.model.kube import ApplicationStage as Stage
from tests.cluster.clocks import RealClock
from tests.cluster.servers import Script, serving
from tests.cluster.specs import spec as namespace_spec

MERGE = "application/merge-patch+json"
GROUP = "/apis/argoproj.io/v1alpha1"


def deployment(image="example.com/app:1", *, replicas=1, cpu="100m"):
    limits = {"cpu": cpu, "memory": "64Mi"}
    container = {"name": "app", "image": image, "resources": {"limits": limits}}
    return yaml.safe_dump(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": "web"}},
                "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}},
            },
        }
    )


def config_map(value, name="settings", annotations=None):
    metadata = {"name": name, "annotations": annotations or {}}
    return yaml.safe_dump(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"value": value}}
    )


def claim_that_is_never_bound():
    """A sync waits for it before it goes on to its next wave."""
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": "there-is-none",
                "resources": {"requests": {"storage": "1Gi"}},
            },
        }
    )


class ArgoCdBehaviour:
    """Needs the fixtures `api` (a `KubeApi` of an administrator), `store` (Applications) and `git` (a repository).

    `host_address` is where Argo CD reaches servers of this machine.
    """

    host_address = "127.0.0.1"
    in_vain = 6.0
    """Seconds after which what cannot come true is given up, and by which its symptoms show."""

    @pytest.fixture
    def name(self, api, store):
        made = f"pr-{uuid.uuid4().hex[:8]}"
        Cluster(api, RealClock()).ensure_namespace(namespace_spec(name=made))
        yield made
        path = f"{GROUP}/namespaces/{store.namespace}/applications/{made}"
        api.request("PATCH", path, body={"metadata": {"finalizers": None}}, content_type=MERGE)
        api.request("DELETE", path)
        api.request("DELETE", f"/api/v1/namespaces/{made}")

    @pytest.fixture
    def delivery(self, store, api):
        return Delivery(store, RealClock(), problems=Cluster(api, RealClock()).problems)

    def spec(self, store, git, name, revision="", **fields):
        source = {"repoURL": git.url, "path": "deploy", "targetRevision": revision or "main"}
        return ApplicationSpec(
            **{
                "name": name,
                "argocd_namespace": store.namespace,
                "project": "default",
                "source": source,
                "destination_server": "https://kubernetes.default.svc",
                "destination_namespace": name,
                "labels": {"environment.on-demand/name": name},
                "annotations": {"environment.on-demand/repository": "o/r"},
                **fields,
            }
        )

    def wait(self, delivery, name, revision, *, timeout=60, hold=0.5, seen=None):
        return delivery.wait_ready(
            name,
            revision,
            timeout_seconds=timeout,
            hold_seconds=hold,
            on_status=(lambda _status: None) if seen is None else seen.append,
        )

    def deployed_image(self, api, name):
        _, body = api.request("GET", f"/apis/apps/v1/namespaces/{name}/deployments/web")
        return body["spec"]["template"]["spec"]["containers"][0]["image"]

    def test_an_application_gets_ready_at_each_commit_that_is_pushed(self, api, store, delivery, git, name):
        first = git.commit({"deploy/web.yaml": deployment("example.com/app:1")})
        assert delivery.ensure(self.spec(store, git, name, first)) is True
        assert self.wait(delivery, name, first).stage is Stage.READY
        assert self.deployed_image(api, name) == "example.com/app:1"

        second = git.commit({"deploy/web.yaml": deployment("example.com/app:2")})
        assert delivery.ensure(self.spec(store, git, name, second)) is True
        seen: list[ApplicationStatus] = []
        status = self.wait(delivery, name, second, seen=seen)

        assert status.revision == second
        assert self.deployed_image(api, name) == "example.com/app:2"
        assert seen[-1].stage is Stage.READY

    def test_a_second_run_at_the_same_commit_changes_nothing_and_is_ready(self, store, delivery, git, name):
        commit = git.commit({"deploy/settings.yaml": config_map("1")})
        delivery.ensure(self.spec(store, git, name, commit))
        self.wait(delivery, name, commit)

        assert delivery.ensure(self.spec(store, git, name, commit)) is False
        assert self.wait(delivery, name, commit).stage is Stage.READY

    def test_a_commit_that_changes_no_manifest_gets_ready_too(self, store, delivery, git, name):
        first = git.commit({"deploy/settings.yaml": config_map("1")})
        delivery.ensure(self.spec(store, git, name, first))
        self.wait(delivery, name, first)

        second = git.commit({"README.md": "nothing that is deployed"})
        delivery.ensure(self.spec(store, git, name, second))

        assert self.wait(delivery, name, second).revision == second

    def test_a_branch_is_followed_without_waiting_for_argo_cds_own_poll(self, store, delivery, git, name):
        first = git.commit({"deploy/settings.yaml": config_map("1")})
        delivery.ensure(self.spec(store, git, name))
        self.wait(delivery, name, first)

        second = git.commit({"deploy/settings.yaml": config_map("2")})
        delivery.ensure(self.spec(store, git, name))

        assert self.wait(delivery, name, second).revision == second

    def test_a_deployment_over_the_quota_is_explained_by_its_pods(self, api, store, delivery, git, name):
        commit = git.commit({"deploy/web.yaml": deployment(cpu="50")})
        delivery.ensure(self.spec(store, git, name, commit))

        with pytest.raises(NotHealthyError) as caught:
            self.wait(delivery, name, commit, timeout=self.in_vain)
        assert "exceeded quota" in caught.value.detail

    def test_a_manifest_that_the_cluster_refuses_is_reported_and_tried_again_by_the_next_run(
        self, store, delivery, git, name, monkeypatch
    ):
        monkeypatch.setattr("eod.argocd.manifests.RETRY", {"limit": 0})
        bad = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []}}
        commit = git.commit({"deploy/pod.yaml": yaml.safe_dump(bad)})
        delivery.ensure(self.spec(store, git, name, commit))

        for _ in range(2):
            with pytest.raises(NotHealthyError, match="failed") as caught:
                self.wait(delivery, name, commit)
            assert "last sync: Failed" in caught.value.detail

    def test_a_path_that_is_not_in_the_repository_is_reported(self, store, delivery, git, name, monkeypatch):
        monkeypatch.setattr("eod.argocd.verdict.ERROR_SECONDS", 3.0)
        commit = git.commit({"README.md": "no manifests"})
        source = {"repoURL": git.url, "path": "nowhere", "targetRevision": commit}
        delivery.ensure(self.spec(store, git, name, source=source))

        with pytest.raises(NotHealthyError) as caught:
            self.wait(delivery, name, commit)
        assert "ComparisonError" in caught.value.detail
        assert "cannot read the manifests" in caught.value.why

    def test_an_application_of_somebody_else_is_left_alone(self, api, store, delivery, git, name):
        commit = git.commit({"deploy/settings.yaml": config_map("1")})
        delivery.ensure(self.spec(store, git, name, commit))
        path = f"{GROUP}/namespaces/{store.namespace}/applications/{name}"
        label = {"metadata": {"labels": {"app.kubernetes.io/managed-by": "somebody"}}}
        api.request("PATCH", path, body=label, content_type=MERGE)

        with pytest.raises(ArgoCdError, match="eod leaves it alone"):
            delivery.ensure(self.spec(store, git, name, commit))
        with pytest.raises(ArgoCdError, match="eod leaves it alone"):
            delivery.delete(name, 10, generated=False)

    def test_deleting_takes_what_was_delivered_along_and_a_second_time_does_nothing(
        self, api, store, delivery, git, name
    ):
        commit = git.commit({"deploy/settings.yaml": config_map("1"), "deploy/web.yaml": deployment()})
        delivery.ensure(self.spec(store, git, name, commit))
        self.wait(delivery, name, commit)

        assert delivery.delete(name, 60, generated=False) is True

        assert api.request("GET", f"/api/v1/namespaces/{name}/configmaps/settings")[0] == 404
        assert api.request("GET", f"/apis/apps/v1/namespaces/{name}/deployments/web")[0] == 404
        assert delivery.delete(name, 60, generated=False) is False

    def test_deleting_while_a_sync_runs(self, api, store, delivery, git, name):
        later = config_map("1", annotations={"argocd.argoproj.io/sync-wave": "1"})
        commit = git.commit({"deploy/claim.yaml": claim_that_is_never_bound(), "deploy/later.yaml": later})
        delivery.ensure(self.spec(store, git, name, commit))
        with pytest.raises(NotHealthyError, match="syncing"):
            self.wait(delivery, name, commit, timeout=self.in_vain)
        assert store.get(name)["operation"]

        assert delivery.delete(name, 60, generated=False) is True
        assert store.get(name) is None

    def test_a_resource_that_does_not_go_is_explained(self, api, store, delivery, git, name):
        commit = git.commit({"deploy/settings.yaml": config_map("1")})
        delivery.ensure(self.spec(store, git, name, commit))
        self.wait(delivery, name, commit)
        path = f"/api/v1/namespaces/{name}/configmaps/settings"
        hold = {"metadata": {"finalizers": ["example.com/hold"]}}
        api.request("PATCH", path, body=hold, content_type=MERGE)

        with pytest.raises(ArgoCdError, match="was not deleted in 2 s"):
            delivery.delete(name, 2, generated=False)

        api.request("PATCH", path, body={"metadata": {"finalizers": None}}, content_type=MERGE)
        delivery.delete(name, 60, generated=False)
        assert store.get(name) is None

    def test_previews_are_listed(self, store, delivery, git, name):
        commit = git.commit({"deploy/settings.yaml": config_map("1")})
        delivery.ensure(self.spec(store, git, name, commit))

        found = {info.name: info for info in delivery.applications()}

        assert found[name].environment == name
        assert found[name].namespace == name
        assert found[name].repository == "o/r"
        assert not found[name].generated

    def test_what_is_not_there(self, store, delivery):
        assert store.get("pr-never-made") is None
        assert store.application_set("never-made") is None
        assert store.project_exists("default") is True
        assert store.project_exists("never-made") in {False, None}
        assert delivery.delete("pr-never-made", 5, generated=False) is False
        with pytest.raises(ArgoCdError, match="does not exist"):
            delivery.poke("never-made", "pr-never-made", 1)

    @pytest.fixture
    def pulls(self):
        """What GitHub says is open; a test changes the list."""
        script = Script((200, b"[]"))
        with serving(script) as url:
            yield script, url

    @pytest.fixture
    def generator(self, api, store, git, name, pulls):
        """An ApplicationSet whose only Application is named `name`."""
        made = f"previews-{name}"
        github = {"owner": "o", "repo": "r", "api": pulls[1].replace("127.0.0.1", self.host_address) + "/"}
        template = {
            "metadata": {"name": name, "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
            "spec": {
                "project": "default",
                "source": {"repoURL": git.url, "path": "deploy", "targetRevision": "{{.head_sha}}"},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
            },
        }
        body = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {"name": made, "namespace": store.namespace},
            "spec": {
                "goTemplate": True,
                "generators": [{"pullRequest": {"github": github, "requeueAfterSeconds": 3600}}],
                "template": template,
            },
        }
        sets = f"{GROUP}/namespaces/{store.namespace}/applicationsets"
        status, answer = api.request("POST", sets, body=body)
        assert status == 201, answer
        yield made
        api.request("DELETE", f"{sets}/{made}")
        ends = time.monotonic() + 20
        while api.request("GET", f"{sets}/{made}")[0] != 404 and time.monotonic() < ends:
            threading.Event().wait(0.05)

    def pull(self, commit):
        return {
            "number": 1,
            "title": "A change",
            "user": {"login": "octocat"},
            "labels": [],
            "head": {"ref": "feature", "sha": commit},
            "base": {"ref": "main"},
        }

    def test_a_generated_application_follows_the_pull_request_and_goes_with_it(
        self, api, delivery, git, pulls, generator
    ):
        name = generator.removeprefix("previews-")
        first = git.commit({"deploy/web.yaml": deployment("example.com/app:1")})
        pulls[0].answers = [(200, _json([self.pull(first)]))]
        delivery.poke(generator, name, 30)
        assert self.wait(delivery, name, first).revision == first

        second = git.commit({"deploy/web.yaml": deployment("example.com/app:2")})
        pulls[0].answers = [(200, _json([self.pull(second)]))]
        delivery.poke(generator, name, 30)
        assert self.wait(delivery, name, second).revision == second
        assert self.deployed_image(api, name) == "example.com/app:2"

        pulls[0].answers = [(200, _json([]))]
        assert delivery.delete(name, 90, generated=True) is True
        assert delivery.delete(name, 90, generated=True) is False

    def test_a_generated_application_whose_pull_request_is_open_comes_back_and_that_is_said(
        self, delivery, git, pulls, generator, monkeypatch
    ):
        name = generator.removeprefix("previews-")
        monkeypatch.setattr("eod.argocd.deletion._GENERATOR_SECONDS", 2.0)
        commit = git.commit({"deploy/settings.yaml": config_map("1")})
        pulls[0].answers = [(200, _json([self.pull(commit)]))]
        delivery.poke(generator, name, 30)
        self.wait(delivery, name, commit)

        with pytest.raises(ArgoCdError, match="made anew") as caught:
            delivery.delete(name, 60, generated=True)
        assert generator in caught.value.why

    def test_an_application_set_that_cannot_list_pull_requests_says_why(self, delivery, name, pulls, generator):
        pulls[0].answers = [(500, b'{"message": "we are down"}')]

        with pytest.raises(ArgoCdError, match="did not make Application") as caught:
            delivery.poke(generator, name, 3 * self.in_vain)  # which begins with a generator that is not known yet
        assert caught.value.detail


def _json(value):
    return json.dumps(value).encode()
