import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from eod.aws.inventory import TagInventory
from eod.aws.removal import TagRemover
from eod.errors import CredentialsError
from tests.aws.clock import FastClock

pytestmark = [pytest.mark.network]
TAGS = {"environment.on-demand/name": "pr-7", "environment.on-demand/repository": "acme/shop"}
BUCKET, ROLE = "aws_s3_bucket pr-7-assets", "aws_iam_role pr-7-app"


def now():
    return datetime.now(UTC)


def named(session, name, since=None):
    return TagInventory(session, repository="acme/shop").named("pr-7", (name,), since or now())


@pytest.fixture
def s3(session):
    client = session.client("s3")
    client.create_bucket(Bucket="pr-7-assets", CreateBucketConfiguration={"LocationConstraint": session.region})
    return client


@contextmanager
def elsewhere(s3, *, refused, unlisted):
    """Answers as AWS gives them about a bucket that everybody may list and whose owner is another account."""

    def answer(model, **_told):
        if model.name == refused:
            status = SimpleNamespace(status_code=403)
            return status, {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {}}
        if model.name == "ListBuckets" and unlisted:
            return SimpleNamespace(status_code=200), {"Buckets": [], "ResponseMetadata": {}}
        return None

    s3.meta.events.register("before-call.s3", answer)
    try:
        yield
    finally:
        s3.meta.events.unregister("before-call.s3", answer)


def tag(s3, tags):
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    s3.put_bucket_tagging(Bucket="pr-7-assets", Tagging={"TagSet": listed})


def test_an_empty_bucket_without_tags_that_was_made_since_is_one_whose_creation_was_cut_short(session, s3):
    (item,) = named(session, BUCKET)
    assert (item.kind, item.id, item.environment) == ("s3 bucket", "arn:aws:s3:::pr-7-assets", "pr-7")


def test_one_that_is_older_is_somebody_elses(session, s3):
    assert named(session, BUCKET, since=now() + timedelta(minutes=10)) == ()


def test_one_that_holds_something_is_somebody_elses(session, s3):
    s3.put_object(Bucket="pr-7-assets", Key="family.jpg", Body=b"x")
    assert named(session, BUCKET) == ()


def test_one_with_other_tags_is_somebody_elses_and_one_with_ours_is_ours_whatever_it_holds(session, s3):
    tag(s3, {**TAGS, "environment.on-demand/name": "pr-8"})
    assert named(session, BUCKET) == ()
    tag(s3, TAGS)
    s3.put_object(Bucket="pr-7-assets", Key="app.js", Body=b"x")
    assert len(named(session, BUCKET, since=now() + timedelta(minutes=10))) == 1


def test_of_a_name_that_another_environments_plan_gave_too_only_the_tags_tell_whose_it_is(session, s3):
    inventory = TagInventory(session, repository="acme/shop")
    disputed = frozenset({BUCKET})
    assert inventory.named("pr-7", (BUCKET,), now(), disputed=disputed) == ()
    tag(s3, TAGS)
    assert len(inventory.named("pr-7", (BUCKET,), now(), disputed=disputed)) == 1


def test_what_was_never_made_is_not_found(session):
    assert named(session, BUCKET) == ()
    assert named(session, ROLE) == ()
    assert named(session, "aws_lambda_function x") == ()
    assert named(session, "nonsense") == ()


def test_a_role_is_found_by_its_name_and_tags_and_deleted_with_what_holds_it(session):
    iam = session.client("iam")
    allow = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    iam.create_role(RoleName="pr-7-app", Path="/previews/", AssumeRolePolicyDocument=trust, Tags=tags)
    iam.create_role(RoleName="pr-7-other", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="pr-7-app", PolicyName="inline", PolicyDocument=trust)
    iam.create_instance_profile(InstanceProfileName="pr-7")
    iam.add_role_to_instance_profile(InstanceProfileName="pr-7", RoleName="pr-7-app")
    policy = iam.create_policy(PolicyName="shared", PolicyDocument=trust)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="pr-7-app", PolicyArn=policy)
    assert named(session, "aws_iam_role pr-7-other") == ()
    (item,) = named(session, ROLE)
    assert item.kind == "iam role"
    remover = TagRemover(session, clock=FastClock())
    assert remover.removable(item)
    assert len(remover.remove((item,), 60).removals) == 1
    assert named(session, ROLE) == ()
    assert iam.get_policy(PolicyArn=policy)


@pytest.mark.parametrize("name", ["feature/x-assets", "Feature", "a b", "x" * 64, "pr_7", "arn:aws:s3:::pr-7"])
def test_what_no_new_bucket_can_be_called_was_never_made_and_keeps_no_teardown_from_its_end(session, name):
    assert named(session, f"aws_s3_bucket {name}") == ()


def test_what_no_role_can_be_called_was_never_made(session):
    assert named(session, "aws_iam_role feature/x app") == ()
    assert named(session, f"aws_iam_role {'x' * 65}") == ()


def test_a_public_bucket_of_another_account_is_somebody_elses_also_where_its_tags_are_secret(session, s3):
    with elsewhere(session.client("s3"), refused="GetBucketTagging", unlisted=True):
        assert named(session, BUCKET) == ()


def test_our_own_bucket_whose_tags_may_not_be_read_is_said_and_not_passed_over(session, s3):
    with (
        elsewhere(session.client("s3"), refused="GetBucketTagging", unlisted=False),
        pytest.raises(CredentialsError),
    ):
        named(session, BUCKET)
