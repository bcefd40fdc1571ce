"""What people steer with on the pull request, and what it shows them."""

from typing import Annotated

from msgspec import Meta

from eod.config.schema.values import NAME_ONLY, Section


class Labels(Section, frozen=True):
    """Labels on the pull request that people steer with."""

    prefix: Annotated[str, Meta(min_length=1, description="`<prefix><tier>` forces that tier.")] = "eod/tier: "
    skip: Annotated[str, Meta(description="With this label the pull request gets no environment.")] = "eod/skip"
    keep: Annotated[str, Meta(description="With this label the sweep lets the TTL pass.")] = "eod/keep"


class GitHub(Section, frozen=True):
    """What the pull request shows."""

    comment: Annotated[bool, Meta(description="Keep one comment on the pull request.")] = True
    deployments: Annotated[bool, Meta(description="Keep a Deployment with its URL.")] = True
    environment: Annotated[
        str,
        Meta(
            min_length=1,
            description="The Deployment's environment; takes placeholders.",
            extra={"placeholders": NAME_ONLY},
        ),
    ] = "preview/{environment}"
    drafts: Annotated[bool, Meta(description="Whether draft pull requests get an environment.")] = True
