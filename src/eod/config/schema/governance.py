"""What an environment may hold, how long it lives, and how many there may be."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from eod.config.schema.values import Hours, Section, Text


class Level(StrEnum):
    """What follows from something that a policy finds in a plan."""

    REFUSE = "refuse"
    WARN = "warn"
    OFF = "off"


class Policy(Section, frozen=True):
    """What a plan may not hold. Only what it creates or updates counts."""

    public_storage: Annotated[
        Level,
        Meta(description="Object storage that everybody can reach: `refuse` the plan, `warn`, or `off`."),
    ] = Level.REFUSE
    allow_public: Annotated[
        tuple[Text, ...],
        Meta(description="Addresses of resources that may be public; `*` stands for any characters."),
    ] = ()


class Ttl(Section, frozen=True):
    """How long environments live."""

    hours: Annotated[Hours, Meta(description="From the last push, where a tier says nothing else.")] = 24
    warn_hours: Annotated[float, Meta(ge=0, description="Warn in the pull request so long before.")] = 2


class Limits(Section, frozen=True):
    """Brakes."""

    environments: Annotated[int, Meta(ge=0, description="At most so many at once; 0: no limit.")] = 0
    sweep_deletions: Annotated[int, Meta(ge=1, description="More teardowns in one sweep stop it.")] = 20
    sweep_share: Annotated[
        float,
        Meta(gt=0, le=1, description="A sweep that would remove more than this share of all (and over 5) stops."),
    ] = 0.8
    teardown_minutes: Annotated[float, Meta(gt=0, le=360, description="How long one teardown may take.")] = 60
