"""What the room does to a cluster: the same for the embedded one and for a real one."""

import threading
import time
import uuid

import pytest

from eod.cluster.cluster import Cluster
from eod.errors import ClusterError, NamespaceStuckError
from tests.cluster.clocks import RealClock
from tests.cluster.specs import spec
from tests.runaway import RUNAWAY_SECONDS

POD = {
    "containers": [
        {"name": "app", "image": "example.com/app:1", "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}}}
    ]
}


class ClusterBehaviour:
    """Needs the fixture `api`: a `KubeApi` of an administrator."""

    @pytest.fixture
    def previews(self, api):
        return Cluster(api, RealClock(), terminating_seconds=30)

    @pytest.fixture
    def name(self, api):
        made = f"pr-{uuid.uuid4().hex[:8]}"
        yield made
        for path in self.held:
            api.request("PATCH", path, body={"metadata": {"finalizers": None}}, content_type=MERGE)
        self.held.clear()
        api.request("DELETE", f"/api/v1/namespaces/{made}")

    stuck_seconds = 10.0
    held: list[str] = []  # noqa: RUF012  # shared on purpose: what a test's end must let go

    def create(self, api, path, body, *, hold=""):
        if hold:
            body["metadata"]["finalizers"] = [hold]
            self.held.append(f"{path}/{body['metadata']['name']}")
        status, answer = api.request("POST", path, body=body)
        assert status == 201, answer
        return answer

    def config_map(self, api, name, *, hold="", of="stuck"):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": of}}
        return self.create(api, f"/api/v1/namespaces/{name}/configmaps", body, hold=hold)

    def ingress(self, api, name, host, *, hold=""):
        backend = {"service": {"name": "web", "port": {"number": 80}}}
        rule = {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
        body = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "web"},
            "spec": {"rules": [rule]},
        }
        return self.create(api, f"/apis/networking.k8s.io/v1/namespaces/{name}/ingresses", body, hold=hold)

    def deployment(self, api, name, *, replicas=1, cpu="100m"):
        limits = {"cpu": cpu, "memory": "64Mi"}
        container = {"name": "app", "image": "example.com/app:1", "resources": {"limits": limits}}
        body = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": "web"}},
                "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}},
            },
        }
        return self.create(api, f"/apis/apps/v1/namespaces/{name}/deployments", body)

    def eventually(self, read, accept, seconds=RUNAWAY_SECONDS):
        ends = time.monotonic() + seconds
        while True:
            value = read()
            if accept(value) or time.monotonic() > ends:
                return value
            threading.Event().wait(0.05)

    def test_the_version_is_known(self, previews):
        assert previews.version().startswith("v1.")

    def test_a_namespace_is_made_once_and_a_second_run_changes_nothing(self, api, previews, name):
        wanted = spec(name=name, allow_from_namespaces=("kube-system",))

        assert previews.ensure_namespace(wanted) is True
        assert previews.ensure_namespace(wanted) is False
        _, quota = api.request("GET", f"/api/v1/namespaces/{name}/resourcequotas/eod-quota")
        assert quota["spec"]["hard"]["limits.memory"] == "4Gi"
        _, policy = api.request(
            "GET", f"/apis/networking.k8s.io/v1/namespaces/{name}/networkpolicies/eod-isolation"
        )
        assert policy["spec"]["policyTypes"] == ["Ingress"]

    def test_what_others_added_stays_and_what_is_ours_comes_back(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        theirs = {"metadata": {"labels": {"team": "shop", "environment.on-demand/owner": "intruder"}}}
        api.request("PATCH", f"/api/v1/namespaces/{name}", body=theirs, content_type=MERGE)

        assert previews.ensure_namespace(spec(name=name)) is True

        _, after = api.request("GET", f"/api/v1/namespaces/{name}")
        assert after["metadata"]["labels"]["team"] == "shop"
        assert after["metadata"]["labels"]["environment.on-demand/owner"] == "octocat"

    def test_a_label_that_is_no_longer_wanted_goes(self, api, previews, name):
        previews.ensure_namespace(spec(name=name, labels={"istio-injection": "enabled"}))
        previews.ensure_namespace(spec(name=name))

        _, after = api.request("GET", f"/api/v1/namespaces/{name}")
        assert "istio-injection" not in after["metadata"]["labels"]

    def test_a_guardrail_that_is_no_longer_wanted_goes(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))

        assert previews.ensure_namespace(spec(name=name, cpu=None, memory=None, network_policy=False)) is True
        assert previews.ensure_namespace(spec(name=name, cpu=None, memory=None, network_policy=False)) is False
        assert {item.kind for item in previews.contents(name)} == {"limitrange"}

    def test_a_namespace_of_somebody_else_is_left_as_it_is(self, api, previews, name):
        before = self.create(api, "/api/v1/namespaces", {"metadata": {"name": name}})

        with pytest.raises(ClusterError, match="eod leaves it alone"):
            previews.ensure_namespace(spec(name=name))
        with pytest.raises(ClusterError, match="eod leaves it alone"):
            previews.delete_namespace(name, 5)
        with pytest.raises(ClusterError, match="eod leaves it alone"):
            previews.drain_load_balancers(name, 5)

        _, after = api.request("GET", f"/api/v1/namespaces/{name}")
        assert after["metadata"].get("labels") == before["metadata"].get("labels")
        assert not after["metadata"].get("deletionTimestamp")

    def test_kube_system_cannot_be_hit(self, api, previews):
        for act in (
            lambda: previews.ensure_namespace(spec(name="kube-system")),
            lambda: previews.delete_namespace("kube-system", 1),
            lambda: previews.drain_load_balancers("kube-system", 1),
        ):
            with pytest.raises(ClusterError, match="the cluster's own"):
                act()

    def test_a_quantity_that_is_none_is_the_configurations_fault(self, previews, name):
        with pytest.raises(ClusterError) as caught:
            previews.ensure_namespace(spec(name=name, memory="plenty"))
        assert "guardrails" in caught.value.fix

    def test_a_namespace_that_is_still_going_is_waited_for(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        _, first = api.request("GET", f"/api/v1/namespaces/{name}")
        self.config_map(api, name, hold="example.com/hold")
        api.request("DELETE", f"/api/v1/namespaces/{name}")
        path = self.held.pop()
        let_go = threading.Timer(
            0.5, lambda: api.request("PATCH", path, body={"metadata": {"finalizers": None}}, content_type=MERGE)
        )
        let_go.start()

        assert previews.ensure_namespace(spec(name=name)) is True
        let_go.join()
        _, second = api.request("GET", f"/api/v1/namespaces/{name}")
        assert second["metadata"]["uid"] != first["metadata"]["uid"]

    def test_a_namespace_that_never_goes_is_not_waited_for_for_ever(self, api, name):
        impatient = Cluster(api, RealClock(), terminating_seconds=1)
        impatient.ensure_namespace(spec(name=name))
        self.config_map(api, name, hold="example.com/hold")
        api.request("DELETE", f"/api/v1/namespaces/{name}")

        with pytest.raises(NamespaceStuckError, match="still being deleted") as caught:
            impatient.ensure_namespace(spec(name=name))
        assert "configmap stuck is held by example.com/hold" in caught.value.detail

    def test_previews_are_listed_and_others_are_not(self, api, previews, name):
        previews.ensure_namespace(spec(name=name, annotations={"environment.on-demand/repository": "o/r"}))

        found = {info.name: info for info in previews.namespaces()}

        assert "default" not in found
        assert found[name].environment == name
        assert found[name].repository == "o/r"
        assert found[name].terminating is False
        assert found[name].created_at.tzinfo is not None

    def test_contents_are_what_somebody_made(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        self.deployment(api, name)
        self.config_map(api, name, of="settings")
        self.eventually(
            lambda: api.request("GET", f"/api/v1/namespaces/{name}/pods")[1]["items"], lambda items: items
        )

        items = {f"{item.kind} {item.id}" for item in previews.contents(name)}

        assert items == {
            f"configmap {name}/settings",
            f"deployment {name}/web",
            f"limitrange {name}/eod-limits",
            f"networkpolicy {name}/eod-isolation",
            f"resourcequota {name}/eod-quota",
        }

    def test_there_is_nothing_in_a_namespace_that_does_not_exist(self, previews):
        assert previews.contents("pr-never-made") == ()
        assert previews.drain_load_balancers("pr-never-made", 1) == ()
        assert previews.delete_namespace("pr-never-made", 1).existed is False

    def test_a_namespace_is_deleted_and_gone(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        self.config_map(api, name, of="settings")

        removal = previews.delete_namespace(name, 60)

        assert removal.existed
        assert f"{name}/settings" in {item.id for item in removal.removed}
        assert api.request("GET", f"/api/v1/namespaces/{name}")[0] == 404
        assert previews.delete_namespace(name, 60).existed is False

    def test_a_namespace_held_by_a_finalizer_is_diagnosed(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        self.config_map(api, name, hold="example.com/hold")

        with pytest.raises(NamespaceStuckError) as caught:
            previews.delete_namespace(name, self.stuck_seconds)

        assert "configmap stuck is held by example.com/hold" in caught.value.detail
        assert "NamespaceFinalizersRemaining" in caught.value.detail
        assert "NamespaceContentRemaining" in caught.value.detail

    def test_finalizers_are_forced_only_when_asked(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        self.config_map(api, name, hold="example.com/hold")

        assert previews.delete_namespace(name, 1, force_finalizers=True).existed
        assert api.request("GET", f"/api/v1/namespaces/{name}")[0] == 404
        self.held.clear()

    def test_a_deployment_over_the_quota_is_refused_and_the_reason_is_found(self, api, previews, name):
        previews.ensure_namespace(spec(name=name, cpu="150m"))
        self.deployment(api, name, replicas=2)

        lines = self.eventually(
            lambda: previews.problems(name), lambda found: any("exceeded quota" in line for line in found)
        )

        assert any("ReplicaSet web" in line and "exceeded quota: eod-quota" in line for line in lines), lines

    def test_a_healthy_namespace_has_no_problems(self, previews, name):
        previews.ensure_namespace(spec(name=name))

        assert previews.problems(name) == ()

    def test_an_ingress_gives_its_address(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        host = f"{name}.preview.example.com"
        self.ingress(api, name, host)

        found = self.eventually(lambda: previews.load_balancer(name, host), lambda found: found is not None)

        assert found is not None
        assert found.source == "ingress web"
        assert found.port > 0

    def test_load_balancers_are_drained(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        self.ingress(api, name, "a.example.com")

        assert [item.id for item in previews.drain_load_balancers(name, 30)] == [f"{name}/web"]
        assert previews.drain_load_balancers(name, 30) == ()

    def test_an_ingress_whose_controller_is_dead_names_the_finalizer_and_keeps_it(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        self.ingress(api, name, "a.example.com", hold="group.ingress.k8s.aws/shop")

        with pytest.raises(ClusterError, match="not given back") as caught:
            previews.drain_load_balancers(name, 1)

        assert caught.value.detail.startswith("ingress web is held by")
        assert "group.ingress.k8s.aws/shop" in caught.value.detail
        path = f"/apis/networking.k8s.io/v1/namespaces/{name}/ingresses/web"
        assert "group.ingress.k8s.aws/shop" in api.request("GET", path)[1]["metadata"]["finalizers"]

    def test_a_load_balancers_finalizer_is_not_even_forced(self, api, previews, name, monkeypatch):
        monkeypatch.setattr("eod.cluster.removal._AFTER_FORCE_SECONDS", 1.0)
        previews.ensure_namespace(spec(name=name))
        self.ingress(api, name, "a.example.com", hold="group.ingress.k8s.aws/shop")

        with pytest.raises(NamespaceStuckError) as caught:
            previews.delete_namespace(name, 1, force_finalizers=True)
        assert "leaks security groups" in caught.value.fix

    def test_an_ingress_that_is_made_anew_is_drained_again(self, api, previews, name):
        previews.ensure_namespace(spec(name=name))
        self.ingress(api, name, "a.example.com", hold="example.com/slow")
        path = self.held.pop()

        def heal():
            api.request("PATCH", path, body={"metadata": {"finalizers": None}}, content_type=MERGE)
            self.eventually(lambda: api.request("GET", path)[0], lambda status: status == 404)

        healer = threading.Timer(0.3, heal)
        healer.start()
        previews.drain_load_balancers(name, 30)
        healer.join()
        assert api.request("GET", path)[0] == 404


MERGE = "application/merge-patch+json"
