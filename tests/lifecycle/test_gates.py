"""When the application is synced: with its last resource, never with a CDN's."""

import threading
from typing import Any

import pytest
from msgspec import structs

from eod.config import ArgoCd
from eod.errors import ApplyFailedError
from eod.lifecycle.rooms import UpRequest
from eod.lifecycle.up import up
from eod.model.kube import ApplicationStage, ApplicationStatus
from eod.model.plan import ApplyResult, Plan, PlanSummary, ResourceChange, ResourceProgress
from eod.model.record import Phase
from eod.model.tier import Tier
from tests.lifecycle.builders import pull
from tests.lifecycle.inmemory import WITH_TERRAFORM, InMemoryRooms
from tests.runaway import RUNAWAY_SECONDS

FULL = UpRequest(pr_number=7, forced_tier=Tier.FULL)
CONFIG = structs.replace(WITH_TERRAFORM, argocd=ArgoCd())
ADDRESSES = ("aws_rds_cluster.d", "aws_sqs_queue.q", "aws_cloudfront_distribution.c")


class GatedRooms(InMemoryRooms):
    """An apply whose resources complete when the test says so, and an Argo CD that notes when it is asked."""

    def __init__(self, gates):
        super().__init__(CONFIG, pulls=[pull()])
        self.gates = frozenset(gates)
        self.complete = {address: threading.Event() for address in ADDRESSES}
        self.synced_with: set[str] | None = None
        self.ready_with: set[str] | None = None
        self.delivery: Any = self

    def done(self):
        return {address for address, event in self.complete.items() if event.is_set()}

    def let_be_ready(self, last):
        self.ready_with = self.done()
        self.complete[last].set()

    def plan(self):
        changes = tuple(
            ResourceChange(address=address, type=address.split(".")[0], actions=("create",))
            for address in ADDRESSES
        )
        return Plan(
            path="plan",
            digest="d",
            terraform_version="1",
            changes=changes,
            summary=PlanSummary(adds=3),
            gates=self.gates,
        )

    def apply(self, _plan, on_progress, _still_wanted):
        for address, event in self.complete.items():
            assert event.wait(RUNAWAY_SECONDS), f"nobody went on without {address}"
            on_progress(
                ResourceProgress(
                    address=address, type=address.split(".")[0], kind="", action="create", state="complete"
                )
            )
        return ApplyResult(added=3)

    def ensure(self, _spec):
        self.synced_with = self.done()
        return True

    def wait_ready(self, name, revision, **_how):
        return ApplicationStatus(name=name, stage=ApplicationStage.READY, revision=revision)


def test_the_sync_starts_with_the_last_needed_resource_and_ready_does_not_wait_for_the_cdn():
    database, queue, cdn = ADDRESSES
    rooms: Any = GatedRooms({database, queue})
    rooms.complete[database].set()
    rooms.before["write provisioning"] = rooms.complete[queue].set
    rooms.before["write ready"] = lambda: rooms.let_be_ready(cdn)
    outcome = up(rooms, FULL)
    assert rooms.synced_with == rooms.ready_with == {database, queue}
    assert outcome.phase is Phase.READY
    assert outcome.cooking == ()


def test_a_cdn_that_the_configuration_makes_a_gate_is_waited_for():
    rooms: Any = GatedRooms(ADDRESSES)
    for address in ADDRESSES:
        rooms.complete[address].set()
    up(rooms, FULL)
    assert rooms.synced_with == set(ADDRESSES)


def test_an_old_one_that_is_deleted_and_one_that_failed_open_no_gate():
    database, queue, _cdn = ADDRESSES

    class Replacing(GatedRooms):
        synced = threading.Event()
        too_early: bool | None = None

        def apply(self, plan, on_progress, still_wanted):
            for address in (database, queue):
                for action, state in (("delete", "complete"), ("create", "errored")):
                    on_progress(ResourceProgress(address=address, type="", kind="", action=action, state=state))
            self.too_early = self.synced.wait(0.3)
            return super().apply(plan, on_progress, still_wanted)

        def ensure(self, spec):
            self.synced.set()
            return super().ensure(spec)

    rooms: Any = Replacing({database, queue})
    for event in rooms.complete.values():
        event.set()
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.too_early is False


def test_where_the_apply_fails_nothing_is_synced():
    class Failing(GatedRooms):
        def apply(self, plan, on_progress, still_wanted):
            raise ApplyFailedError("Terraform apply failed.")

    rooms: Any = Failing(ADDRESSES)
    with pytest.raises(ApplyFailedError):
        up(rooms, FULL)
    assert rooms.synced_with is None


def test_a_comment_that_takes_github_long_does_not_keep_the_gates_shut():
    database, queue, _cdn = ADDRESSES

    class Slow(GatedRooms):
        synced = threading.Event()
        in_time: bool | None = None

        def update(self, subject, *arguments, **options):
            told = set() if isinstance(subject, str) else {one.address for one in subject.progress}
            if told == {database, queue} and threading.current_thread().name == "terraform-apply":
                self.in_time = self.synced.wait(RUNAWAY_SECONDS)
            return super().update(subject, *arguments, **options)

        def ensure(self, spec):
            self.synced.set()
            return super().ensure(spec)

    rooms: Any = Slow({database, queue})
    for event in rooms.complete.values():
        event.set()
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.in_time is True


class PlannedRooms(InMemoryRooms):
    """A plan with this summary, which touches no resource."""

    def __init__(self, summary):
        super().__init__(WITH_TERRAFORM, pulls=[pull()])
        self.summary = summary

    def plan(self):
        return structs.replace(super().plan(), changes=(), summary=self.summary)


def test_a_plan_of_nothing_but_outputs_is_applied():
    rooms: Any = PlannedRooms(PlanSummary(outputs=("url",)))
    outcome = up(rooms, FULL)
    assert rooms.calls["apply"] == 1
    assert outcome.phase is Phase.READY
    kept = rooms.kept["pr-7"]
    assert kept.plan_summary == "outputs change only: url"
    assert kept.terraform.applied


def test_an_empty_plan_is_not():
    rooms: Any = PlannedRooms(PlanSummary())
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.calls["apply"] == 0
