"""One pull request's run of `up`: what was decided before anything is made."""

from dataclasses import dataclass

from eod.config import Config, TierSettings
from eod.lifecycle.journey import Journey
from eod.lifecycle.place import Place, placeholders
from eod.lifecycle.rooms import Rooms
from eod.model.pull import PullRequest
from eod.model.record import Record
from eod.model.tier import Verdict


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything that the steps of `up` have in common."""

    rooms: Rooms
    journey: Journey
    place: Place
    pull: PullRequest
    verdict: Verdict
    settings: TierSettings
    image_tag: str
    existing: Record | None

    @property
    def config(self) -> Config:
        """The configuration, from the base branch."""
        return self.rooms.config

    @property
    def values(self) -> dict[str, str]:
        """What the placeholders in the configuration stand for."""
        return placeholders(
            self.config,
            self.place,
            owner=self.pull.author,
            tier=str(self.verdict.tier),
            head_sha=self.pull.head_sha,
            head_ref=self.pull.head_ref,
        )
