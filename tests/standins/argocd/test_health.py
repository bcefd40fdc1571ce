import itertools

import pytest

from standins.argocd.health import health_of, worse


def _value(api_version, kind, spec=None, generation=1, **status):
    meta = {"name": "web", "generation": generation}
    return {"apiVersion": api_version, "kind": kind, "metadata": meta, "spec": spec or {}, "status": status}


def _condition(kind, status="True", **more):
    return [{"type": kind, "status": status, **more}]


@pytest.mark.parametrize(
    ("value", "health"),
    [
        (_value("apps/v1", "Deployment", {"paused": True}), "Suspended"),
        (_value("apps/v1", "Deployment", {"replicas": 1}, generation=2, observedGeneration=1), "Progressing"),
        (
            _value(
                "apps/v1",
                "Deployment",
                {"replicas": 1},
                observedGeneration=1,
                conditions=_condition("Progressing", "False", reason="ProgressDeadlineExceeded"),
            ),
            "Degraded",
        ),
        (_value("apps/v1", "Deployment", {"replicas": 2}, observedGeneration=1, updatedReplicas=1), "Progressing"),
        (
            _value("apps/v1", "Deployment", {"replicas": 1}, observedGeneration=1, updatedReplicas=1, replicas=2),
            "Progressing",
        ),
        (
            _value("apps/v1", "Deployment", {"replicas": 1}, observedGeneration=1, updatedReplicas=1, replicas=1),
            "Progressing",
        ),
        (
            _value(
                "apps/v1",
                "Deployment",
                {"replicas": 1},
                observedGeneration=1,
                updatedReplicas=1,
                replicas=1,
                availableReplicas=1,
            ),
            "Healthy",
        ),
        (_value("apps/v1", "StatefulSet", {"replicas": 1}, observedGeneration=1), "Progressing"),
        (
            _value("apps/v1", "StatefulSet", {"replicas": 0}, observedGeneration=1, updateRevision="a"),
            "Progressing",
        ),
        (_value("apps/v1", "StatefulSet", {"replicas": 0}, observedGeneration=1), "Healthy"),
        (_value("apps/v1", "DaemonSet", observedGeneration=1, desiredNumberScheduled=1), "Progressing"),
        (_value("apps/v1", "DaemonSet", observedGeneration=1), "Healthy"),
        (_value("apps/v1", "ReplicaSet", {"replicas": 1}, observedGeneration=1), "Progressing"),
        (
            _value("apps/v1", "ReplicaSet", observedGeneration=1, conditions=_condition("ReplicaFailure")),
            "Degraded",
        ),
        (_value("v1", "Pod", phase="Running", conditions=_condition("Ready")), "Healthy"),
        (_value("v1", "Pod", phase="Running"), "Progressing"),
        (_value("v1", "Pod", phase="Failed"), "Degraded"),
        (_value("v1", "Pod", phase="Succeeded"), "Healthy"),
        (
            _value("v1", "Pod", containerStatuses=[{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]),
            "Degraded",
        ),
        (_value("batch/v1", "Job"), "Progressing"),
        (_value("batch/v1", "Job", conditions=_condition("Complete")), "Healthy"),
        (_value("batch/v1", "Job", conditions=_condition("Failed")), "Degraded"),
        (_value("batch/v1", "Job", conditions=_condition("Suspended")), "Suspended"),
        (_value("v1", "Service"), "Healthy"),
        (_value("v1", "Service", {"type": "LoadBalancer"}), "Progressing"),
        (_value("v1", "Service", {"type": "LoadBalancer"}, loadBalancer={"ingress": [{}]}), "Healthy"),
        (_value("networking.k8s.io/v1", "Ingress"), "Progressing"),
        (_value("networking.k8s.io/v1", "Ingress", loadBalancer={"ingress": [{}]}), "Healthy"),
        (_value("v1", "PersistentVolumeClaim", phase="Bound"), "Healthy"),
        (_value("v1", "PersistentVolumeClaim", phase="Pending"), "Progressing"),
        (_value("v1", "PersistentVolumeClaim", phase="Lost"), "Degraded"),
        (_value("apiregistration.k8s.io/v1", "APIService", conditions=_condition("Available")), "Healthy"),
        (_value("apiregistration.k8s.io/v1", "APIService"), "Progressing"),
    ],
)
def test_health_by_kind(value, health):
    found = health_of(value)
    assert found is not None
    assert found[0] == health


def test_kinds_without_a_check_have_no_health():
    assert health_of(_value("v1", "ConfigMap")) is None


def test_what_is_being_deleted_progresses():
    value = _value("v1", "ConfigMap")
    value["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z"
    assert health_of(value) == ("Progressing", "Pending deletion")


def test_the_worst_child_wins():
    order = ["Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"]
    for one, other in itertools.pairwise(order):
        assert worse(one, other) == worse(other, one) == other
