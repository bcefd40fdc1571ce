"""The values that the API fills in where an object leaves them out."""

import base64
import ipaddress
from collections.abc import Callable
from typing import Any, Final

from standins.kubernetes.objects import Object
from standins.kubernetes.resources import ResourceType


def fill_defaults(value: Object, resource: ResourceType) -> None:
    """Fill in what is left out, in place. Custom resources have no defaults but their schema's."""
    filler = _FILLERS.get(resource.qualified)
    if filler:
        filler(value)


def _default(value: Object, **defaults: Any) -> None:
    for key, default in defaults.items():
        value.setdefault(key, default)


def _pod_spec(spec: Object) -> None:
    _default(
        spec,
        restartPolicy="Always",
        terminationGracePeriodSeconds=30,
        dnsPolicy="ClusterFirst",
        securityContext={},
        schedulerName="default-scheduler",
    )
    if "serviceAccountName" in spec:
        spec.setdefault("serviceAccount", spec["serviceAccountName"])
    for kind in ("containers", "initContainers"):
        for container in spec.get(kind) or []:
            _container(container)
    for volume in spec.get("volumes") or []:
        _volume(volume)


def _container(container: Object) -> None:
    image = container.get("image", "")
    tag = image.rpartition("/")[2].partition(":")[2]
    _default(
        container,
        resources={},
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        imagePullPolicy="Always" if tag in {"", "latest"} and "@" not in image else "IfNotPresent",
    )
    for port in container.get("ports") or []:
        _default(port, protocol="TCP")
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if name in container:
            _probe(container[name])
    for variable in container.get("env") or []:
        if "fieldRef" in (source := variable.get("valueFrom") or {}):
            _default(source["fieldRef"], apiVersion="v1")


def _probe(probe: Object) -> None:
    _default(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    if "httpGet" in probe:
        _default(probe["httpGet"], path="/", scheme="HTTP")
    if "grpc" in probe:
        _default(probe["grpc"], service="")


def _volume(volume: Object) -> None:
    for kind in ("configMap", "secret", "downwardAPI", "projected"):
        if kind in volume:
            _default(volume[kind], defaultMode=420)
    if "hostPath" in volume:
        _default(volume["hostPath"], type="")
    if not volume.keys() - {"name"}:
        volume["emptyDir"] = {}


def _template(spec: Object) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    _pod_spec(template.setdefault("spec", {}))


def _deployment(value: Object) -> None:
    spec = value["spec"]
    _default(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = spec.setdefault("strategy", {})
    _default(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _default(strategy.setdefault("rollingUpdate", {}), maxUnavailable="25%", maxSurge="25%")
    _template(spec)


def _replica_set(value: Object) -> None:
    _default(value["spec"], replicas=1)
    _template(value["spec"])


def _stateful_set(value: Object) -> None:
    spec = value["spec"]
    _default(spec, replicas=1, revisionHistoryLimit=10, podManagementPolicy="OrderedReady", serviceName="")
    strategy = spec.setdefault("updateStrategy", {})
    _default(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _default(strategy.setdefault("rollingUpdate", {}), partition=0)
    _default(
        spec.setdefault("persistentVolumeClaimRetentionPolicy", {}), whenDeleted="Retain", whenScaled="Retain"
    )
    for claim in spec.get("volumeClaimTemplates") or []:
        _default(claim, apiVersion="v1", kind="PersistentVolumeClaim", status={"phase": "Pending"})
        _persistent_volume_claim(claim)
    _template(spec)


def _daemon_set(value: Object) -> None:
    spec = value["spec"]
    _default(spec, revisionHistoryLimit=10)
    strategy = spec.setdefault("updateStrategy", {})
    _default(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _default(strategy.setdefault("rollingUpdate", {}), maxUnavailable=1, maxSurge=0)
    _template(spec)


def _job_spec(spec: Object) -> None:
    _default(
        spec,
        backoffLimit=6,
        completionMode="NonIndexed",
        suspend=False,
        podReplacementPolicy="TerminatingOrFailed",
        manualSelector=False,
    )
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    _default(spec, parallelism=1)


def _job(value: Object) -> None:
    _job_spec(value["spec"])
    _template(value["spec"])


def _cron_job(value: Object) -> None:
    spec = value["spec"]
    _default(
        spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1
    )
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    _template(template.setdefault("spec", {}))


def select_own_pods(job: Object) -> None:
    """Give a new Job the selector by which it finds its pods, and its pods the labels."""
    spec, meta = job["spec"], job["metadata"]
    if spec.get("manualSelector"):
        return
    labels = spec["template"]["metadata"].setdefault("labels", {})
    for prefix in ("", "batch.kubernetes.io/"):
        labels[f"{prefix}controller-uid"] = meta["uid"]
        labels[f"{prefix}job-name"] = meta["name"]
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": meta["uid"]}}


def _service(value: Object) -> None:
    spec = value.setdefault("spec", {})
    _default(spec, type="ClusterIP", sessionAffinity="None")
    if spec["type"] == "ExternalName":
        return
    _default(spec, internalTrafficPolicy="Cluster", ipFamilyPolicy="SingleStack", ipFamilies=["IPv4"])
    for port in spec.get("ports") or []:
        _default(port, protocol="TCP", targetPort=port.get("port"))
    if spec["type"] in {"NodePort", "LoadBalancer"}:
        _default(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        _default(spec, allocateLoadBalancerNodePorts=True)


def allocate_cluster_ip(value: Object, number: int) -> None:
    """Give a Service its cluster address; `number` counts allocations."""
    spec = value["spec"]
    if spec["type"] == "ExternalName":
        return
    address = str(ipaddress.IPv4Address("10.96.0.10") + number)
    _default(spec, clusterIP=address)
    _default(spec, clusterIPs=[spec["clusterIP"]])
    if spec["type"] in {"NodePort", "LoadBalancer"}:
        for offset, port in enumerate(spec.get("ports") or []):
            port.setdefault("nodePort", 30000 + (number * 7 + offset) % 2768)


def _network_policy(value: Object) -> None:
    spec = value.setdefault("spec", {})
    spec.setdefault("podSelector", {})
    if "policyTypes" not in spec:
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for rule in (spec.get("ingress") or []) + (spec.get("egress") or []):
        for port in rule.get("ports") or []:
            _default(port, protocol="TCP")


def _limit_range(value: Object) -> None:
    for item in (value.get("spec") or {}).get("limits") or []:
        if item.get("type") != "Container":
            continue
        if "max" in item:
            limits = item.setdefault("default", {})
            for name, amount in item["max"].items():
                limits.setdefault(name, amount)
        if "default" in item:
            requests = item.setdefault("defaultRequest", {})
            for name, amount in item["default"].items():
                requests.setdefault(name, amount)


def _secret(value: Object) -> None:
    _default(value, type="Opaque")
    if plain := value.pop("stringData", None):
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in plain.items()}
        value["data"] = {**(value.get("data") or {}), **encoded}


def _namespace(value: Object) -> None:
    value.setdefault("metadata", {}).setdefault("labels", {})["kubernetes.io/metadata.name"] = value["metadata"][
        "name"
    ]
    if "resourceVersion" not in value["metadata"]:
        value.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])


def _persistent_volume_claim(value: Object) -> None:
    _default(value.setdefault("spec", {}), volumeMode="Filesystem")


def _binding(value: Object) -> None:
    _default(value["roleRef"], apiGroup="rbac.authorization.k8s.io")
    for subject in value.get("subjects") or []:
        if subject.get("kind") in {"User", "Group"}:
            _default(subject, apiGroup="rbac.authorization.k8s.io")


def _admission_policy(value: Object) -> None:
    spec = value.setdefault("spec", {})
    _default(spec, failurePolicy="Fail")
    constraints = spec.get("matchConstraints")
    if constraints is not None:
        _default(constraints, matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})
        for rule in constraints.get("resourceRules") or []:
            _default(rule, scope="*")


def _horizontal_pod_autoscaler(value: Object) -> None:
    _default(value["spec"], minReplicas=1)


def _custom_resource_definition(value: Object) -> None:
    spec = value["spec"]
    names = spec["names"]
    _default(names, singular=names["kind"].lower(), listKind=f"{names['kind']}List")
    _default(spec, conversion={"strategy": "None"})


def _priority_class(value: Object) -> None:
    _default(value, preemptionPolicy="PreemptLowerPriority")


def _pod(value: Object) -> None:
    spec = value["spec"]
    _pod_spec(spec)
    _default(spec, enableServiceLinks=True, serviceAccountName="default")
    _default(spec, serviceAccount=spec["serviceAccountName"])
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        for name, amount in (container["resources"].get("limits") or {}).items():
            container["resources"].setdefault("requests", {}).setdefault(name, amount)


_FILLERS: Final[dict[str, Callable[[Object], None]]] = {
    "pods": _pod,
    "priorityclasses.scheduling.k8s.io": _priority_class,
    "deployments.apps": _deployment,
    "replicasets.apps": _replica_set,
    "statefulsets.apps": _stateful_set,
    "daemonsets.apps": _daemon_set,
    "jobs.batch": _job,
    "cronjobs.batch": _cron_job,
    "services": _service,
    "networkpolicies.networking.k8s.io": _network_policy,
    "limitranges": _limit_range,
    "secrets": _secret,
    "namespaces": _namespace,
    "persistentvolumeclaims": _persistent_volume_claim,
    "rolebindings.rbac.authorization.k8s.io": _binding,
    "clusterrolebindings.rbac.authorization.k8s.io": _binding,
    "validatingadmissionpolicies.admissionregistration.k8s.io": _admission_policy,
    "horizontalpodautoscalers.autoscaling": _horizontal_pod_autoscaler,
    "customresourcedefinitions.apiextensions.k8s.io": _custom_resource_definition,
}
