import pytest

from eod.cluster.manifests import (
    guardrail_manifests,
    isolation_manifest,
    limits_manifest,
    namespace_manifest,
    quota_manifest,
)
from tests.cluster.specs import spec


def rules_of(manifest):
    """The spec of a guardrail that must be there."""
    assert manifest is not None
    return manifest["spec"]


def test_the_namespace_carries_exactly_the_labels_and_annotations_that_it_is_given():
    manifest = namespace_manifest(spec(labels={"istio-injection": "enabled"}))

    assert manifest["metadata"]["labels"]["istio-injection"] == "enabled"
    assert manifest["metadata"]["labels"]["app.kubernetes.io/instance"] == "pr-123"
    assert manifest["metadata"]["annotations"] == {
        "environment.on-demand/pr-url": "https://github.com/o/r/pull/123"
    }
    assert set(manifest) == {"apiVersion", "kind", "metadata"}


def test_the_quota_limits_requests_like_limits():
    assert rules_of(quota_manifest(spec(cpu="2", memory="4Gi")))["hard"] == {
        "limits.cpu": "2",
        "limits.memory": "4Gi",
        "requests.cpu": "2",
        "requests.memory": "4Gi",
    }


@pytest.mark.parametrize(
    ("cpu", "memory", "names"),
    [("2", None, {"limits.cpu", "requests.cpu"}), (None, "1Gi", {"limits.memory", "requests.memory"})],
)
def test_the_quota_leaves_out_what_is_not_limited(cpu, memory, names):
    assert set(rules_of(quota_manifest(spec(cpu=cpu, memory=memory)))["hard"]) == names


def test_without_limits_there_is_no_quota_but_containers_still_get_defaults():
    without = spec(cpu=None, memory=None)

    assert quota_manifest(without) is None
    assert "LimitRange" in {manifest["kind"] for manifest in guardrail_manifests(without)}


def test_a_container_that_says_nothing_gets_limits_that_the_quota_accepts():
    (limit,) = limits_manifest(spec(container_cpu="100m", container_memory="64Mi"))["spec"]["limits"]

    assert limit["default"] == limit["defaultRequest"] == {"cpu": "100m", "memory": "64Mi"}


def test_isolation_lets_in_the_own_namespace_and_those_named_and_leaves_egress_alone():
    allowed = ("istio-system", "ingress-nginx", "istio-system")
    rules = rules_of(isolation_manifest(spec(allow_from_namespaces=allowed)))

    (rule,) = rules["ingress"]
    assert rule["from"][0] == {"podSelector": {}}
    (expression,) = rule["from"][1]["namespaceSelector"]["matchExpressions"]
    assert expression["values"] == ["ingress-nginx", "istio-system"]
    assert rules["policyTypes"] == ["Ingress"]
    assert rules["podSelector"] == {}


def test_an_empty_list_of_namespaces_lets_in_none():
    # An expression with no values would be refused; a missing `from` would let in everybody.
    (rule,) = rules_of(isolation_manifest(spec(allow_from_namespaces=())))["ingress"]

    assert rule["from"] == [{"podSelector": {}}]


def test_isolation_lets_in_load_balancers_that_come_from_no_namespace():
    allowed = ("10.0.32.0/20", "10.0.16.0/20", "10.0.16.0/20")
    (rule,) = rules_of(isolation_manifest(spec(allow_from_cidrs=allowed, allow_from_namespaces=())))["ingress"]

    assert rule["from"][1:] == [{"ipBlock": {"cidr": "10.0.16.0/20"}}, {"ipBlock": {"cidr": "10.0.32.0/20"}}]


def test_isolation_can_be_switched_off():
    assert isolation_manifest(spec(network_policy=False)) is None
    assert "NetworkPolicy" not in {m["kind"] for m in guardrail_manifests(spec(network_policy=False))}


def test_guardrails_say_whose_they_are():
    for manifest in guardrail_manifests(spec()):
        assert manifest["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "eod-action"
        assert manifest["metadata"]["namespace"] == "pr-123"
