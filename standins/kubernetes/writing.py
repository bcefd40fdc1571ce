"""The verbs that write: create, update and patch."""

import json
import secrets
import uuid
from typing import Any, Final

from standins.kubernetes import admission, errors
from standins.kubernetes.apply import Manager, Ownership, apply, record_update, write_ownership
from standins.kubernetes.conformance import conform, refuse
from standins.kubernetes.defaults import allocate_cluster_ip, fill_defaults, select_own_pods
from standins.kubernetes.objects import Object, clone, finalizers_of, is_deleting, name_of
from standins.kubernetes.options import Clock, PatchKind, Write, utc_now
from standins.kubernetes.patches import json_patch, merge_patch, strategic_merge_patch
from standins.kubernetes.reading import Reader
from standins.kubernetes.resources import ResourceType, types_of_definition
from standins.kubernetes.validation import validate

_INITIAL_STATUS: Final[dict[str, Object]] = {
    "pods": {"phase": "Pending", "qosClass": "Burstable"},
    "namespaces": {"phase": "Active"},
    "services": {"loadBalancer": {}},
    "ingresses.networking.k8s.io": {"loadBalancer": {}},
    "persistentvolumeclaims": {"phase": "Pending"},
    "replicasets.apps": {"replicas": 0},
    "statefulsets.apps": {"replicas": 0, "availableReplicas": 0},
    "daemonsets.apps": {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
    },
    "poddisruptionbudgets.policy": {
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "disruptionsAllowed": 0,
        "expectedPods": 0,
    },
    "horizontalpodautoscalers.autoscaling": {"currentMetrics": None, "desiredReplicas": 0},
}


class Writer(Reader):
    """All verbs but delete."""

    def __init__(self, *, clock: Clock = utc_now, history: int = 20_000) -> None:
        super().__init__(clock=clock, history=history)
        self._addresses = 0

    def create(self, resource: ResourceType, namespace: str | None, value: Object, how: Write) -> Object:
        """Create an object.

        Raises:
            StatusError: As the real API refuses.
        """
        new = self._decode(value, resource, namespace, how)
        self._name_it(new, resource)
        with self.store.lock:
            if self.store.get(resource.key, namespace, name_of(new)) is not None:
                raise errors.already_exists(resource.qualified, name_of(new))
            manager = Manager(name=how.manager, operation="Update", api_version=resource.api_version)
            return self._create(resource, namespace, new, how, manager=manager)

    def _create(
        self,
        resource: ResourceType,
        namespace: str | None,
        new: Object,
        how: Write,
        *,
        manager: Manager,
        ownership: Ownership | None = None,
    ) -> Object:
        meta = new["metadata"]
        for key in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
            meta.pop(key, None)
        meta |= {"uid": str(uuid.uuid4()), "creationTimestamp": self.now()}
        meta.pop("generation", None)
        if resource.counts_generations:
            meta["generation"] = 1
        if resource.has_status:
            new.pop("status", None)
            if not resource.is_custom:
                new["status"] = clone(_INITIAL_STATUS.get(resource.qualified, {}))
        fill_defaults(new, resource)
        validate(new, None, resource)
        admission.admit_create(self.store, resource, namespace, new)
        if resource.qualified == "jobs.batch":
            select_own_pods(new)
        if resource.qualified == "services":
            self._addresses += 1
            allocate_cluster_ip(new, self._addresses)
        if ownership is None:
            ownership = record_update(None, new, manager, resource.schema)
        new["metadata"]["managedFields"] = write_ownership(ownership, None, self.now())
        if how.dry_run:
            return new
        self._before_store(new, None, resource)
        return self.store.put(resource.key, new)

    def update(
        self,
        resource: ResourceType,
        namespace: str | None,
        name: str,
        value: Object,
        how: Write,
        *,
        subresource: str = "",
    ) -> Object:
        """Replace an object.

        Raises:
            StatusError: As the real API refuses; 409 when the resource version is not the newest.
        """
        new = self._decode(value, resource, namespace, how)
        if new["metadata"].setdefault("name", name) != name:
            raise errors.bad_request(
                f"the name of the object ({new['metadata']['name']}) does not match the name on the URL ({name})"
            )
        with self.store.lock:
            old = self.get(resource, namespace, name)
            return self._replace(resource, old, new, how, subresource=subresource)

    def patch(
        self,
        resource: ResourceType,
        namespace: str | None,
        name: str,
        body: Any,
        *,
        kind: PatchKind,
        how: Write,
        subresource: str = "",
    ) -> tuple[Object, bool]:
        """Patch an object; true beside it when it was created by that, as server-side apply may.

        Raises:
            StatusError: As the real API refuses.
        """
        if kind == "strategic" and resource.is_custom:
            accepted = (
                "application/json-patch+json",
                "application/merge-patch+json",
                "application/apply-patch+yaml",
            )
            raise errors.unsupported_media_type(accepted)
        with self.store.lock:
            if kind == "apply":
                return self._apply(resource, namespace, name, body, how=how, subresource=subresource)
            old = self.get(resource, namespace, name)
            if kind == "json":
                patched = json_patch(clone(old), body)
            elif kind == "merge":
                patched = merge_patch(old, body)
            else:
                patched = strategic_merge_patch(old, body, resource.schema)
            new = self._decode(clone(patched), resource, namespace, how)
            if new["metadata"].get("name") != name:
                message = f'Invalid value: "{new["metadata"].get("name")}": field is immutable'
                cause = ("FieldValueInvalid", "metadata.name", message)
                raise errors.invalid(resource.kind, resource.group, name, [cause])
            return self._replace(resource, old, new, how, subresource=subresource), False

    def _apply(
        self,
        resource: ResourceType,
        namespace: str | None,
        name: str,
        body: Any,
        *,
        how: Write,
        subresource: str,
    ) -> tuple[Object, bool]:
        if not how.manager:
            cause = ("FieldValueRequired", "fieldManager", "Required value: is required for apply patch")
            raise errors.invalid("PatchOptions", "meta.k8s.io", "", [cause])
        if (body.get("metadata") or {}).get("managedFields"):
            raise errors.bad_request("metadata.managedFields must be nil")
        wanted = self._decode(body, resource, namespace, how, complete=False)
        wanted["metadata"].setdefault("name", name)
        if namespace is not None:
            wanted["metadata"].setdefault("namespace", namespace)
        if wanted["metadata"]["name"] != name:
            raise errors.bad_request(f"metadata.name must be {name}")
        manager = Manager(
            name=how.manager, operation="Apply", api_version=resource.api_version, subresource=subresource
        )
        old = self.find(resource, namespace, name)
        self._check_apply_version(wanted, old, resource, name)
        owned = _owned_part(wanted, resource, subresource)
        merged, ownership = apply(old, owned, manager, resource.schema, force=how.force)
        new = self._decode(clone(merged), resource, namespace, how)
        new["metadata"] |= {"name": name}
        if old is not None:
            replaced = self._replace(resource, old, new, how, subresource=subresource, ownership=ownership)
            return replaced, False
        if subresource:
            raise errors.not_found(resource.qualified, name)
        created = self._create(resource, namespace, new, how, manager=manager, ownership=ownership)
        return created, True

    @staticmethod
    def _check_apply_version(wanted: Object, old: Object | None, resource: ResourceType, name: str) -> None:
        asked = wanted["metadata"].pop("resourceVersion", None)
        if asked and old is None:
            raise errors.conflict(resource.qualified, name, "object does not exist")
        if asked and old is not None and asked != old["metadata"]["resourceVersion"]:
            raise errors.conflict(resource.qualified, name, errors.STALE)
        uid = wanted["metadata"].get("uid")
        if uid and (old is None or old["metadata"]["uid"] != uid):
            raise errors.conflict(
                resource.qualified, name, f"uid mismatch: the provided object specified uid {uid}"
            )

    def _replace(
        self,
        resource: ResourceType,
        old: Object,
        new: Object,
        how: Write,
        *,
        subresource: str = "",
        ownership: Ownership | None = None,
    ) -> Object:
        name = name_of(old)
        asked = new["metadata"].get("resourceVersion")
        if asked and ownership is None and asked != old["metadata"]["resourceVersion"]:
            raise errors.conflict(resource.qualified, name, errors.STALE)
        uid = new["metadata"].get("uid")
        if uid and uid != old["metadata"]["uid"]:
            why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['metadata']['uid']}"
            raise errors.conflict(resource.qualified, name, why)
        reset = new["metadata"].get("managedFields") == [{}]
        new = self._keep_what_may_not_change(resource, old, new, subresource)
        fill_defaults(new, resource)
        validate(new, old, resource)
        if ownership is None:
            manager = Manager(
                name=how.manager, operation="Update", api_version=resource.api_version, subresource=subresource
            )
            ownership = {} if reset else record_update(old, new, manager, resource.schema)
        new["metadata"]["managedFields"] = write_ownership(ownership, old, self.now())
        if not new["metadata"]["managedFields"]:
            del new["metadata"]["managedFields"]
        if how.dry_run:
            return new
        if is_same(old, new):
            return old
        return self._store_or_remove(resource, old, new)

    def _keep_what_may_not_change(
        self, resource: ResourceType, old: Object, new: Object, subresource: str
    ) -> Object:
        if subresource == "status":
            kept = {key: value for key, value in clone(old).items() if key != "status"}
            return kept | ({"status": new["status"]} if "status" in new else {})
        if subresource == "finalize":
            kept = clone(old)
            kept["spec"] = new.get("spec") or {}
            return kept
        meta, before = new["metadata"], old["metadata"]
        for key in (
            "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds",
            "selfLink",
            "resourceVersion", "generateName",
        ):  # fmt: skip
            meta.pop(key, None)
            if key in before:
                meta[key] = before[key]
        if resource.namespaced:
            meta["namespace"] = before["namespace"]
        if resource.has_status:
            new.pop("status", None)
            if "status" in old:
                new["status"] = clone({"s": old["status"]})["s"]
        if resource.qualified == "services":
            for key in ("clusterIP", "clusterIPs"):
                if key in old["spec"] and not (new["spec"].get(key)):
                    new["spec"][key] = old["spec"][key]
        if resource.qualified == "namespaces":
            new["spec"] = clone(old.get("spec") or {})
        if resource.qualified == "jobs.batch":
            new["spec"].setdefault("selector", old["spec"]["selector"])
            labels = new["spec"]["template"].setdefault("metadata", {}).setdefault("labels", {})
            for key, text in (old["spec"]["template"]["metadata"].get("labels") or {}).items():
                labels.setdefault(key, text)
        if resource.counts_generations and _spec_differs(resource, old, new):
            meta["generation"] = before.get("generation", 0) + 1
        return new

    def _store_or_remove(self, resource: ResourceType, old: Object, new: Object) -> Object:
        self._before_store(new, old, resource)
        if is_deleting(new) and not is_held(new, resource):
            return self._remove(resource, new)
        return self.store.put(resource.key, new)

    def _before_store(self, new: Object, old: Object | None, resource: ResourceType) -> None:
        if resource.qualified == "customresourcedefinitions.apiextensions.k8s.io":
            self._register(new, old)

    def _register(self, definition: Object, old: Object | None) -> None:
        if old is not None and definition["spec"] == old["spec"]:
            return
        names = definition["spec"]["names"]
        self.catalogue.remove(definition["spec"]["group"], names["plural"])
        for resource in types_of_definition(definition):
            self.catalogue.add(resource)
        conditions = [
            {
                "type": kind,
                "status": "True",
                "reason": reason,
                "message": message,
                "lastTransitionTime": self.now(),
            }
            for kind, reason, message in (
                ("NamesAccepted", "NoConflicts", "no conflicts found"),
                ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
            )
        ]
        stored = [version["name"] for version in definition["spec"]["versions"] if version.get("storage")]
        definition["status"] = {"conditions": conditions, "acceptedNames": clone(names), "storedVersions": stored}

    def _remove(self, resource: ResourceType, value: Object) -> Object:
        if resource.qualified == "customresourcedefinitions.apiextensions.k8s.io":
            self._unregister(value)
        return self.store.remove(resource.key, value)

    def _unregister(self, definition: Object) -> None:
        group, plural = definition["spec"]["group"], definition["spec"]["names"]["plural"]
        for value in self.store.all((group, plural)):
            self.store.remove((group, plural), clone(value))
        self.catalogue.remove(group, plural)

    def _decode(
        self, value: Any, resource: ResourceType, namespace: str | None, how: Write, *, complete: bool = True
    ) -> Object:
        if not isinstance(value, dict):
            raise errors.bad_request("the request body is not an object")
        kind, api_version = value.get("kind", resource.kind), value.get("apiVersion", resource.api_version)
        if (kind, api_version) != (resource.kind, resource.api_version):
            raise errors.bad_request(
                f'{kind} in version "{api_version}" cannot be handled as a {resource.kind}: '
                "the API version or kind in the data does not match the expected "
                f"({resource.api_version}, {resource.kind})"
            )
        found = value.get("metadata") or {}
        clean, findings = conform({**value, "metadata": found}, resource, complete=complete)
        refuse(findings, resource, str(found.get("name", "")), strict=how.strict)
        how.warnings.extend(f'unknown field "{path}"' for path in findings.unknown)
        clean |= {"apiVersion": resource.api_version, "kind": resource.kind}
        if resource.namespaced:
            if clean["metadata"].setdefault("namespace", namespace) != namespace:
                raise errors.bad_request(
                    "the namespace of the provided object does not match the namespace sent on the request"
                )
        else:
            clean["metadata"].pop("namespace", None)
        return clone(clean)

    @staticmethod
    def _name_it(value: Object, resource: ResourceType) -> None:
        meta = value["metadata"]
        if not meta.get("name"):
            if not meta.get("generateName"):
                cause = ("FieldValueRequired", "metadata.name", "Required value: name or generateName is required")
                raise errors.invalid(resource.kind, resource.group, "", [cause])
            alphabet = "bcdfghjklmnpqrstvwxz2456789"
            meta["name"] = meta["generateName"] + "".join(secrets.choice(alphabet) for _ in range(5))


def _owned_part(wanted: Object, resource: ResourceType, subresource: str) -> Object:
    if subresource == "status":
        return {key: wanted[key] for key in ("apiVersion", "kind", "metadata", "status") if key in wanted}
    if resource.has_status:
        return {key: value for key, value in wanted.items() if key != "status"}
    return wanted


def _spec_differs(resource: ResourceType, old: Object, new: Object) -> bool:
    ignored = {"apiVersion", "kind", "metadata"} | ({"status"} if resource.has_status else set())
    return any(old.get(key) != new.get(key) for key in (old.keys() | new.keys()) - ignored)


def is_same(old: Object, new: Object) -> bool:
    """Whether two states of an object differ in nothing but versions and times of the bookkeeping."""
    return _comparable(old) == _comparable(new)


def _comparable(value: Object) -> Object:
    meta = {
        key: item for key, item in value["metadata"].items() if key != "resourceVersion" and item not in ({}, [])
    }
    owners = [{k: v for k, v in entry.items() if k != "time"} for entry in meta.pop("managedFields", None) or []]
    owners.sort(key=lambda entry: json.dumps(entry, sort_keys=True))
    return {**value, "metadata": meta, "owners": owners}


def is_held(value: Object, resource: ResourceType) -> bool:
    """Whether something keeps an object from being removed: finalizers, or a pod's grace period."""
    if finalizers_of(value):
        return True
    if resource.qualified == "namespaces":
        return bool((value.get("spec") or {}).get("finalizers"))
    return resource.qualified == "pods" and value["metadata"].get("deletionGracePeriodSeconds", 0) > 0
