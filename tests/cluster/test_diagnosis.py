import pytest

from eod.cluster.diagnosis import explain, holds_load_balancer
from eod.cluster.listing import Found, Kind

MAPS = Kind(group_version="v1", plural="configmaps", singular="configmap")
INGRESSES = Kind(group_version="networking.k8s.io/v1", plural="ingresses", singular="ingress")


def namespace(*conditions):
    listed = [{"type": kind, "status": status, "message": message} for kind, status, message in conditions]
    return {"metadata": {"name": "pr-1"}, "status": {"phase": "Terminating", "conditions": listed}}


def found(kind=MAPS, name="x", finalizers=()):
    return Found(kind=kind, name=name, finalizers=finalizers, deleting=True)


def test_a_dead_api_service_is_named_and_comes_first():
    services = [
        {
            "metadata": {"name": "v1beta1.metrics.k8s.io"},
            "status": {"conditions": [{"type": "Available", "status": "False", "message": "no endpoints"}]},
        },
        {"metadata": {"name": "v1.apps"}, "status": {"conditions": [{"type": "Available", "status": "True"}]}},
    ]
    stuck = namespace(
        ("NamespaceContentRemaining", "True", "Some resources are remaining: configmaps."),
        ("NamespaceDeletionDiscoveryFailure", "True", "Discovery failed for some groups"),
    )

    lines, fix = explain(stuck, services, (found(finalizers=("example.com/hold",)),))

    assert lines[0] == "NamespaceDeletionDiscoveryFailure: Discovery failed for some groups"
    assert "APIService v1beta1.metrics.k8s.io is dead: no endpoints" in lines
    assert not any("v1.apps" in line for line in lines)
    assert "v1beta1.metrics.k8s.io" in fix


def test_finalizers_are_named_with_the_objects_that_they_hold():
    stuck = namespace(("NamespaceFinalizersRemaining", "True", "example.com/hold in 1 resource instances"))

    lines, fix = explain(stuck, [], (found(name="stuck", finalizers=("example.com/hold",)), found(name="plain")))

    assert lines[-1] == "configmap stuck is held by example.com/hold"
    assert "controller that set these finalizers" in fix


def test_nobody_is_told_to_strip_a_load_balancers_finalizer():
    held = found(INGRESSES, "web", ("group.ingress.k8s.aws/shop",))

    _, fix = explain(namespace(), [], (held,))

    assert "leaks security groups" in fix


def test_conditions_that_are_false_say_nothing():
    lines, _ = explain(
        namespace(("NamespaceContentRemaining", "False", "All content successfully removed")), [], ()
    )

    assert lines == ()


def test_what_merely_remains_is_waited_for():
    _, fix = explain(namespace(("NamespaceContentRemaining", "True", "pods. has 1")), [], (found(),))

    assert "Wait for these objects" in fix


@pytest.mark.parametrize(
    ("finalizer", "held"),
    [
        ("ingress.k8s.aws/resources", True),
        ("group.ingress.k8s.aws/shop", True),
        ("service.kubernetes.io/load-balancer-cleanup", True),
        ("example.com/hold", False),
        ("foregroundDeletion", False),
    ],
)
def test_which_finalizers_stand_before_a_load_balancer(finalizer, held):
    assert holds_load_balancer(finalizer) is held
