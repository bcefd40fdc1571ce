"""What is in a namespace, as the certificate lists it. Pure."""

from typing import Any

from eod.cluster.listing import Found
from eod.cluster.manifests import INSTANCE_LABEL
from eod.model.cloud import Item


def items_of(namespace: dict[str, Any], found: tuple[Found, ...]) -> tuple[Item, ...]:
    """One item for each object that somebody made; pods of a Deployment and the like are left out."""
    metadata = namespace["metadata"]
    environment = (metadata.get("labels") or {}).get(INSTANCE_LABEL) or metadata["name"]
    return tuple(
        Item(
            kind=thing.kind.singular,
            id=f"{metadata['name']}/{thing.name}",
            environment=environment,
            state="deleting" if thing.deleting else "",
        )
        for thing in found
        if not thing.derived
    )
