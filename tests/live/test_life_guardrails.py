"""What a preview may not do is refused by the cluster itself, and the pull request says so."""

import pytest
import yaml

from testbed.waiting import eventually
from tests.live.world import EXAMPLE, MERGE, change, edited

pytestmark = pytest.mark.live
TYPO = change("121-typo")
LIGHTWEIGHT = ("eod/tier: lightweight",)
IMPATIENT = {"argocd": {"timeout-minutes": 0.25}}


def test_a_deployment_over_the_quota_is_refused_and_the_pull_request_says_which(world):
    world.configure(IMPATIENT)
    greedy = edited("deploy/workload/deployment.yaml", "cpu: 400m", "cpu: 3")
    number = world.open(greedy, labels=LIGHTWEIGHT)
    assert world.event(number, "opened") == 1
    for told in (world.summary, world.comment(number)):
        assert "ReplicaSet shop-" in told
        assert "exceeded quota: eod-quota, requested: limits.cpu=3" in told
    assert world.record_of(number)["phase"] == "failed"
    assert world.record_of(number)["failure"]["step"] == "sync"
    assert world.deployment(number)["status"].get("readyReplicas", 0) == 0

    world.configure({"argocd": {"timeout-minutes": 2}})
    world.repository.push("change", edited("deploy/workload/deployment.yaml", "", ""), message="Modest")
    assert world.event(number, "synchronize") == 0
    assert world.record_of(number)["phase"] == "ready"


def test_an_environment_has_its_guardrails_and_lives_under_the_examples_policies(world, policies):
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    metadata = world.namespace(number)["metadata"]
    assert metadata["labels"]["environment.on-demand/owner"] == "octocat"
    assert metadata["labels"]["environment.on-demand/ttl"] == "24h"
    assert metadata["annotations"]["environment.on-demand/pr-url"].endswith(f"/pull/{number}")
    (quota,) = world.listing(number, "v1", "resourcequotas")
    assert quota["status"]["hard"] == {
        "limits.cpu": "2",
        "limits.memory": "4Gi",
        "requests.cpu": "2",
        "requests.memory": "4Gi",
    }
    (limits,) = world.listing(number, "v1", "limitranges")
    assert limits["spec"]["limits"][0]["default"] == {"cpu": "250m", "memory": "256Mi"}
    (isolation,) = world.listing(number, "networking.k8s.io/v1", "networkpolicies")
    assert isolation["spec"]["podSelector"] == {}
    assert {"podSelector": {}} in isolation["spec"]["ingress"][0]["from"]

    # A second run changes nothing about them.
    assert world.event(number, "synchronize") == 0
    assert versions(world.listing(number, "v1", "limitranges")) == versions([limits])
    assert versions(world.listing(number, "networking.k8s.io/v1", "networkpolicies")) == versions([isolation])

    world.close(number)
    assert world.namespace(number) is None


def test_a_public_load_balancer_is_refused_and_the_pull_request_says_why(world, policies):
    world.configure(IMPATIENT)
    public = edited("deploy/workload/service.yaml", "type: ClusterIP", "type: LoadBalancer")
    number = world.open(public, labels=LIGHTWEIGHT)
    assert world.event(number, "opened") == 1
    for told in (world.summary, world.comment(number)):
        assert "may not have a Service of type LoadBalancer" in told
    assert world.record_of(number)["phase"] == "failed"

    # What the platform team allows for this preview goes.
    world.configure({"argocd": {"timeout-minutes": 2}})
    allowed = {"metadata": {"annotations": {"environment.on-demand/allow-public": "true"}}}
    world.kube("PATCH", f"/api/v1/namespaces/pr-{number}", allowed, content_type=MERGE)
    world.repository.push("change", {"app/README": "Public now.\n"}, message="Again")
    assert world.event(number, "synchronize") == 0
    assert world.record_of(number)["phase"] == "ready"


def versions(things):
    """They move with every write."""
    return [thing["metadata"]["resourceVersion"] for thing in things]


@pytest.fixture(scope="module")
def policies(cluster):
    """The example's admission policies, in force."""
    from kubernetes import client, utils

    listed = yaml.safe_load((EXAMPLE / "policies/kustomization.yaml").read_text())["resources"]
    manifests = [one for name in listed for one in yaml.safe_load_all((EXAMPLE / "policies" / name).read_text())]
    nobodys = {"metadata": {"name": "nobodys", "labels": {"app.kubernetes.io/name": "preview"}}}
    with cluster.api() as api:

        def in_force():
            try:
                client.CoreV1Api(api).create_namespace(nobodys, dry_run="All")
            except client.ApiException as refused:
                return "environment.on-demand/owner" in str(refused.body)
            return False

        try:
            for manifest in manifests:
                utils.create_from_dict(api, manifest)
            eventually(in_force)
            yield
        finally:
            admission = client.AdmissionregistrationV1Api(api)
            for name in {manifest["metadata"]["name"] for manifest in manifests}:
                admission.delete_validating_admission_policy_binding(name)
                admission.delete_validating_admission_policy(name)
