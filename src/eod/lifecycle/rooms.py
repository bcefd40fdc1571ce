"""Everything that a run is handed: the rooms, the configuration, and who asks."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from eod.config import Config
from eod.interrupts import Interrupts
from eod.lifecycle.ports import (
    Cdn,
    Clearer,
    Clock,
    Cluster,
    Delivery,
    Forge,
    Inventory,
    MoveState,
    Prober,
    Records,
    Remover,
    Reporter,
    Source,
    Terraform,
)
from eod.model.people import TierWish
from eod.model.record import CloudRecord, Record, Run
from eod.model.tier import Tier
from eod.tiers.ports import HclParser


class Rooms(Protocol):
    """The rooms. Each is built when it is first asked for: tier `none` never connects to a cluster.

    `terraform`, `inventory`, `remover`, `clearer`, `move_state` and `cdn` are `None` where the configuration does
    without.
    """

    @property
    def config(self) -> Config:
        """The configuration, from the base branch."""

    @property
    def repository(self) -> str:
        """`owner/name` of the pull requests."""

    @property
    def clone_url(self) -> str:
        """Where Argo CD reads the repository."""

    @property
    def base_commit(self) -> str:
        """The commit of the base branch that the configuration comes from."""

    @property
    def run(self) -> Run:
        """The workflow run that we are."""

    @property
    def workflow(self) -> str:
        """The path of the workflow's file that we run in; empty on a terminal."""

    @property
    def clock(self) -> Clock:
        """Time."""

    @property
    def signals(self) -> Interrupts:
        """Cancellation."""

    @property
    def reporter(self) -> Reporter:
        """What people see."""

    @property
    def records(self) -> Records:
        """The store of records."""

    @property
    def forge(self) -> Forge:
        """GitHub."""

    @property
    def source(self) -> Source:
        """The repository's commits."""

    @property
    def hcl(self) -> HclParser:
        """Parses HCL."""

    @property
    def cluster(self) -> Cluster:
        """Namespaces."""

    @property
    def delivery(self) -> Delivery | None:
        """Argo CD, unless `argocd.mode` is `none`."""

    @property
    def terraform(self) -> Terraform | None:
        """Terraform, where it is configured."""

    @property
    def inventory(self) -> Inventory | None:
        """What the cloud holds."""

    @property
    def remover(self) -> Remover | None:
        """Deletes what the inventory finds and no state knows."""

    @property
    def clearer(self) -> Clearer | None:
        """Clears away what keeps cloud resources from being deleted or made."""

    @property
    def move_state(self) -> MoveState | None:
        """Moves a damaged state aside where it lies in AWS."""

    @property
    def cdn(self) -> Cdn | None:
        """Content delivery."""

    @property
    def prober(self) -> Prober:
        """Asks URLs."""

    @property
    def cloud(self) -> CloudRecord | None:
        """Where this run makes cloud resources and looks for them; `None` where it does without."""

    def where_made(self, record: Record) -> "Rooms":
        """The same rooms, looking where the environment was made, whatever the configuration says by now."""

    def is_over(self, run: Run) -> bool | None:
        """Whether another run has ended; `None` where that cannot be told."""

    def ended_at(self, run: Run) -> datetime | None:
        """Until when another run, which is over, can have worked; `None` where that is not known."""

    def github_environment(self, environment: str) -> str:
        """The name of the GitHub environment that Deployments of `environment` belong to."""


class Until(StrEnum):
    """How far `up` goes."""

    CLASSIFIED = "classified"
    PLANNED = "planned"
    READY = "ready"


class UpRequest(Struct, frozen=True, kw_only=True):
    """What is asked of `up`.

    `forced_tier` comes from an input; labels are read from the pull request. `head_sha` is the commit that the
    event was about: a run that was queued behind a newer push has nothing to do.
    `wish` is what somebody just asked for by a label or a comment. `asked_by` is the person whose run this is, and
    who answers for `forced_tier`; empty on a terminal, where it is the token's owner. `until` stops early.
    """

    pr_number: int
    head_sha: str = ""
    forced_tier: Tier | None = None
    wish: TierWish | None = None
    asked_by: str = ""
    image_tag: str = ""
    until: Until = Until.READY


class DownRequest(Struct, frozen=True, kw_only=True):
    """What is asked of `down`. `reason` is shown to people and written into the certificate's commit.

    `afterwards` tells people, once all is gone, how they get it back.
    `environment` names a recorded environment; empty, it is the one of the pull request. One that is not `patient`
    gives up at once where another run is at work.
    """

    pr_number: int
    environment: str = ""
    reason: str = "the pull request is closed"
    afterwards: str = ""
    patient: bool = True
    dry_run: bool = False


class SweepRequest(Struct, frozen=True, kw_only=True):
    """What is asked of `sweep`."""

    dry_run: bool = False
