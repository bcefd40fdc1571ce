"""What is done in AWS beside Terraform."""

from typing import Annotated

from msgspec import Meta, field

from eod.config.schema.values import ALL, NAME_ONLY, Section


class Cdn(Section, frozen=True):
    """What happens with a CDN that environments share."""

    shared_distribution: Annotated[str, Meta(description="Distribution whose origin path is per environment.")] = (
        ""
    )
    invalidation_path: Annotated[
        str,
        Meta(
            pattern="^/",
            description="Path to invalidate at teardown; takes placeholders.",
            extra={"expected": "a path that begins with `/`", "placeholders": NAME_ONLY},
        ),
    ] = "/{environment}/*"
    bucket: Annotated[str, Meta(description="Bucket behind it, purged under `prefix` at teardown.")] = ""
    prefix: Annotated[
        str,
        Meta(
            description="Prefix to purge; takes placeholders. After a letter or digit at its end comes a `/`.",
            extra={"placeholders": NAME_ONLY},
        ),
    ] = "{environment}/"


class Aws(Section, frozen=True):
    """What we do in AWS beside Terraform."""

    enabled: Annotated[bool | None, Meta(description="Inventory and CDN; default: whether Terraform runs.")] = None
    region: Annotated[str, Meta(description="Default: the environment's AWS_REGION.")] = ""
    regions: Annotated[tuple[str, ...], Meta(description="Further regions for the inventory.")] = ()
    hosted_zone: Annotated[str, Meta(description="Zone to search for records of the environment's host.")] = ""
    tag_prefix: Annotated[str, Meta(min_length=1, description="Prefix of our tags.")] = "environment.on-demand/"
    tags: Annotated[
        dict[str, str],
        Meta(description="Further cost-allocation tags; texts take placeholders.", extra={"placeholders": ALL}),
    ] = field(default_factory=dict)
    cdn: Cdn = Cdn()
