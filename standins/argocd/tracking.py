"""Which objects belong to which Application, and the identity of objects."""

from dataclasses import dataclass
from typing import Final, Self

from standins.kubernetes.objects import Object, annotations_of

TRACKING_ID: Final = "argocd.argoproj.io/tracking-id"


@dataclass(frozen=True, order=True, kw_only=True)
class ResourceKey:
    """Group, kind, namespace and name."""

    group: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, value: Object) -> Self:
        """The identity of an object."""
        meta = value["metadata"]
        group = value["apiVersion"].rpartition("/")[0]
        name = meta.get("name") or meta.get("generateName", "")
        return cls(group=group, kind=value["kind"], namespace=meta.get("namespace") or "", name=name)

    def tracking_id(self, application: str) -> str:
        """The annotation that says to which Application the object belongs."""
        return f"{application}:{self.group}/{self.kind}:{self.namespace}/{self.name}"

    def __str__(self) -> str:
        """As Argo CD's messages name it: `apps/Deployment/web`."""
        return f"{self.group}/{self.kind}/{self.name}"


def tracked_by(value: Object) -> str | None:
    """The Application that an object belongs to; a copied annotation that names another object does not count."""
    text = annotations_of(value).get(TRACKING_ID)
    if text is None:
        return None
    application = text.partition(":")[0]
    return application if text == ResourceKey.of(value).tracking_id(application) else None


def track(value: Object, application: str) -> None:
    """Mark an object, in place, as belonging to an Application."""
    annotations = value["metadata"].setdefault("annotations", {}) or {}
    annotations[TRACKING_ID] = ResourceKey.of(value).tracking_id(application)
    value["metadata"]["annotations"] = annotations
