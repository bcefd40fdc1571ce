"""The API's verbs on objects. The HTTP server and the controllers both go through here."""

from typing import Final

from standins.kubernetes import admission, errors
from standins.kubernetes.objects import Object, clone, finalizers_of, is_deleting, name_of
from standins.kubernetes.options import Clock, Deletion, Page, PatchKind, Write, utc_now
from standins.kubernetes.resources import ResourceType
from standins.kubernetes.writing import Writer, is_held, is_same

__all__ = ["Api", "Clock", "Deletion", "Page", "PatchKind", "Write", "utc_now"]

_RETURNS_DELETED: Final = frozenset(
    {
        "pods",
        "services",
        "serviceaccounts",
        "persistentvolumeclaims",
        "persistentvolumes",
        "resourcequotas",
        "podtemplates",
    }
)


class Api(Writer):
    """All verbs over one store."""

    def delete(self, resource: ResourceType, namespace: str | None, name: str, how: Deletion) -> Object:
        """Delete an object, or mark it for deletion where something holds it.

        Returns:
            The object as it is now, or a `Status` when it is gone.

        Raises:
            StatusError: 404; 409 when a precondition does not hold; 403 for protected namespaces.
        """
        with self.store.lock:
            old = self.get(resource, namespace, name)
            _check_preconditions(resource, old, how)
            if resource.qualified == "namespaces" and name in admission.PROTECTED_NAMESPACES:
                raise errors.forbidden("namespaces", name, "this namespace may not be deleted")
            new = clone(old)
            self._choose_propagation(new, resource, how)
            grace = _grace_seconds(resource, new, how)
            if not finalizers_of(new):
                new["metadata"].pop("finalizers", None)
            if not is_held(new, resource) and grace == 0:
                return self._deleted(old if how.dry_run else self._remove(resource, new), resource)
            shortens = grace < old["metadata"].get("deletionGracePeriodSeconds", 0)
            if not is_deleting(old) or shortens:
                new["metadata"]["deletionTimestamp"] = self.now(seconds_ahead=grace)
                new["metadata"]["deletionGracePeriodSeconds"] = grace
                if "generation" in new["metadata"]:
                    new["metadata"]["generation"] += 1
            if resource.qualified == "namespaces":
                new["status"] = {**new.get("status", {}), "phase": "Terminating"}
                new["metadata"].pop("deletionGracePeriodSeconds", None)
            if how.dry_run or is_same(old, new):
                return new
            return self.store.put(resource.key, new)

    @staticmethod
    def _deleted(value: Object, resource: ResourceType) -> Object:
        if resource.qualified in _RETURNS_DELETED:
            return value
        details = {
            "name": name_of(value), "group": resource.group, "kind": resource.plural,
            "uid": value["metadata"]["uid"],
        }  # fmt: skip
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {key: text for key, text in details.items() if text},
        }

    @staticmethod
    def _choose_propagation(value: Object, resource: ResourceType, how: Deletion) -> None:
        finalizers = list(finalizers_of(value))
        policy = how.propagation
        if policy is None and resource.qualified == "jobs.batch":
            policy = "Orphan"
        if policy is not None and resource.qualified != "namespaces":
            finalizers = [item for item in finalizers if item not in {"foregroundDeletion", "orphan"}]
            if policy in {"Foreground", "Orphan"} and not (
                policy == "Foreground" and resource.qualified == "pods"
            ):
                finalizers.append("foregroundDeletion" if policy == "Foreground" else "orphan")
        value["metadata"]["finalizers"] = finalizers


def _grace_seconds(resource: ResourceType, value: Object, how: Deletion) -> int:
    if resource.qualified != "pods":
        return 0
    if not value["spec"].get("nodeName") or value.get("status", {}).get("phase") in {"Succeeded", "Failed"}:
        return 0
    default: int = value["spec"].get("terminationGracePeriodSeconds", 30)
    grace = default if how.grace_seconds is None else how.grace_seconds
    if is_deleting(value):
        grace = min(grace, value["metadata"].get("deletionGracePeriodSeconds", grace))
    if grace == 0:
        value["metadata"].pop("deletionGracePeriodSeconds", None)
    return grace


def _check_preconditions(resource: ResourceType, value: Object, how: Deletion) -> None:
    meta = value["metadata"]
    if how.uid and how.uid != meta["uid"]:
        why = f"Precondition failed: UID in precondition: {how.uid}, UID in object meta: {meta['uid']}"
        raise errors.conflict(resource.qualified, meta["name"], why)
    if how.resource_version and how.resource_version != meta["resourceVersion"]:
        why = (
            f"Precondition failed: ResourceVersion in precondition: {how.resource_version}, "
            f"ResourceVersion in object meta: {meta['resourceVersion']}"
        )
        raise errors.conflict(resource.qualified, meta["name"], why)
