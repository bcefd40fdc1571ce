"""When an environment counts as usable."""

from typing import Annotated

from msgspec import Meta

from eod.config.schema.values import Section, Status


class Readiness(Section, frozen=True):
    """When an environment counts as usable."""

    path: Annotated[
        str,
        Meta(
            pattern=r"^/[^\s]*$",
            description="The path that is asked.",
            extra={"expected": "a path that begins with `/`"},
        ),
    ] = "/"
    status: Annotated[tuple[Status, ...], Meta(min_length=1, description="Statuses that count as an answer.")] = (
        200,
    )
    scheme: Annotated[
        str,
        Meta(pattern="^https?$", description="Of the environment's URL.", extra={"expected": "`http` or `https`"}),
    ] = "https"
    direct_scheme: Annotated[
        str,
        Meta(
            pattern="^https?$",
            description="Of the URL that asks the load balancer by its own address.",
            extra={"expected": "`http` or `https`"},
        ),
    ] = "http"
    timeout_minutes: Annotated[float, Meta(gt=0, le=120, description="How long to wait for the answer.")] = 10
    enabled: Annotated[bool, Meta(description="Whether the URL is asked at all.")] = True
