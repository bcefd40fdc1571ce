import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from eod.aws.cdn import CloudFront
from eod.aws.inventory import TagInventory
from eod.aws.session import explained
from eod.config import Cdn
from eod.errors import AwsError, CredentialsError
from eod.model.arn import parse
from tests.aws.clock import FastClock

pytestmark = [pytest.mark.network]
TAGS = {"environment.on-demand/name": "pr-7", "environment.on-demand/repository": "acme/shop"}


def tag_list(**extra):
    return [{"Key": key, "Value": value} for key, value in {**TAGS, **extra}.items()]


@pytest.fixture
def bucket(session):
    s3 = session.client("s3")
    s3.create_bucket(Bucket="pr-7-assets", CreateBucketConfiguration={"LocationConstraint": session.region})
    s3.put_bucket_tagging(Bucket="pr-7-assets", Tagging={"TagSet": tag_list()})
    return "pr-7-assets"


@pytest.fixture
def distribution(session):
    config = {
        "CallerReference": "pr-7",
        "Comment": "",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {"Id": "o", "DomainName": "o.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "o",
            "ViewerProtocolPolicy": "allow-all",
            "MinTTL": 0,
            "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        },
    }
    made = session.client("cloudfront", "us-east-1").create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": tag_list()}}
    )
    return made["Distribution"]["Id"]


def inventory(session, **changes):
    return TagInventory(session, repository="acme/shop", **changes)


def test_finds_what_carries_the_environments_tags(session, bucket):
    session.client("sqs").create_queue(QueueName="pr-7-jobs", tags=TAGS)
    session.client("sqs").create_queue(QueueName="pr-8-jobs", tags={**TAGS, "environment.on-demand/name": "pr-8"})
    session.client("sqs").create_queue(
        QueueName="other", tags={**TAGS, "environment.on-demand/repository": "acme/other"}
    )
    found = inventory(session).find("pr-7", "pr-7.example.com")
    assert [(item.kind, parse(item.id).name) for item in found] == [
        ("s3 bucket", "pr-7-assets"),
        ("sqs queue", "pr-7-jobs"),
    ]
    assert sorted(inventory(session).environments()) == ["pr-7", "pr-8"]


def test_finds_a_distribution_which_only_the_global_region_lists(session, distribution):
    found = inventory(session).find("pr-7", "")
    assert [(item.kind, parse(item.id).name) for item in found] == [("cloudfront distribution", distribution)]


def test_what_the_tagging_api_still_lists_after_its_deletion_is_not_there(session, bucket, monkeypatch):
    look = inventory(session)
    listed = look._listed(TAGS)
    session.client("s3").delete_bucket(Bucket=bucket)
    monkeypatch.setattr(look, "_listed", lambda tags: listed)
    assert look.find("pr-7", "") == ()


def test_a_secret_that_is_scheduled_for_deletion_is_gone(session):
    secrets = session.client("secretsmanager")
    secrets.create_secret(Name="pr-7-db", SecretString="x", Tags=tag_list())
    assert [item.kind for item in inventory(session).find("pr-7", "")] == ["secret"]
    secrets.delete_secret(SecretId="pr-7-db", RecoveryWindowInDays=7)
    assert inventory(session).find("pr-7", "") == ()


def test_what_cannot_be_verified_counts_as_existing(session, monkeypatch):
    look = inventory(session)
    monkeypatch.setattr(look, "_listed", lambda tags: [("arn:aws:newservice:eu-west-1:1:thing/x", TAGS)])
    (item,) = look.find("pr-7", "")
    assert (item.kind, item.state) == ("newservice thing", "unverified")


def test_dns_records_are_found_by_name(session):
    route53 = session.client("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="z")["HostedZone"]["Id"]
    record = {"Name": "pr-7.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    near = {**record, "Name": "pr-70.example.com"}
    route53.change_resource_record_sets(
        HostedZoneId=zone,
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": r} for r in (record, near)]},
    )
    found = inventory(session, hosted_zone=zone).find("pr-7", "pr-7.example.com")
    assert [item.id for item in found] == ["A pr-7.example.com"]


def cloudfront(session, **shared):
    return CloudFront(
        session,
        shared=Cdn(**shared),
        fill=lambda text, environment: text.replace("{environment}", environment),
        clock=FastClock(),
    )


def test_a_distribution_is_disabled_and_then_deleted(session, distribution):
    cdn = cloudfront(session)
    items = inventory(session).find("pr-7", "")
    cdn.disable(items)
    client = session.client("cloudfront", "us-east-1")
    assert client.get_distribution(Id=distribution)["Distribution"]["DistributionConfig"]["Enabled"] is False
    (removal,) = cdn.retire("pr-7", items, 60)
    assert removal.item.id.endswith(distribution)
    assert inventory(session).find("pr-7", "") == ()
    assert cdn.retire("pr-7", items, 60), "a second run on a distribution that is gone succeeds"


def test_shared_content_is_purged_and_invalidated(session, bucket, distribution):
    s3 = session.client("s3")
    for key in ("pr-7/index.html", "pr-7/a.js", "pr-70/index.html"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    cdn = cloudfront(session, shared_distribution=distribution, bucket=bucket)
    removed = [removal.item.id for removal in cdn.retire("pr-7", (), 60)]
    assert removed == [f"s3://{bucket}/pr-7/ (2)", f"{distribution} /pr-7/*"]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["pr-70/index.html"]


def test_a_prefix_that_ends_with_the_name_purges_no_other_environment_whose_name_begins_so(session, bucket):
    s3 = session.client("s3")
    for key in ("previews/pr-7/a.js", "previews/pr-70/a.js", "previews/pr-7-a.js"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    cdn = cloudfront(session, bucket=bucket, prefix="previews/{environment}")
    assert [removal.item.id for removal in cdn.retire("pr-7", (), 60)] == [f"s3://{bucket}/previews/pr-7/ (1)"]
    left = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert left == ["previews/pr-7-a.js", "previews/pr-70/a.js"]


def test_invalidations_in_progress_are_waited_for(session, distribution, monkeypatch):
    cdn = cloudfront(session, shared_distribution=distribution)
    client = session.client("cloudfront", "us-east-1")
    answers = [refusal("TooManyInvalidationsInProgress", "CreateInvalidation")] * 2
    original = client.create_invalidation

    def create_invalidation(**arguments):
        if answers:
            raise answers.pop()
        return original(**arguments)

    monkeypatch.setattr(client, "create_invalidation", create_invalidation)
    assert len(cdn.retire("pr-7", (), 600)) == 1


def refusal(code, operation="GetResources"):
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("AccessDeniedException", CredentialsError, "GetResources"),
        ("ExpiredToken", CredentialsError, "expired"),
        ("InvalidClientTokenId", CredentialsError, "does not accept"),
        ("InternalFailure", AwsError, "InternalFailure"),
    ],
)
def test_refusals_say_what_to_do(code, kind, says):
    with pytest.raises(kind) as caught, explained("the resources"):
        raise refusal(code)
    assert says in str(caught.value)
    assert caught.value.fix


def test_half_an_answer_is_explained_and_no_fault_of_ours():
    with pytest.raises(AwsError, match="cannot be read"), explained("listing topics"):
        raise ResponseParserError("unclosed token")
