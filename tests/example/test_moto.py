from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from standins.moto.account import furnish
from standins.moto.inventory import inventory, left_over
from standins.moto.server import MotoServer, moto_server

pytestmark = [pytest.mark.process, pytest.mark.network]


@pytest.fixture(scope="module")
def server():
    with moto_server() as running:
        yield running


@pytest.fixture(scope="module")
def shared(server):
    return furnish(server, "preview.example.com")


@pytest.fixture
def left(server, shared):
    """What a test has left in the account, so far."""
    before = inventory(server)
    return lambda: left_over(server, before, shared.state_bucket)


def test_the_configuration_gets_what_the_account_has(shared, example):
    import yaml

    configuration = yaml.safe_load((example / ".github/eod.yml").read_text("utf-8"))
    ours = {key.replace("-", "_") for key in configuration["shared"]}
    assert set(shared.shared()) == ours
    assert set(shared.variables()) == set(configuration["terraform"]["variables"])


def test_what_carries_no_tag_is_found_too(server, shared, left):
    assert left() == ()
    route53, cloudfront = server.client("route53"), server.client("cloudfront")
    change(route53, shared.zone_id, "CREATE")
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "a",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]["Id"]
    found = left()
    assert len(found) == 2
    assert any(control in name for name in found)
    assert any("pr-1.preview.example.com" in name for name in found)

    change(route53, shared.zone_id, "DELETE")
    cloudfront.delete_origin_access_control(Id=control, IfMatch="x")
    assert left() == ()


class Busy(MotoServer, frozen=True, kw_only=True):
    """An account in which others work: what was made is gone as soon as it has been listed."""

    ends: dict[str, Callable[[], object]]

    def client(self, service, region=None):
        made = super().client(service, region)
        made.meta.events.register("after-call", self._end)
        return made

    def _end(self, *, model, **_parsed):
        end = self.ends.pop(model.name, None)
        if end is not None:
            end()


def test_what_goes_while_it_is_listed_is_not_there(server, left):
    s3, sqs, route53 = (server.client(service) for service in ("s3", "sqs", "route53"))
    s3.create_bucket(Bucket="gone", CreateBucketConfiguration={"LocationConstraint": server.region})
    url = sqs.create_queue(QueueName="gone")["QueueUrl"]
    zone = route53.create_hosted_zone(Name="gone.example", CallerReference="1")["HostedZone"]["Id"]
    busy = Busy(
        endpoint=server.endpoint,
        ends={
            "ListBuckets": lambda: s3.delete_bucket(Bucket="gone"),
            "ListQueues": lambda: sqs.delete_queue(QueueUrl=url),
            "ListHostedZones": lambda: route53.delete_hosted_zone(Id=zone),
        },
    )
    found = inventory(busy)
    assert not [name for name in found if "gone" in name or zone.strip("/") in name]
    assert not busy.ends
    assert left() == ()


def test_a_kind_that_nobody_listed_is_found_by_its_tags(server, left):
    table = server.client("ssm")
    table.put_parameter(Name="a", Value="b", Type="String", Tags=[{"Key": "any", "Value": "thing"}])
    assert any("parameter/a" in name for name in left())
    table.delete_parameter(Name="a")
    assert left() == ()


def test_an_empty_state_is_nothing_but_a_lock_or_a_state_with_resources_is_left(server, shared, left):
    s3 = server.client("s3")
    put = {
        "pr-1.tfstate": b'{"resources": []}',
        "pr-2.tfstate": b'{"resources": [{}]}',
        "pr-1.tfstate.tflock": b"{}",
    }
    for key, body in put.items():
        s3.put_object(Bucket=shared.state_bucket, Key=key, Body=body)
    assert [name.rsplit("/", 1)[1] for name in left()] == ["pr-1.tfstate.tflock", "pr-2.tfstate"]
    for key in put:
        s3.delete_object(Bucket=shared.state_bucket, Key=key)


def test_a_distribution_must_be_disabled_and_deployed_before_it_can_be_deleted(server, left):
    cloudfront = server.client("cloudfront")
    made = cloudfront.create_distribution(DistributionConfig=distribution(enabled=True))
    identifier, etag = made["Distribution"]["Id"], made["ETag"]
    with pytest.raises(ClientError, match="DistributionNotDisabled"):
        cloudfront.delete_distribution(Id=identifier, IfMatch=etag)

    cloudfront.get_waiter("distribution_deployed").wait(Id=identifier, WaiterConfig={"Delay": 0})
    updated = cloudfront.update_distribution(
        Id=identifier, IfMatch=etag, DistributionConfig=distribution(enabled=False)
    )
    assert updated["Distribution"]["Status"] == "InProgress"
    with pytest.raises(ClientError, match="DistributionNotDisabled"):
        cloudfront.delete_distribution(Id=identifier, IfMatch=updated["ETag"])
    assert cloudfront.get_distribution(Id=identifier)["Distribution"]["Status"] == "Deployed"
    cloudfront.delete_distribution(Id=identifier, IfMatch=updated["ETag"])
    assert left() == ()


def test_automated_snapshots_go_with_their_cluster_and_manual_ones_stay(server, left):
    rds = server.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="a", Engine="aurora-postgresql", MasterUsername="app", ManageMasterUserPassword=True
    )
    rds.create_db_cluster_snapshot(DBClusterIdentifier="a", DBClusterSnapshotIdentifier="by-hand")
    assert len([name for name in left() if ":cluster-snapshot:" in name]) == 2
    rds.delete_db_cluster(DBClusterIdentifier="a", SkipFinalSnapshot=True)
    (name,) = left()
    assert name.endswith(":cluster-snapshot:by-hand")
    rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="by-hand")


def test_the_server_ends_with_whoever_started_it():
    with moto_server() as running:
        client = running.client("sts")
        assert client.get_caller_identity()["Account"]
    with pytest.raises(Exception, match="Could not connect"):
        client.get_caller_identity()


def change(route53, zone, action):
    record = {
        "Name": "pr-1.preview.example.com",
        "Type": "A",
        "TTL": 60,
        "ResourceRecords": [{"Value": "192.0.2.1"}],
    }
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    )


def distribution(*, enabled):
    return {
        "CallerReference": "one",
        "Comment": "",
        "Enabled": enabled,
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "example.com"}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"},
    }
