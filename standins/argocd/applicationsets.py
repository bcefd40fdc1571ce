"""The ApplicationSet controller: an Application for each pull request."""

import base64
from collections.abc import Iterable
from typing import Any, Final

from standins.argocd.documents import ManifestError, require
from standins.argocd.pull_requests import ListingError, parameters
from standins.argocd.status import FINALIZER
from standins.argocd.templates import render_template
from standins.kubernetes.api import Api, Deletion, Write
from standins.kubernetes.controllers.replicas import reference_to
from standins.kubernetes.controllers.runtime import Client, Key
from standins.kubernetes.errors import StatusError
from standins.kubernetes.objects import Object, annotations_of, clone, is_deleting, name_of, owner_of
from standins.kubernetes.store import Change

APPLICATION_SETS: Final = "applicationsets.argoproj.io"
APPLICATIONS: Final = "applications.argoproj.io"
REFRESH: Final = "argocd.argoproj.io/application-set-refresh"

_MANAGER: Final = "argocd-applicationset-controller"
_PRESERVED: Final = (
    "notified.notifications.argoproj.io",
    "argocd.argoproj.io/refresh",
    "argocd.argoproj.io/hydrate",
)
_DEFAULT_REQUEUE_SECONDS: Final = 1800.0
_AFTER_ERROR_SECONDS: Final = 180.0
_SPEC_KEYS: Final = {
    "generators", "template", "syncPolicy", "goTemplate", "goTemplateOptions", "preservedFields", "strategy",
    "ignoreApplicationDifferences",
}  # fmt: skip


class ApplicationSetController:
    """Creates, corrects and deletes Applications."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api = api
        self._client = Client(api, _MANAGER)
        self._namespace = namespace

    def keys(self, change: Change) -> Iterable[Key]:
        """ApplicationSets whose spec or annotations changed, and those whose Applications were "
        "touched or deleted."""
        group, plural = change.type_key
        meta = change.value["metadata"]
        if group != "argoproj.io" or meta.get("namespace") != self._namespace:
            return
        if plural == "applicationsets" and (change.before is None or _differs(change.before, change.value)):
            yield self._namespace, meta["name"]
        elif plural == "applications" and (
            change.kind == "DELETED" or change.before is None or _differs(change.before, change.value)
        ):
            owner = owner_of(change.value)
            if owner is not None and owner["kind"] == "ApplicationSet":
                yield self._namespace, owner["name"]

    def reconcile(self, key: Key) -> float | None:
        """Generate, then create, correct and delete; a failed listing changes nothing."""
        value = self._client.find(APPLICATION_SETS, *key)
        if value is None or is_deleting(value):
            return None
        try:
            wanted = self._generate(value)
        except (ListingError, ManifestError) as error:
            reason = (
                "ApplicationGenerationFromParamsError"
                if isinstance(error, ListingError)
                else "RenderTemplateParamsError"
            )
            self._write_conditions(value, error=str(error), reason=reason)
            return _AFTER_ERROR_SECONDS
        try:
            for application in wanted.values():
                self._put(value, application)
            self._delete_others(value, wanted)
        except StatusError as error:
            self._write_conditions(value, error=str(error), reason="UpdateApplicationError")
            raise
        self._consume_refresh(key)
        self._write_conditions(value, error=None, reason="ApplicationSetUpToDate")
        return self._requeue_after(value)

    def _generate(self, value: Object) -> dict[str, Object]:
        spec = value["spec"]
        require(_SPEC_KEYS, spec, "spec")
        go_template = bool(spec.get("goTemplate"))
        wanted: dict[str, Object] = {}
        for generator in spec.get("generators") or []:
            for values in self._parameters(generator, go_template=go_template):
                made = render_template(
                    spec["template"], values, go_template=go_template, options=spec.get("goTemplateOptions") or []
                )
                application = self._application(value, made)
                name = name_of(application)
                if name in wanted:
                    raise ManifestError(
                        f"ApplicationSet {name_of(value)} contains applications with duplicate name: {name}"
                    )
                wanted[name] = application
        return wanted

    def _parameters(self, generator: Object, *, go_template: bool) -> list[dict[str, Any]]:
        require({"pullRequest", "list"}, generator, "spec.generators")
        if "list" in generator:
            require({"elements"}, generator["list"], "spec.generators.list")
            return [dict(element) for element in generator["list"].get("elements") or []]
        pull_request = generator["pullRequest"]
        reference = (pull_request.get("github") or {}).get("tokenRef")
        token = None if reference is None else self._secret(reference)
        return parameters(pull_request, token=token, go_template=go_template)

    def _secret(self, reference: Object) -> str:
        secret = self._client.find("secrets", self._namespace, reference["secretName"])
        data = (secret or {}).get("data") or {}
        if reference["key"] not in data:
            raise ListingError(
                f"error fetching Secret token: secret {reference['secretName']} has no key {reference['key']}"
            )
        return base64.b64decode(data[reference["key"]]).decode()

    def _application(self, owner: Object, made: Object) -> Object:
        meta = made.get("metadata") or {}
        require({"name", "namespace", "labels", "annotations", "finalizers"}, meta, "spec.template.metadata")
        policy = owner["spec"].get("syncPolicy") or {}
        finalizers = list(meta.get("finalizers") or [])
        if not finalizers and not policy.get("preserveResourcesOnDeletion"):
            finalizers = [FINALIZER]
        metadata: Object = {
            "name": meta["name"], "namespace": self._namespace, "labels": dict(meta.get("labels") or {}),
            "annotations": dict(meta.get("annotations") or {}), "finalizers": finalizers,
            "ownerReferences": [reference_to(owner)],
        }  # fmt: skip
        return {"metadata": metadata, "spec": made["spec"]}

    def _put(self, owner: Object, wanted: Object) -> None:
        live = self._client.find(APPLICATIONS, self._namespace, name_of(wanted))
        if live is None:
            self._client.create(APPLICATIONS, wanted)
            return
        if is_deleting(live):
            return
        changed = clone(live)
        changed["spec"] = wanted["spec"]
        preserved = owner["spec"].get("preservedFields") or {}
        for key, kept in (("annotations", _PRESERVED), ("labels", ())):
            names = [*kept, *(preserved.get(key) or [])]
            old = live["metadata"].get(key) or {}
            changed["metadata"][key] = wanted["metadata"][key] | {name: old[name] for name in names if name in old}
        for key in ("finalizers", "ownerReferences"):
            changed["metadata"][key] = wanted["metadata"][key]
        for key in ("labels", "annotations", "finalizers"):
            if not changed["metadata"][key]:
                changed["metadata"].pop(key)
        if changed != live:
            self._client.update(APPLICATIONS, changed)

    def _delete_others(self, owner: Object, wanted: dict[str, Object]) -> None:
        resource = self._client.type(APPLICATIONS)
        for application in self._client.all(APPLICATIONS, self._namespace):
            reference = owner_of(application)
            mine = reference is not None and reference["uid"] == owner["metadata"]["uid"]
            if mine and name_of(application) not in wanted and not is_deleting(application):
                self._api.delete(resource, self._namespace, name_of(application), Deletion())

    def _consume_refresh(self, key: Key) -> None:
        value = self._client.find(APPLICATION_SETS, *key)
        if value is not None and REFRESH in annotations_of(value):
            patch = {"metadata": {"annotations": {REFRESH: None}}}
            resource = self._client.type(APPLICATION_SETS)
            self._api.patch(resource, key[0], key[1], patch, kind="merge", how=Write(manager=_MANAGER))

    def _write_conditions(self, value: Object, *, error: str | None, reason: str) -> None:
        current = self._client.find(APPLICATION_SETS, self._namespace, name_of(value))
        if current is None:
            return
        message = error or "All applications have been generated successfully"
        generated = "Successfully generated parameters for all Applications" if error is None else message
        texts = {
            "ErrorOccurred": ("False" if error is None else "True", reason, message),
            "ParametersGenerated": (
                "True" if error is None else "False",
                "ParametersGenerated" if error is None else "ErrorOccurred",
                generated,
            ),
            "ResourcesUpToDate": (
                "True" if error is None else "False",
                reason if error is None else "ErrorOccurred",
                message,
            ),
        }
        old = {item["type"]: item for item in (current.get("status") or {}).get("conditions") or []}
        conditions = []
        for kind, (status, why, text) in texts.items():
            made = {"type": kind, "status": status, "reason": why, "message": text}
            before = old.get(kind, {})
            same = all(before.get(key) == item for key, item in made.items())
            conditions.append(before if same else {**made, "lastTransitionTime": self._api.now()})
        changed = clone(current)
        changed["status"] = {**(current.get("status") or {}), "conditions": conditions}
        if changed != current:
            self._client.update_status(APPLICATION_SETS, changed)

    def _requeue_after(self, value: Object) -> float | None:
        waits = [
            float(generator["pullRequest"].get("requeueAfterSeconds") or _DEFAULT_REQUEUE_SECONDS)
            for generator in value["spec"].get("generators") or []
            if "pullRequest" in generator
        ]
        return min(waits, default=None)


def _differs(old: Object, new: Object) -> bool:
    def essence(value: Object) -> Object:
        meta = {
            key: value["metadata"].get(key) for key in ("labels", "annotations", "finalizers", "deletionTimestamp")
        }
        return {"spec": value.get("spec"), "operation": value.get("operation"), **meta}

    return essence(old) != essence(new)
