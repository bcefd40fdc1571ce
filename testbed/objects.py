"""Putting Kubernetes objects into the cluster, whatever their kind."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tenacity
import yaml

_FIELD_MANAGER = "eod-testbed"

Manifest = Mapping[str, Any]


class NotYetError(Exception):
    """An object is not in the state that was waited for."""


def connect(kubeconfig: Path, cache: Path) -> Any:
    """A `kubernetes.dynamic.DynamicClient`.

    Args:
        kubeconfig: How to reach the cluster.
        cache: A file of this testbed's own for what discovery found: the client's default is one that clusters
            with the same address share, although they may serve different things.
    """
    from kubernetes import config
    from kubernetes.dynamic import DynamicClient

    return DynamicClient(config.new_client_from_config(str(kubeconfig)), cache_file=str(cache))


def load(path: Path) -> list[dict[str, Any]]:
    """The objects of a YAML file."""
    return [document for document in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader) if document]


def apply(client: Any, manifests: Iterable[Manifest], *, namespace: str = "default") -> None:
    """Create or update objects: server-side apply, taking fields over from others.

    Args:
        client: From `connect`.
        manifests: The objects, in the order in which they are to be applied.
        namespace: For those that live in a namespace and name none.

    Raises:
        kubernetes.client.ApiException: The API server refused one.
    """
    for manifest in manifests:
        _resource(client, manifest).server_side_apply(
            body=manifest,
            namespace=manifest["metadata"].get("namespace", namespace),
            field_manager=_FIELD_MANAGER,
            force_conflicts=True,
        )


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(NotYetError),
    wait=tenacity.wait_fixed(0.05),
    stop=tenacity.stop_after_delay(60),
    reraise=True,
)
def wait_for_condition(client: Any, manifest: Manifest, condition: str) -> None:
    """Wait until an object without a namespace has a condition whose status is True.

    Raises:
        NotYetError: It did not come within a minute.
    """
    name = manifest["metadata"]["name"]
    found = _resource(client, manifest).get(name=name).to_dict()
    conditions = (found.get("status") or {}).get("conditions") or []
    if not any(one["type"] == condition and one["status"] == "True" for one in conditions):
        raise NotYetError(f"{manifest['kind']} {name} did not become {condition}; it has {conditions}")


def _resource(client: Any, manifest: Manifest) -> Any:
    return client.resources.get(api_version=manifest["apiVersion"], kind=manifest["kind"])
