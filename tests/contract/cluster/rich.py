"""Objects that leave out all that may be left out, but use many kinds of fields."""

from typing import Any

Object = dict[str, Any]

_POD: Object = {
    "containers": [
        {
            "name": "app",
            "image": "app",
            "ports": [{"containerPort": 80}],
            "env": [{"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
            "resources": {"limits": {"cpu": "1"}},
            "livenessProbe": {"httpGet": {"port": 80}},
            "readinessProbe": {"grpc": {"port": 81}},
            "startupProbe": {"tcpSocket": {"port": 80}},
        }
    ],
    "volumes": [
        {"name": "a"},
        {"name": "b", "secret": {"secretName": "s"}},
        {"name": "c", "configMap": {"name": "c"}},
        {"name": "d", "hostPath": {"path": "/x"}},
    ],
}
_LABELS: Object = {"matchLabels": {"app": "web"}}
_TEMPLATE: Object = {"metadata": {"labels": {"app": "web"}}, "spec": _POD}
_JOB: Object = {
    "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a@sha256:b"}]}}
}

OBJECTS: dict[str, tuple[str, Object]] = {
    "Deployment": (
        "/apis/apps/v1/namespaces/{}/deployments",
        {"spec": {"replicas": 0, "selector": _LABELS, "template": _TEMPLATE}},
    ),
    "Recreating": (
        "/apis/apps/v1/namespaces/{}/deployments",
        {"spec": {"replicas": 0, "selector": _LABELS, "template": _TEMPLATE, "strategy": {"type": "Recreate"}}},
    ),
    "StatefulSet": (
        "/apis/apps/v1/namespaces/{}/statefulsets",
        {
            "spec": {
                "replicas": 0,
                "selector": _LABELS,
                "template": _TEMPLATE,
                "serviceName": "web",
                "volumeClaimTemplates": [
                    {
                        "metadata": {"name": "data"},
                        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
                    }
                ],
            }
        },
    ),
    "DaemonSet": (
        "/apis/apps/v1/namespaces/{}/daemonsets",
        {"spec": {"selector": _LABELS, "template": _TEMPLATE}},
    ),
    "ReplicaSet": (
        "/apis/apps/v1/namespaces/{}/replicasets",
        {"spec": {"replicas": 0, "selector": _LABELS, "template": _TEMPLATE}},
    ),
    "Job": ("/apis/batch/v1/namespaces/{}/jobs", {"spec": {"suspend": True, **_JOB}}),
    "CronJob": (
        "/apis/batch/v1/namespaces/{}/cronjobs",
        {"spec": {"schedule": "* * * * *", "suspend": True, "jobTemplate": {"spec": _JOB}}},
    ),
    "Service": (
        "/api/v1/namespaces/{}/services",
        {"spec": {"selector": {"app": "web"}, "ports": [{"port": 80}], "clusterIP": "None"}},
    ),
    "ExternalName": (
        "/api/v1/namespaces/{}/services",
        {"spec": {"type": "ExternalName", "externalName": "example.com"}},
    ),
    "Ingress": (
        "/apis/networking.k8s.io/v1/namespaces/{}/ingresses",
        {"spec": {"defaultBackend": {"service": {"name": "web", "port": {"name": "http"}}}}},
    ),
    "NetworkPolicy": (
        "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
        {"spec": {"podSelector": {}, "egress": [{"ports": [{"port": 53}]}]}},
    ),
    "LimitRange": (
        "/api/v1/namespaces/{}/limitranges",
        {"spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}, "min": {"cpu": "1m"}}, {"type": "Pod"}]}},
    ),
    "PersistentVolumeClaim": (
        "/api/v1/namespaces/{}/persistentvolumeclaims",
        {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
    ),
    "HorizontalPodAutoscaler": (
        "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers",
        {
            "spec": {
                "maxReplicas": 3,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                "metrics": [
                    {
                        "type": "Resource",
                        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}},
                    }
                ],
            }
        },
    ),
    "PodDisruptionBudget": (
        "/apis/policy/v1/namespaces/{}/poddisruptionbudgets",
        {"spec": {"minAvailable": "50%", "selector": _LABELS}},
    ),
    "RoleBinding": (
        "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
        {
            "roleRef": {"kind": "Role", "name": "x", "apiGroup": "rbac.authorization.k8s.io"},
            "subjects": [{"kind": "User", "name": "x"}],
        },
    ),
    "Lease": ("/apis/coordination.k8s.io/v1/namespaces/{}/leases", {"spec": {"holderIdentity": "x"}}),
    "ValidatingAdmissionPolicy": (
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
        {
            "spec": {
                "matchConstraints": {
                    "resourceRules": [
                        {
                            "apiGroups": [""],
                            "apiVersions": ["v1"],
                            "operations": ["CREATE"],
                            "resources": ["namespaces"],
                        }
                    ]
                },
                "validations": [{"expression": "true"}],
            }
        },
    ),
    "ValidatingAdmissionPolicyBinding": (
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
        {"spec": {"policyName": "x", "validationActions": ["Audit"]}},
    ),
    "PriorityClass": ("/apis/scheduling.k8s.io/v1/priorityclasses", {"value": 5}),
    "IngressClass": ("/apis/networking.k8s.io/v1/ingressclasses", {"spec": {"controller": "example.com/x"}}),
}
