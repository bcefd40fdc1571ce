"""Why an Application does not go away, and what its deletion may have left, in words. Pure."""

from eod.argocd.reading import (
    CASCADE,
    Object,
    conditions_of,
    destination_of,
    operation_requested,
    resources_of,
)
from eod.errors import ArgoCdError


def not_deleted(application: Object, *, seconds: float, project_exists: bool | None) -> ArgoCdError:
    """The error for an Application that does not go away."""
    name = application["metadata"]["name"]
    project = str((application.get("spec") or {}).get("project", "default"))
    finalizers = ", ".join(application["metadata"].get("finalizers") or ()) or "none"
    lines = [f"finalizers: {finalizers}", *conditions_of(application)]
    confirm = [e for e in resources_of(application) if e.get("requiresDeletionConfirmation")]
    if project_exists is False:
        why = f"Its AppProject `{project}` does not exist, so Argo CD may not touch its resources."
        fix = f"Create the AppProject `{project}` again (an empty one does) and re-run the job."
    elif confirm:
        names = ", ".join(f"{entry.get('kind')} {entry.get('name')}" for entry in confirm)
        why = f"Deleting {names} has to be confirmed (Delete=confirm)."
        fix = "Confirm it in Argo CD, or take that sync option away from previews."
    elif operation_requested(application):
        why = "A sync is still running and does not stop."
        fix = "Terminate it in Argo CD and re-run the job; look at the application controller's log."
    else:
        why = "A resource of it does not go: a finalizer holds it, or its manifests cannot be generated."
        fix = "Look at the Application in Argo CD: what is left is shown there; then re-run the job."
    return ArgoCdError(
        f"Application `{name}` was not deleted in {seconds:.0f} s.", detail="\n".join(lines), why=why, fix=fix
    )


def leak_warning(application: Object) -> str:
    """A sentence if Argo CD may have let go of the resources without deleting them; else empty.

    A destination that Argo CD cannot resolve makes it drop the cascade's finalizer.
    """
    unresolved = [
        line for line in conditions_of(application) if "cluster" in line.lower() and "InvalidSpec" in line
    ]
    cascading = CASCADE in " ".join(application["metadata"].get("finalizers") or ())
    if not unresolved or not cascading:
        return ""
    destination = destination_of(application)
    place = destination.get("name") or destination.get("server") or "its destination"
    return (
        f"Argo CD does not know the cluster {place} any more: it has let go of what Application "
        f"{application['metadata']['name']} made there instead of deleting it."
    )
