"""Where the records are kept."""

from typing import Annotated

from msgspec import Meta

from eod.config.schema.values import Section


class Records(Section, frozen=True):
    """Where the records are kept."""

    branch: Annotated[str, Meta(min_length=1, description="A branch of its own.")] = "eod/environments"
    directory: Annotated[str, Meta(min_length=1, description="The folder on that branch.")] = (
        "environments/preview"
    )
    remote: Annotated[str, Meta(description="Another repository (URL or path); default: this one.")] = ""
