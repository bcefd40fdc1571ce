"""The checks that go beyond a schema: names, labels, selectors, what may not change."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from standins.kubernetes.errors import bad_request, invalid
from standins.kubernetes.objects import Object, finalizers_of, is_deleting
from standins.kubernetes.quantities import parse_quantity
from standins.kubernetes.resources import ResourceType
from standins.kubernetes.selectors import selects

Cause = tuple[str, str, str]

_LABEL: Final = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
_SUBDOMAIN: Final = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
_QUALIFIED: Final = re.compile(r"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$")
_LABEL_VALUE: Final = re.compile(r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")

_LABEL_RULE: Final = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_RULE: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_VALUE_RULE: Final = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex "
    "used for validation "
    "is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_NAME_RULE: Final = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)


def validate(value: Object, before: Object | None, resource: ResourceType) -> None:
    """Refuse what the real API would refuse after decoding.

    Raises:
        StatusError: 422, with every cause.
    """
    causes = [*_metadata(value, resource), *_finalizers(value, before)]
    if checks := _CHECKS.get(resource.qualified):
        causes += checks(value)
    if before is not None:
        causes += _immutable(value, before, resource)
    if causes:
        raise invalid(resource.kind, resource.group, value["metadata"].get("name", ""), causes)


def _metadata(value: Object, resource: ResourceType) -> Iterator[Cause]:
    name = value["metadata"]["name"]
    if resource.plural in {"namespaces", "services"} and resource.group == "":
        if not _LABEL.match(name):
            yield _bad("metadata.name", name, _LABEL_RULE)
        if len(name) > 63:
            yield _bad("metadata.name", name, "must be no more than 63 characters")
    elif resource.group != "rbac.authorization.k8s.io":
        if not _SUBDOMAIN.match(name):
            yield _bad("metadata.name", name, _SUBDOMAIN_RULE)
        if len(name) > 253:
            yield _bad("metadata.name", name, "must be no more than 253 characters")
    for key, text in (value["metadata"].get("labels") or {}).items():
        if problem := _qualified_name(key):
            yield _bad("metadata.labels", key, problem)
        if not _LABEL_VALUE.match(text):
            yield _bad("metadata.labels", text, _VALUE_RULE)
        if len(text) > 63:
            yield _bad("metadata.labels", text, "must be no more than 63 bytes")
    for key in value["metadata"].get("annotations") or {}:
        if problem := _qualified_name(key.lower()):
            yield _bad("metadata.annotations", key, problem)


def _qualified_name(key: str) -> str | None:
    prefix, slash, name = key.rpartition("/")
    if slash and not _SUBDOMAIN.match(prefix):
        return f"prefix part {_SUBDOMAIN_RULE}"
    if not name:
        return "name part must be non-empty"
    if len(name) > 63:
        return "name part must be no more than 63 characters"
    return None if _QUALIFIED.match(name) else _NAME_RULE


def _finalizers(value: Object, before: Object | None) -> Iterator[Cause]:
    for name in finalizers_of(value):
        if problem := _qualified_name(name):
            yield _bad("metadata.finalizers", name, problem)
    if before is not None and is_deleting(before):
        added = [name for name in finalizers_of(value) if name not in finalizers_of(before)]
        if added:
            listed = ", ".join(f'"{name}"' for name in added)
            message = (
                "Forbidden: no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{listed}}}"
            )
            yield "FieldValueForbidden", "metadata.finalizers", message


def _bad(field: str, value: Any, why: str) -> Cause:
    return "FieldValueInvalid", field, f"Invalid value: {json.dumps(value)}: {why}"


def _required(field: str) -> Cause:
    return "FieldValueRequired", field, "Required value"


def _pod(value: Object) -> Iterator[Cause]:
    yield from _pod_spec(value.get("spec") or {}, "spec")


def _pod_spec(spec: Object, path: str) -> Iterator[Cause]:
    if not spec.get("containers"):
        yield _required(f"{path}.containers")
    names: set[str] = set()
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(kind) or []):
            here = f"{path}.{kind}[{index}]"
            yield from _container(container, here)
            if container["name"] in names:
                yield "FieldValueDuplicate", f"{here}.name", f'Duplicate value: "{container["name"]}"'
            names.add(container["name"])
    volumes = {volume["name"] for volume in spec.get("volumes") or []}
    for index, container in enumerate(spec.get("containers") or []):
        for number, mount in enumerate(container.get("volumeMounts") or []):
            if mount["name"] not in volumes:
                field = f"{path}.containers[{index}].volumeMounts[{number}].name"
                yield "FieldValueNotFound", field, f'Not found: "{mount["name"]}"'


def _container(container: Object, path: str) -> Iterator[Cause]:
    if not container.get("image"):
        yield _required(f"{path}.image")
    if not _LABEL.match(container["name"]):
        yield _bad(f"{path}.name", container["name"], _LABEL_RULE)
    resources = container.get("resources") or {}
    limits = resources.get("limits") or {}
    for kind in ("limits", "requests"):
        for amount in (resources.get(kind) or {}).values():
            check_quantity(amount)
    for name, amount in (resources.get("requests") or {}).items():
        if name in limits and parse_quantity(amount) > parse_quantity(limits[name]):
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            yield _bad(f"{path}.resources.requests", str(amount), why)


def check_quantity(amount: Any) -> None:
    """Refuse what is no quantity, as decoding does.

    Raises:
        StatusError: 400.
    """
    try:
        parse_quantity(amount)
    except ValueError:
        pattern = "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        raise bad_request(
            f"unable to parse quantity's suffix: quantities must match the regular expression {pattern}"
        ) from None


def _workload(value: Object) -> Iterator[Cause]:
    spec = value["spec"]
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    selector = spec.get("selector")
    if selector is not None and not selects(selector, labels):
        yield _bad("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    yield from _pod_spec(template.get("spec") or {}, "spec.template.spec")


def _job(value: Object) -> Iterator[Cause]:
    spec = value["spec"]["template"]["spec"]
    if spec.get("restartPolicy") == "Always":
        message = 'Required value: valid values: "OnFailure", "Never"'
        yield "FieldValueRequired", "spec.template.spec.restartPolicy", message
    yield from _pod_spec(spec, "spec.template.spec")


def _service(value: Object) -> Iterator[Cause]:
    spec = value["spec"]
    if not spec.get("ports") and spec["type"] != "ExternalName" and spec.get("clusterIP") != "None":
        yield _required("spec.ports")
    if len(spec.get("ports") or []) > 1:
        for index, port in enumerate(spec["ports"]):
            if not port.get("name"):
                yield _required(f"spec.ports[{index}].name")


def _ingress(value: Object) -> Iterator[Cause]:
    spec = value.get("spec") or {}
    if not spec.get("rules") and not spec.get("defaultBackend"):
        yield (
            "FieldValueInvalid",
            "spec",
            "Invalid value: []: either `defaultBackend` or `rules` must be specified",
        )
    for index, rule in enumerate(spec.get("rules") or []):
        host = rule.get("host", "").removeprefix("*.")
        if host and not _SUBDOMAIN.match(host):
            yield _bad(f"spec.rules[{index}].host", host, _SUBDOMAIN_RULE)


def _quota(value: Object) -> Iterator[Cause]:
    for amount in (value.get("spec") or {}).get("hard", {}).values():
        check_quantity(amount)
    yield from ()


def _secret(value: Object) -> Iterator[Cause]:
    for text in (value.get("data") or {}).values():
        try:
            base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise bad_request(f"illegal base64 data: {error}") from None
    yield from ()


def _limit_range(value: Object) -> Iterator[Cause]:
    for item in (value.get("spec") or {}).get("limits") or []:
        for kind in ("max", "min", "default", "defaultRequest"):
            for amount in (item.get(kind) or {}).values():
                check_quantity(amount)
    yield from ()


def _definition(value: Object) -> Iterator[Cause]:
    spec = value["spec"]
    expected = f"{spec['names']['plural']}.{spec['group']}"
    if value["metadata"]["name"] != expected:
        yield _bad("metadata.name", value["metadata"]["name"], 'must be spec.names.plural+"."+spec.group')


_CHECKS: Final[dict[str, Callable[[Object], Iterator[Cause]]]] = {
    "pods": _pod,
    "deployments.apps": _workload,
    "replicasets.apps": _workload,
    "statefulsets.apps": _workload,
    "daemonsets.apps": _workload,
    "jobs.batch": _job,
    "services": _service,
    "ingresses.networking.k8s.io": _ingress,
    "resourcequotas": _quota,
    "secrets": _secret,
    "limitranges": _limit_range,
    "customresourcedefinitions.apiextensions.k8s.io": _definition,
}

_IMMUTABLE: Final[dict[str, tuple[str, ...]]] = {
    "deployments.apps": ("spec.selector",),
    "replicasets.apps": ("spec.selector",),
    "daemonsets.apps": ("spec.selector",),
    "statefulsets.apps": ("spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"),
    "jobs.batch": ("spec.selector", "spec.template", "spec.completions"),
    "services": ("spec.clusterIP",),
    "secrets": ("type",),
    "rolebindings.rbac.authorization.k8s.io": ("roleRef",),
    "clusterrolebindings.rbac.authorization.k8s.io": ("roleRef",),
}


def _immutable(value: Object, before: Object, resource: ResourceType) -> Iterator[Cause]:
    for path in _IMMUTABLE.get(resource.qualified, ()):
        old, new = lookup(before, path), lookup(value, path)
        if old != new and old is not None:
            yield _bad(path, new, "field is immutable")
    frozen = resource.plural in {"configmaps", "secrets"} and before.get("immutable")
    if frozen and any(value.get(key) != before.get(key) for key in ("data", "binaryData", "immutable")):
        yield "FieldValueForbidden", "data", "Forbidden: field is immutable when `immutable` is set"


def lookup(value: Any, path: str) -> Any:
    """The value at a dotted path, or None."""
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
