"""Deleting what an Application made, along with it."""

from standins.argocd.cluster import Cluster
from standins.argocd.comparison import SYNC_OPTIONS, has_option, wave_of
from standins.kubernetes.objects import Object, annotations_of, is_deleting

_APPROVED = "argocd.argoproj.io/deletion-approved"


def delete_objects(cluster: Cluster, application: Object, *, propagation: str) -> bool:
    """Delete the objects of the last wave, and say whether nothing is left.

    Waits, by saying no, for what is being deleted already and for a confirmation that some object asks for.
    """
    name = application["metadata"]["name"]
    values = [value for value in cluster.managed(name) if not _is_kept(value)]
    if any(is_deleting(value) for value in values):
        return False
    wants_approval = any(has_option(value, SYNC_OPTIONS, "Delete=confirm") for value in values)
    if wants_approval and not annotations_of(application).get(_APPROVED):
        return False
    last_wave = max(map(wave_of, values), default=0)
    for value in values:
        if wave_of(value) == last_wave:
            cluster.delete(value, propagation)
    return not any(not _is_kept(value) for value in cluster.managed(name))


def _is_kept(value: Object) -> bool:
    return has_option(value, SYNC_OPTIONS, "Delete=false") or value["kind"] == "CustomResourceDefinition"
