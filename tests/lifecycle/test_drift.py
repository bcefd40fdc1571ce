"""The configuration says something else when an environment goes than when it was made."""

import json
from io import StringIO

import pytest
from msgspec import structs

from eod.cli.build import LiveRooms
from eod.cli.parts import make_log
from eod.cli.settings import read_settings
from eod.config import ArgoCd, ArgoCdMode, Aws, Cdn, Config
from eod.errors import ClusterError, LeftoversError
from eod.interrupts import Interrupts
from eod.lifecycle.down import down
from eod.lifecycle.made import cloud_recorded, config_where_made
from eod.lifecycle.rooms import DownRequest, UpRequest
from eod.lifecycle.up import up
from eod.model.cloud import Item
from eod.model.kube import ApplicationInfo
from eod.model.record import ApplicationRecord, CloudRecord, Phase, Run, SharedCdn
from eod.model.tier import Tier
from tests.lifecycle.builders import CONFIG, pull, record
from tests.lifecycle.inmemory import WITH_TERRAFORM, WITHOUT_TERRAFORM, in_memory_rooms

FULL = UpRequest(pr_number=7, forced_tier=Tier.FULL)
LIGHT = UpRequest(pr_number=7, forced_tier=Tier.LIGHTWEIGHT)
DOWN = DownRequest(pr_number=7)
FORMER = ApplicationRecord(name="pr-7", namespace="argocd", mode="application")
CLOUD = CloudRecord(region="eu-west-1", sdk_region="eu-west-1", tag_prefix="team/")


class OneApplication:
    """An Argo CD in which there is the environment's Application, until it is deleted."""

    def __init__(self):
        self.there = True
        self.asked = []

    def applications(self):
        return (ApplicationInfo(name="pr-7", environment="pr-7", namespace="pr-7"),) if self.there else ()

    def delete(self, name, _seconds, *, generated):
        self.asked.append((name, generated))
        self.there, was = False, self.there
        return was


class OneBucket:
    """An AWS in which one bucket is left that Terraform knows not."""

    def find(self, environment, _hostname):
        return (Item(kind="s3 bucket", id="arn:aws:s3:::left", environment=environment),)


# Argo CD


@pytest.mark.parametrize(
    "now",
    [ArgoCd(mode=ArgoCdMode.NONE), ArgoCd(namespace="gitops"), ArgoCd(mode=ArgoCdMode.APPLICATION_SET)],
    ids=["none", "namespace", "mode"],
)
def test_the_application_is_deleted_where_it_was_made(now):
    config = structs.replace(WITHOUT_TERRAFORM, argocd=now)
    rooms = in_memory_rooms(config, records=[record(application=FORMER)])
    former = rooms.deliveries["application", "argocd"] = OneApplication()
    certificate = down(rooms, DOWN).certificate
    assert certificate is not None
    assert former.asked == [("pr-7", False)]
    assert [item.id for item in certificate.existed if item.kind == "application"] == ["pr-7"]
    assert [check.ok for check in certificate.checks if check.name == "application"] == [True]


def test_a_push_after_the_move_deletes_the_former_application_first():
    config = structs.replace(WITHOUT_TERRAFORM, argocd=ArgoCd(mode=ArgoCdMode.NONE))
    rooms = in_memory_rooms(config, pulls=[pull()], records=[record(application=FORMER)])
    former = rooms.deliveries["application", "argocd"] = OneApplication()
    assert up(rooms, LIGHT).phase is Phase.READY
    assert former.asked == [("pr-7", False)]
    assert rooms.kept["pr-7"].application is None


def test_the_application_is_recorded_before_anything_is_made():
    config = structs.replace(WITHOUT_TERRAFORM, argocd=ArgoCd(namespace="gitops"))
    rooms = in_memory_rooms(config, pulls=[pull()])
    seen = []
    rooms.before["ensure_namespace"] = lambda: seen.append(rooms.kept["pr-7"].application)
    up(rooms, LIGHT)
    assert [(one.name, one.namespace, one.mode) for one in seen] == [("pr-7", "gitops", "application")]


# AWS


@pytest.mark.parametrize(
    "now", [Aws(region="us-west-2"), Aws(tag_prefix="other/"), Aws(enabled=False)], ids=["region", "prefix", "off"]
)
def test_nothing_is_certified_before_the_place_where_it_was_made_was_looked_at(now):
    config = structs.replace(WITHOUT_TERRAFORM, aws=now)
    rooms = in_memory_rooms(config, records=[record(cloud=CLOUD)])
    rooms.inventories["eu-west-1", "team/"] = OneBucket()
    with pytest.raises(LeftoversError) as caught:
        down(rooms, DOWN)
    assert "arn:aws:s3:::left" in caught.value.detail
    assert rooms.kept["pr-7"].phase is Phase.FAILED
    assert rooms.kept["pr-7"].cloud == CLOUD


def test_where_it_is_made_is_recorded_first_of_all():
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.cloud_now = CLOUD
    seen = []
    rooms.before["ensure_namespace"] = lambda: seen.append(rooms.kept["pr-7"].cloud)
    up(rooms, FULL)
    assert seen == [CLOUD]


def test_regions_of_earlier_pushes_stay_on_the_list():
    moved = CloudRecord(region="eu-north-1", tag_prefix="team/", regions=("eu-south-1",))
    both = cloud_recorded(moved, CLOUD)
    assert both is not None
    assert (both.region, both.regions) == ("eu-north-1", ("eu-south-1", "eu-west-1"))
    back = cloud_recorded(CLOUD, both)
    assert back is not None
    assert (back.region, set(back.regions)) == ("eu-west-1", {"eu-north-1", "eu-south-1"})


def test_a_push_without_aws_forgets_nothing():
    assert cloud_recorded(None, CLOUD) == CLOUD
    assert cloud_recorded(None, None) is None


def test_what_nobody_recorded_is_as_the_configuration_has_it():
    config = structs.replace(CONFIG, aws=Aws(region="eu-west-1", enabled=False), argocd=ArgoCd(namespace="gitops"))
    assert config_where_made(config, record()) == config


def live_rooms(tmp_path, aws, **environ):
    environ = {"GITHUB_REPOSITORY": "acme/shop", "RUNNER_TEMP": str(tmp_path), **environ}
    settings = read_settings(environ, checkout=tmp_path, token="t")
    return LiveRooms(
        config=Config(domain="preview.example.com", aws=aws),
        base_commit="",
        settings=settings,
        interrupts=Interrupts(),
        environ=environ,
        runner=make_log(environ, StringIO(), debug=False),
    )


def test_the_real_rooms_look_where_it_was_made(tmp_path):
    then = live_rooms(
        tmp_path,
        Aws(enabled=True, tag_prefix="team/", hosted_zone="Z1", cdn=Cdn(bucket="assets")),
        AWS_REGION="eu-west-1",
    )
    made = record(cloud=then.cloud)
    assert made.cloud == CloudRecord(
        region="eu-west-1",
        sdk_region="eu-west-1",
        tag_prefix="team/",
        hosted_zone="Z1",
        cdn=SharedCdn(invalidation_path="/{environment}/*", bucket="assets", prefix="{environment}/"),
    )
    now = live_rooms(tmp_path, Aws(enabled=False, region="us-west-2"), AWS_REGION="us-east-2")
    assert now.inventory is None
    back = now.where_made(made)
    assert back.cloud == made.cloud
    assert back.inventory is not None
    assert back.environ["AWS_REGION"] == back.environ["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert back.source is now.source
    assert back.reporter is now.reporter
    assert now.environ["AWS_REGION"] == "us-east-2"


# the cluster


def test_a_teardown_in_another_cluster_certifies_nothing():
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, records=[record(cluster="cluster-0")])
    with pytest.raises(ClusterError, match="another cluster"):
        down(rooms, DOWN)
    assert rooms.kept["pr-7"].phase is Phase.FAILED
    assert rooms.calls["delete_namespace"] == 0


def test_a_push_in_another_cluster_makes_no_second_namespace():
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, pulls=[pull()], records=[record(cluster="cluster-0")])
    with pytest.raises(ClusterError, match="another cluster"):
        up(rooms, LIGHT)
    assert rooms.calls["ensure_namespace"] == 0


@pytest.mark.parametrize("recorded", ["cluster-1", ""])
def test_the_same_cluster_and_one_of_which_nothing_is_known_are_fine(recorded):
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, records=[record(cluster=recorded)])
    assert down(rooms, DOWN).phase is Phase.DESTROYED


def test_the_cluster_is_recorded():
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, pulls=[pull()])
    up(rooms, LIGHT)
    assert rooms.kept["pr-7"].cluster == "cluster-1"


# what was not looked at is not said to have been


def test_the_certificate_lists_only_places_that_were_looked_at():
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, records=[record()])
    certificate = down(rooms, DOWN).certificate
    assert certificate is not None
    assert [check.name for check in certificate.checks] == ["namespace"]


def test_runs_on_a_terminal_have_names_of_their_own(tmp_path):
    rooms = live_rooms(tmp_path, Aws())
    assert rooms.run.id.startswith("local-")
    assert rooms.is_over(rooms.run) is False
    machine = rooms.run.id.rpartition("-")[0]
    assert rooms.is_over(Run(id=f"{machine}-{2**22 - 1}")) is True
    assert rooms.is_over(Run(id="local-00000000-1")) is None
    assert rooms.is_over(Run()) is None


@pytest.mark.network
@pytest.mark.process
def test_on_real_parts_the_application_goes_though_the_configuration_has_no_argo_cd_any_more(world):
    number = world.open({"app/shop.py": "GREETING = 'Hello'\n"})
    assert world.event(number, "opened") == 0
    applications = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"
    assert [one["metadata"]["name"] for one in world.kube("GET", applications)["items"]] == ["pr-1"]
    assert (world.record_of(number)["application"]["mode"], "lease" in world.record_of(number)) == (
        "application",
        False,
    )
    world.reconfigure("domain: preview.example.com\nargocd: {mode: none}\n")
    world.repository.push("change", {"app/shop.py": "GREETING = 'Hi'\n"}, message="Again", base="main")
    world.repository.close(number)
    assert world.event(number, "closed") == 0
    assert world.kube("GET", applications)["items"] == []
    assert "application" in {one["kind"] for one in json.loads(world.outputs["certificate"])["existed"]}
