"""What a killed run left behind is found out and repaired by the next one, before its plan is shown."""

from datetime import timedelta

import pytest
from msgspec import structs

from eod.errors import AwsError, RecordError
from eod.lifecycle.down import down
from eod.lifecycle.rooms import DownRequest, UpRequest
from eod.lifecycle.up import up
from eod.model.cloud import Item
from eod.model.lock import machine_of
from eod.model.plan import Creation, ResourceChange
from eod.model.record import Lease, Phase, Run, TerraformRecord
from eod.model.tier import Tier
from tests.lifecycle.builders import NOW, pull, record
from tests.lifecycle.cloud import BUCKET, QUEUE, SNAPSHOT, MemoryCloud
from tests.lifecycle.inmemory import WITH_TERRAFORM, in_memory_rooms

FULL = UpRequest(pr_number=7, forced_tier=Tier.FULL)
APPLIED = TerraformRecord(
    commit="a" * 40, directory="infra", backend={"key": "eod/acme/shop/pr-7.tfstate"}, applied=True
)
KILLED = Run(id="41", machine=machine_of("vm-41"))
VANISHED = {
    "phase": Phase.PROVISIONING,
    "terraform": APPLIED,
    "lease": Lease(run=KILLED, since=NOW - timedelta(minutes=5)),
}


def rooms_after(*items, over=True, **changes):
    kept = record(**{**VANISHED, **changes})
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()], records=[kept])
    rooms.over["41"] = over
    rooms.inventory = rooms.remover = MemoryCloud(*items)
    return rooms


def test_what_can_be_adopted_is_and_the_rest_is_deleted_before_the_plan_that_counts():
    rooms = rooms_after(QUEUE, BUCKET)
    rooms.adoptable = (QUEUE,)
    outcome = up(rooms, FULL)
    assert outcome.phase is Phase.READY
    assert rooms.inventory.items == [QUEUE]
    assert rooms.calls["plan"] == 2  # what was adopted is no creation any more
    assert [notice for notice in outcome.notices if notice.startswith("Repaired: ")] == [
        f"Repaired: adopted {QUEUE.id}",
        f"Repaired: s3 bucket {BUCKET.id} was in no state and is not in the plan: deleted by its own service.",
    ]
    assert len(rooms.kept["pr-7"].repairs) == 2
    assert rooms.kept["pr-7"].unended == ()


NAMED = structs.replace(APPLIED, names=("aws_s3_bucket pr-7-assets",))
UNTAGGED = structs.replace(BUCKET, environment="")


def test_a_bucket_whose_creation_was_cut_short_before_its_tags_is_found_by_its_name():
    rooms = rooms_after(UNTAGGED, terraform=NAMED)
    rooms.inventory.by_name = {NAMED.names[0]: UNTAGGED}
    rooms.adoptable = (UNTAGGED,)
    assert up(rooms, FULL).phase is Phase.READY
    assert UNTAGGED in rooms.in_state


def test_a_teardown_looks_for_it_by_its_name_too():
    rooms = rooms_after(UNTAGGED, terraform=NAMED)
    rooms.inventory.by_name = {NAMED.names[0]: UNTAGGED}
    assert down(rooms, DownRequest(pr_number=7)).phase is Phase.DESTROYED
    assert rooms.inventory.items == []


def rooms_with_a_fixed_name():
    """The module calls its bucket the same for each pull request, and gives it no tags."""
    rooms = rooms_after(UNTAGGED, terraform=NAMED)
    rooms.inventory.by_name = {NAMED.names[0]: UNTAGGED}
    rooms.kept["pr-8"] = record(environment="pr-8", pr_number=8, terraform=NAMED)
    return rooms


def test_an_untagged_bucket_that_another_environments_plan_names_too_is_not_taken_from_it():
    rooms = rooms_with_a_fixed_name()
    rooms.adoptable = (UNTAGGED,)
    assert up(rooms, FULL).phase is Phase.READY
    assert UNTAGGED not in rooms.in_state
    assert rooms.inventory.items == [UNTAGGED]


def test_a_teardown_leaves_it_alone_too():
    rooms = rooms_with_a_fixed_name()
    assert down(rooms, DownRequest(pr_number=7)).phase is Phase.DESTROYED
    assert rooms.inventory.items == [UNTAGGED]


def test_where_no_other_record_can_be_read_nothing_is_ours_by_its_name_alone():
    rooms = rooms_with_a_fixed_name()

    def damaged():
        raise RecordError("a record is damaged")

    rooms.records.all = damaged
    assert down(rooms, DownRequest(pr_number=7)).phase is Phase.DESTROYED
    assert rooms.inventory.items == [UNTAGGED]


def test_names_are_recorded_before_anything_is_made_and_kept():
    rooms = rooms_after(terraform=NAMED)
    planned = Creation(address="aws_iam_role.app", type="aws_iam_role", name="pr-7-app", by_name=True)
    listed = Creation(address="aws_sqs_queue.jobs", type="aws_sqs_queue", name="pr-7-jobs")
    plan = rooms.plan
    rooms.plan = lambda: structs.replace(plan(), creations=(planned, listed))
    up(rooms, FULL)
    assert rooms.kept["pr-7"].terraform.names == (*NAMED.names, "aws_iam_role pr-7-app")


@pytest.mark.parametrize(
    ("known", "fresh"),
    [(None, True), (structs.replace(APPLIED, backend={"key": "elsewhere"}), True), (APPLIED, False)],
)
def test_only_where_the_record_knows_of_the_state_may_a_plan_lock_it(known, fresh):
    rooms = rooms_after(terraform=known)
    up(rooms, FULL)
    assert rooms.bound[-1]["fresh"] is fresh


def test_what_the_state_knows_is_left_alone():
    rooms = rooms_after(QUEUE)
    rooms.in_state = (QUEUE,)
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.inventory.items == [QUEUE]
    assert rooms.calls["plan"] == 1


DNS = Item(kind="dns record", id="A pr-7.preview.acme.dev", environment="pr-7")


def test_a_dns_record_of_the_clusters_own_stays_for_the_environment_is_reached_by_it():
    rooms = rooms_after(DNS)
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.inventory.items == [DNS]


BALANCER = Item(
    kind="load balancer",
    id="arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/k8s-pr7-shop/1",
    environment="pr-7",
    controller="AWS Load Balancer Controller",
)
VOLUME = Item(
    kind="ebs volume",
    id="arn:aws:ec2:eu-west-1:1:volume/vol-1",
    environment="pr-7",
    controller="Amazon EBS CSI driver",
)


def test_what_a_controller_in_the_cluster_made_is_the_living_environments():
    rooms = rooms_after(BALANCER, VOLUME, QUEUE)
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.inventory.items == [BALANCER, VOLUME]
    assert any(BALANCER.id in line and "AWS Load Balancer Controller" in line for line in rooms.said)


def test_it_is_not_taken_into_the_state_either_though_the_plan_makes_something_of_that_name():
    theirs = structs.replace(QUEUE, controller="AWS Controllers for Kubernetes")
    rooms = rooms_after(theirs)
    rooms.adoptable = (theirs,)
    up(rooms, FULL)
    assert rooms.in_state == ()
    assert rooms.inventory.items == [theirs]


def test_a_record_of_external_dns_stays_even_where_the_plan_makes_one():
    theirs = structs.replace(DNS, controller="external-dns")
    rooms = rooms_after(theirs)
    plan = rooms.plan
    record_made = ResourceChange(address="aws_route53_record.app", type="aws_route53_record", actions=("create",))
    rooms.plan = lambda: structs.replace(plan(), changes=(record_made,))
    up(rooms, FULL)
    assert rooms.inventory.items == [theirs]


def test_a_teardown_deletes_what_controllers_left_and_what_pods_hold_once_they_are_gone():
    rooms = rooms_after(BALANCER, VOLUME)
    order = []
    rooms.before["drain"] = lambda: order.append("drain")
    rooms.before["delete_namespace"] = lambda: order.append("namespace")
    remove = rooms.remover.remove

    def noted(items, seconds):
        order.extend(item.kind for item in items)
        return remove(items, seconds)

    rooms.remover.remove = noted
    outcome = down(rooms, DownRequest(pr_number=7))
    assert outcome.phase is Phase.DESTROYED
    assert order == ["drain", "load balancer", "namespace", "ebs volume"]
    assert rooms.inventory.items == []


def test_a_volume_that_went_with_its_namespace_is_not_deleted_twice():
    rooms = rooms_after(VOLUME)
    rooms.before["delete_namespace"] = rooms.inventory.items.clear
    assert down(rooms, DownRequest(pr_number=7)).phase is Phase.DESTROYED
    assert rooms.inventory.asked == []


def test_one_that_terraform_makes_is_deleted_so_that_it_can_be_made():
    rooms = rooms_after(DNS)
    plan = rooms.plan
    record_made = ResourceChange(address="aws_route53_record.app", type="aws_route53_record", actions=("create",))
    rooms.plan = lambda: structs.replace(plan(), changes=(record_made,))
    up(rooms, FULL)
    assert rooms.inventory.items == []


def test_a_teardown_deletes_either():
    rooms = rooms_after(DNS)
    assert down(rooms, DownRequest(pr_number=7)).phase is Phase.DESTROYED
    assert rooms.inventory.items == []


def test_what_nobody_can_delete_is_told_and_left_to_the_teardown():
    rooms = rooms_after(SNAPSHOT)
    outcome = up(rooms, FULL)
    assert any(SNAPSHOT.id in notice and "left to its teardown" in notice for notice in outcome.notices)
    assert rooms.calls["plan"] == 1


def test_after_a_run_that_ended_as_it_should_nothing_is_looked_for():
    rooms = rooms_after(QUEUE, lease=None, phase=Phase.READY)
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.inventory.items == [QUEUE]


def test_what_was_made_with_a_state_elsewhere_is_left_alone():
    elsewhere = structs.replace(APPLIED, backend={"key": "elsewhere.tfstate"})
    rooms = rooms_after(QUEUE, terraform=elsewhere)
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.inventory.items == [QUEUE]


def test_an_environment_without_a_record_is_looked_for_too():
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.inventory = rooms.remover = MemoryCloud(QUEUE)
    assert up(rooms, FULL).phase is Phase.READY
    assert rooms.inventory.items == []


def test_a_cloud_that_cannot_be_asked_keeps_nobody_from_planning():
    rooms = rooms_after(QUEUE)

    def refuse(_environment, _hostname):
        raise AwsError("no")

    rooms.inventory.find = refuse
    assert up(rooms, FULL).phase is Phase.READY
    assert any("cannot be told" in line for line in rooms.said)


def test_a_role_that_may_not_delete_keeps_nobody_from_planning():
    rooms = rooms_after(QUEUE, BUCKET)
    rooms.remover.refuses = {QUEUE.id: "AWS refuses deleting sqs queue."}
    outcome = up(rooms, FULL)
    assert outcome.phase is Phase.READY
    assert any(f"{QUEUE.id} is in no state and could not be deleted: AWS refuses" in n for n in outcome.notices)
    assert any(BUCKET.id in notice and "deleted by its own service" in notice for notice in outcome.notices)
