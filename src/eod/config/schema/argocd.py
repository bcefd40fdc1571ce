"""How Argo CD delivers the application."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from eod.config.schema.values import ALL, Section


class ArgoCdMode(StrEnum):
    """Who makes the Application."""

    APPLICATION = "application"
    APPLICATION_SET = "applicationset"
    NONE = "none"


class ArgoCd(Section, frozen=True):
    """How the application is delivered."""

    mode: Annotated[
        ArgoCdMode,
        Meta(description="`application`: we make it; `applicationset`: a pull-request generator does; `none`."),
    ] = ArgoCdMode.APPLICATION
    name: Annotated[
        str,
        Meta(
            min_length=1,
            description="The Application's name; takes placeholders, of which one tells environments apart.",
            extra={"placeholders": ALL},
        ),
    ] = "{environment}"
    namespace: Annotated[str, Meta(min_length=1, description="The namespace that Argo CD watches.")] = "argocd"
    application_set: Annotated[str, Meta(description="The ApplicationSet to refresh in that mode.")] = ""
    project: Annotated[str, Meta(min_length=1, description="The AppProject.")] = "default"
    destination_server: Annotated[
        str, Meta(min_length=1, description="The cluster that the Application is deployed to.")
    ] = "https://kubernetes.default.svc"
    source: Annotated[
        dict[str, object],
        Meta(
            description="Argo CD's `spec.source` (camelCase keys); texts take placeholders. `repoURL`, `path` and "
            "`targetRevision` default to this repository, `deploy` and the pull request's head.",
            extra={"placeholders": ALL},
        ),
    ] = field(default_factory=dict)
    sync_options: Annotated[tuple[str, ...], Meta(description="Argo CD's `syncOptions`.")] = (
        "ServerSideApply=true",
    )
    timeout_minutes: Annotated[float, Meta(gt=0, le=360, description="How long to wait for healthy.")] = 15
    hold_seconds: Annotated[float, Meta(ge=0, le=600, description="How long healthy must hold.")] = 3
