import pytest
from botocore.exceptions import ClientError

from eod.aws.inventory import TagInventory
from eod.aws.removal import TagRemover
from eod.aws.session import AwsSession
from eod.model.cloud import Item, Removed
from tests.aws.clock import FastClock

pytestmark = [pytest.mark.network]
TAGS = {"environment.on-demand/name": "pr-7", "environment.on-demand/repository": "acme/shop"}
TAG_LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]


def make_everything(session):
    s3 = session.client("s3")
    s3.create_bucket(Bucket="pr-7-assets", CreateBucketConfiguration={"LocationConstraint": session.region})
    s3.put_bucket_tagging(Bucket="pr-7-assets", Tagging={"TagSet": TAG_LIST})
    s3.put_bucket_versioning(Bucket="pr-7-assets", VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        s3.put_object(Bucket="pr-7-assets", Key="a", Body=b"a")
    s3.delete_object(Bucket="pr-7-assets", Key="a")
    session.client("sqs").create_queue(QueueName="pr-7-jobs", tags=TAGS)
    session.client("sns").create_topic(Name="pr-7-news", Tags=TAG_LIST)
    session.client("secretsmanager").create_secret(Name="pr-7/db", SecretString="x", Tags=TAG_LIST)
    session.client("logs").create_log_group(logGroupName="/pr-7/app", tags=TAGS)
    session.client("dynamodb").create_table(
        TableName="pr-7",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=TAG_LIST,
    )
    rds = session.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="pr-7",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="secret-secret",
        Tags=TAG_LIST,
    )
    rds.create_db_instance(
        DBInstanceIdentifier="pr-7-1",
        DBClusterIdentifier="pr-7",
        Engine="aurora-mysql",
        DBInstanceClass="db.t3.medium",
        Tags=TAG_LIST,
    )
    ec2 = session.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_security_group(
        GroupName="pr-7",
        Description="d",
        VpcId=vpc,
        TagSpecifications=[{"ResourceType": "security-group", "Tags": TAG_LIST}],
    )
    elb = session.client("elbv2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    elb.create_load_balancer(Name="pr-7", Subnets=subnets, Tags=TAG_LIST)
    elb.create_target_group(Name="pr-7", Protocol="HTTP", Port=80, VpcId=vpc, Tags=TAG_LIST)


@pytest.fixture
def remover(session):
    return TagRemover(session, clock=FastClock())


@pytest.fixture
def inventory(session):
    return TagInventory(session, repository="acme/shop")


def test_whatever_carries_the_environments_tags_is_deleted_and_nothing_else(session, remover, inventory):
    make_everything(session)
    sqs = session.client("sqs")
    sqs.create_queue(QueueName="pr-8-jobs", tags={**TAGS, "environment.on-demand/name": "pr-8"})
    found = inventory.find("pr-7", "")
    assert len({item.kind for item in found}) == 11
    removals = remover.remove(found, 600).removals
    assert {removal.item for removal in removals} == set(found)
    assert inventory.find("pr-7", "") == ()
    assert len(inventory.find("pr-8", "")) == 1


def test_what_is_gone_already_is_no_error(session, remover, inventory):
    session.client("sqs").create_queue(QueueName="pr-7-jobs", tags=TAGS)
    found = inventory.find("pr-7", "")
    assert len(remover.remove(found, 600).removals) == 1
    assert len(remover.remove(found, 600).removals) == 1


def test_what_nobody_knows_how_to_delete_is_left_for_a_person(remover):
    snapshot = Item(kind="rds cluster snapshot", id="arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:final")
    unheard_of = Item(kind="quantum device", id="arn:aws:braket:eu-west-1:123456789012:device/1")
    assert not remover.removable(snapshot)
    assert remover.remove((snapshot, unheard_of), 600) == Removed()


class Refusing(AwsSession):
    """A queue service that refuses so many times, with that code."""

    def __init__(self, session, code, times):
        self.session, self.code, self.times = session, code, times
        self.region = session.region

    def client(self, service, region=""):
        real = self.session.client(service, region)
        if service != "sqs":
            return real
        refusing = self

        class Client:
            get_queue_url = staticmethod(real.get_queue_url)

            @staticmethod
            def delete_queue(**arguments):
                refusing.times -= 1
                if refusing.times >= 0:
                    raise ClientError({"Error": {"Code": refusing.code, "Message": "no"}}, "DeleteQueue")
                return real.delete_queue(**arguments)

        return Client


def test_what_is_still_in_use_is_tried_again_until_the_time_is_over(session, inventory):
    session.client("sqs").create_queue(QueueName="pr-7-jobs", tags=TAGS)
    found = inventory.find("pr-7", "")
    never = TagRemover(Refusing(session, "DependencyViolation", 1_000_000), clock=FastClock())
    (left,) = never.remove(found, 60).left
    assert left.why == "It is still in use (DependencyViolation): no"
    soon = TagRemover(Refusing(session, "DependencyViolation", 2), clock=FastClock())
    assert len(soon.remove(found, 60).removals) == 1


def test_a_refusal_for_good_keeps_nothing_else_from_going_and_both_are_told(session, inventory):
    session.client("sqs").create_queue(QueueName="pr-7-jobs", tags=TAGS)
    session.client("sns").create_topic(Name="pr-7-news", Tags=TAG_LIST)
    session.client("logs").create_log_group(logGroupName="/pr-7/app", tags=TAGS)
    clock = FastClock()
    removed = TagRemover(Refusing(session, "AccessDenied", 1_000_000), clock=clock).remove(
        inventory.find("pr-7", ""), 600
    )
    assert {removal.item.kind for removal in removed.removals} == {"sns topic", "log group"}
    (left,) = removed.left
    assert left.item.kind == "sqs queue"
    assert "AWS refuses deleting sqs queue" in left.why
    assert "Allow `DeleteQueue`" in left.why
    assert clock.seconds < 60


def test_throttling_passes_and_what_is_throttled_for_ever_is_left_with_its_cause(session, inventory):
    session.client("sqs").create_queue(QueueName="pr-7-jobs", tags=TAGS)
    found = inventory.find("pr-7", "")
    (left,) = TagRemover(Refusing(session, "Throttling", 1_000_000), clock=FastClock()).remove(found, 600).left
    assert "AWS answered Throttling" in left.why
    assert len(TagRemover(Refusing(session, "Throttling", 3), clock=FastClock()).remove(found, 600).removals) == 1


def test_what_waits_for_something_refused_is_not_waited_for_until_the_end(session, inventory, monkeypatch):
    make_everything(session)
    clock = FastClock()
    ec2 = session.client("ec2")

    def in_use(**_which):
        raise ClientError({"Error": {"Code": "DependencyViolation", "Message": "used"}}, "DeleteSecurityGroup")

    monkeypatch.setattr(ec2, "delete_security_group", in_use)
    removed = TagRemover(Refusing(session, "AccessDenied", 1_000_000), clock=clock).remove(
        inventory.find("pr-7", ""), 3600
    )
    assert {left.item.kind for left in removed.left} == {"sqs queue", "security group"}
    assert clock.seconds < 300


def test_dns_records_are_found_by_name_and_deleted(session):
    route53 = session.client("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"].rpartition("/")[
        2
    ]
    for name in ("pr-7.example.com", "pr-8.example.com"):
        pointing = {"Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "lb.example.com"}]}
        changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": pointing}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)
    inventory = TagInventory(session, repository="acme/shop", hosted_zone=zone)
    remover = TagRemover(session, clock=FastClock(), hosted_zone=zone)
    (record,) = inventory.find("pr-7", "pr-7.example.com")
    assert len(remover.remove((record,), 60).removals) == 1
    assert inventory.find("pr-7", "pr-7.example.com") == ()
    assert len(inventory.find("pr-8", "pr-8.example.com")) == 1
