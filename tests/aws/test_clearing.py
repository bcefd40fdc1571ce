import pytest
from botocore.exceptions import ClientError

from eod.aws.clearing import TagClearer
from eod.aws.inventory import TagInventory
from eod.model.cloud import Item
from tests.aws.clock import FastClock

pytestmark = [pytest.mark.network]
TAGS = {"environment.on-demand/name": "pr-7", "environment.on-demand/repository": "acme/shop"}
TAG_LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]
OTHER = [{"Key": "environment.on-demand/name", "Value": "pr-8"}, TAG_LIST[1]]


@pytest.fixture
def clock():
    return FastClock()


@pytest.fixture
def clearer(session, clock):
    return TagClearer(session, clock=clock, repository="acme/shop")


@pytest.fixture
def found(session):
    return lambda: TagInventory(session, repository="acme/shop").find("pr-7", "")


def bucket(session, name, tags):
    s3 = session.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": session.region})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"a", b"b"):
        s3.put_object(Bucket=name, Key="a key / with 'quotes' & ünïcode", Body=body)
    s3.delete_object(Bucket=name, Key="a key / with 'quotes' & ünïcode")


def test_a_bucket_of_ours_is_emptied_with_all_its_versions_and_nobody_elses(session, clearer, found):
    bucket(session, "pr-7-assets", TAG_LIST)
    bucket(session, "pr-8-assets", OTHER)
    assert clearer.empty(found(), 60).done == ("s3 bucket pr-7-assets still held objects: 3 deleted.",)
    session.client("s3").delete_bucket(Bucket="pr-7-assets")
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        session.client("s3").delete_bucket(Bucket="pr-8-assets")


def test_an_empty_bucket_or_one_that_is_gone_was_in_nobodys_way(session, clearer, found):
    bucket(session, "pr-7-assets", TAG_LIST)
    gone = found()
    clearer.empty(gone, 60)
    assert clearer.empty(gone, 60).done == ()
    session.client("s3").delete_bucket(Bucket="pr-7-assets")
    assert clearer.empty(gone, 60).done == ()


def test_emptying_ends_when_its_time_is_over(session, clearer, found):
    bucket(session, "pr-7-assets", TAG_LIST)
    assert clearer.empty(found(), 0).done == ()


def test_objects_that_are_kept_from_being_deleted_do_not_count_as_gone(session, clearer, found, monkeypatch):
    bucket(session, "pr-7-assets", TAG_LIST)
    locked = {"Errors": [{"Key": "a", "Code": "AccessDenied"}] * 3}
    monkeypatch.setattr(session.client("s3"), "delete_objects", lambda **_what: locked)
    assert clearer.empty(found(), 60).done == ()


def test_a_zone_loses_what_somebody_else_put_into_it(session, clearer):
    client = session.client("route53", "us-east-1")
    zone = client.create_hosted_zone(Name="pr-7.example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": "a.pr-7.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    item = Item(kind="route53 hostedzone", id=f"arn:aws:route53:::hostedzone/{zone.rpartition('/')[2]}")
    (told,) = clearer.empty((item,), 60).done
    assert told.endswith("still held records: 1 deleted.")
    client.delete_hosted_zone(Id=zone)
    assert clearer.empty((item,), 60).done == ()


def test_a_repository_loses_its_images(session, clearer):
    client = session.client("ecr")
    arn = client.create_repository(repositoryName="pr-7/app")["repository"]["repositoryArn"]
    for number, tag in enumerate(("one", "two")):
        manifest = f'{{"schemaVersion": 2, "config": {{"digest": "sha256:{tag}"}}, "layers": []}}'
        client.put_image(
            repositoryName="pr-7/app",
            imageManifest=manifest,
            imageManifestMediaType="application/vnd.docker.distribution.manifest.v2+json",
            imageTag=tag,
            imageDigest=f"sha256:{number:064x}",
        )
    (told,) = clearer.empty((Item(kind="ecr repository", id=arn),), 60).done
    assert told.startswith("ecr repository pr-7/app still held images: ")
    client.delete_repository(repositoryName="pr-7/app")


def cluster(session, name):
    session.client("rds").create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="secret-secret",
        Tags=TAG_LIST,
    )


def test_a_stopped_database_is_started_and_waited_for(session, clearer, found):
    cluster(session, "pr-7")
    rds = session.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="pr-7-alone", Engine="mysql", DBInstanceClass="db.t3.micro", Tags=TAG_LIST
    )
    rds.stop_db_cluster(DBClusterIdentifier="pr-7")
    rds.stop_db_instance(DBInstanceIdentifier="pr-7-alone")
    told = clearer.start(found(), 60).done
    assert sorted(line.split(" was stopped")[0] for line in told) == [
        "rds cluster pr-7",
        "rds instance pr-7-alone",
    ]
    assert rds.describe_db_clusters(DBClusterIdentifier="pr-7")["DBClusters"][0]["Status"] == "available"
    assert clearer.start(found(), 60).done == ()


def test_a_database_that_does_not_come_up_is_not_said_to_be(session, clearer, clock, found, monkeypatch):
    cluster(session, "pr-7")
    rds = session.client("rds")
    rds.stop_db_cluster(DBClusterIdentifier="pr-7")
    monkeypatch.setattr(rds, "start_db_cluster", lambda **_which: None)
    assert clearer.start(found(), 60).done == ()
    assert clock.seconds <= 75


def test_only_interfaces_that_nothing_uses_and_our_groups_alone_hold_are_deleted(session, clearer):
    ec2 = session.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    ours, theirs = (
        ec2.create_security_group(GroupName=name, Description="d", VpcId=subnet["VpcId"])["GroupId"]
        for name in ("pr-7", "pr-8")
    )
    made = {
        name: ec2.create_network_interface(SubnetId=subnet["SubnetId"], Groups=groups)["NetworkInterface"]
        for name, groups in {"alone": [ours], "both": [ours, theirs], "other": [theirs]}.items()
    }
    item = Item(kind="security group", id=f"arn:aws:ec2:eu-west-1:123456789012:security-group/{ours}")
    (told,) = clearer.detach((item,)).done
    assert made["alone"]["NetworkInterfaceId"] in told
    left = {one["NetworkInterfaceId"] for one in ec2.describe_network_interfaces()["NetworkInterfaces"]}
    assert left >= {made["both"]["NetworkInterfaceId"], made["other"]["NetworkInterfaceId"]}
    assert made["alone"]["NetworkInterfaceId"] not in left


def test_a_deleted_secret_of_ours_gives_its_name_back(session, clearer):
    client = session.client("secretsmanager")
    for name, tags in {"pr-7/db": TAG_LIST, "pr-7/living": TAG_LIST, "pr-8/db": OTHER}.items():
        client.create_secret(Name=name, SecretString="x", Tags=tags)
    for name in ("pr-7/db", "pr-8/db"):
        client.delete_secret(SecretId=name)
    assert clearer.forget("pr-7").done == ("secret pr-7/db was deleted and kept its name: deleted for good.",)
    assert clearer.forget("pr-7").done == ()
    client.create_secret(Name="pr-7/db", SecretString="y")
    assert client.get_secret_value(SecretId="pr-7/living")["SecretString"] == "x"
    with pytest.raises(ClientError, match="already exists"):
        client.create_secret(Name="pr-8/db", SecretString="y")


def refuse_for(client, monkeypatch, operation, refused, code="AccessDenied"):
    """One thing is refused, with that code; all the rest is done."""
    real = getattr(client, operation)

    def ask(**arguments):
        if refused in arguments.values():
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)
        return real(**arguments)

    monkeypatch.setattr(client, operation, ask)


def test_one_bucket_that_may_not_be_emptied_keeps_no_other_from_it(session, clearer, found, monkeypatch):
    for name in ("pr-7-a", "pr-7-b", "pr-7-c"):
        bucket(session, name, TAG_LIST)
    refuse_for(session.client("s3"), monkeypatch, "delete_objects", "pr-7-a")
    cleared = clearer.empty(found(), 60)
    assert [line.split(" still held")[0] for line in cleared.done] == ["s3 bucket pr-7-b", "s3 bucket pr-7-c"]
    (refused,) = cleared.refused
    assert refused.startswith("AWS refuses emptying s3 bucket pr-7-a.")


def test_what_was_not_begun_in_time_is_told(session, clearer, found):
    bucket(session, "pr-7-assets", TAG_LIST)
    assert clearer.empty(found(), 0).refused == (
        "s3 bucket pr-7-assets was not emptied: the time for that was over.",
    )


def test_one_database_that_may_not_be_started_keeps_no_other_from_it(session, clearer, found, monkeypatch):
    for name in ("pr-7-a", "pr-7-b"):
        cluster(session, name)
        session.client("rds").stop_db_cluster(DBClusterIdentifier=name)
    refuse_for(session.client("rds"), monkeypatch, "start_db_cluster", "pr-7-a")
    cleared = clearer.start(found(), 60)
    assert cleared.done == ("rds cluster pr-7-b was stopped: started, so that it can be deleted.",)
    assert cleared.refused[0].startswith("AWS refuses starting rds cluster pr-7-a.")


def test_one_secret_that_may_not_be_deleted_keeps_no_other_from_it(session, clearer, monkeypatch):
    client = session.client("secretsmanager")
    arns = [client.create_secret(Name=f"pr-7/{n}", SecretString="x", Tags=TAG_LIST)["ARN"] for n in "ab"]
    for arn in arns:
        client.delete_secret(SecretId=arn)
    refuse_for(client, monkeypatch, "delete_secret", arns[0])
    cleared = clearer.forget("pr-7")
    assert cleared.done == ("secret pr-7/b was deleted and kept its name: deleted for good.",)
    assert "deleting secret pr-7/a for good" in cleared.refused[0]
