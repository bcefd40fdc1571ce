import hashlib
import json
import platform

import pytest
from botocore.exceptions import ClientError
from msgspec import structs

from eod.aws.states import StateMover
from eod.errors import AwsError
from eod.model.lock import StateLock
from eod.model.state import StatePlace
from tests.aws.clock import FastClock

pytestmark = [pytest.mark.network]
DAMAGED = b'{"version": 4, "ser'
PLACE = StatePlace(backend="s3", at="eod/pr-7.tfstate", bucket="states", region="eu-west-1", lock_file=True)
INFO = {"ID": "77", "Operation": "OperationTypeApply", "Who": "runner@vm-1", "Created": "2026-05-01T12:00:00.5Z"}


@pytest.fixture
def s3(session):
    client = session.client("s3")
    client.create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": session.region})
    client.put_object(Bucket="states", Key=PLACE.at, Body=DAMAGED)
    return client


@pytest.fixture
def move(session):
    return StateMover(session, clock=FastClock(), user="runner")


def keys(s3):
    return [one["Key"] for one in s3.list_objects_v2(Bucket="states").get("Contents", [])]


def test_it_is_copied_and_then_deleted_and_no_lock_stays(s3, move):
    assert move(PLACE, ".damaged-x") == "s3://states/eod/pr-7.tfstate.damaged-x"
    assert keys(s3) == ["eod/pr-7.tfstate.damaged-x"]
    assert s3.get_object(Bucket="states", Key="eod/pr-7.tfstate.damaged-x")["Body"].read() == DAMAGED


def test_its_own_lock_bears_the_name_by_which_the_run_is_known(s3, move, monkeypatch):
    """Or nobody could tell later that it is a killed run's: Terraform does not look at `LOGNAME` either."""
    monkeypatch.setenv("LOGNAME", "somebody-else")
    locks: list[bytes] = []
    copy = s3.copy_object

    def watch(**arguments):
        locks.append(s3.get_object(Bucket="states", Key=f"{PLACE.at}.tflock")["Body"].read())
        return copy(**arguments)

    monkeypatch.setattr(s3, "copy_object", watch)
    move(PLACE, ".damaged-x")
    assert json.loads(locks[0])["Who"] == f"runner@{platform.node()}"


KMS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/k"


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        (structs.replace(PLACE, encrypt=True), ("AES256", None)),
        (structs.replace(PLACE, encrypt=True, kms_key=KMS_KEY), ("aws:kms", KMS_KEY)),
        (PLACE, (None, None)),
    ],
)
def test_its_lock_is_encrypted_as_the_backend_says_for_a_bucket_may_take_nothing_else(
    s3, move, monkeypatch, place, asked
):
    put, seen = s3.put_object, []

    def watch(**arguments):
        seen.append((arguments.get("ServerSideEncryption"), arguments.get("SSEKMSKeyId")))
        return put(**arguments)

    monkeypatch.setattr(s3, "put_object", watch)
    move(place, ".damaged-x")
    assert seen == [asked]


def test_a_lock_in_its_file_is_respected_and_told(s3, move):
    s3.put_object(Bucket="states", Key=f"{PLACE.at}.tflock", Body=json.dumps(INFO))
    held = move(PLACE, ".damaged-x")
    assert isinstance(held, StateLock)
    assert (held.id, held.who, held.created) == ("77", "runner@vm-1", "2026-05-01 12:00:00.5Z")
    assert held.created_at is not None
    assert keys(s3) == [PLACE.at, f"{PLACE.at}.tflock"]


def twice(ask):
    """As a client does whose first answer was lost: what is told is of the second time."""

    def asked(**arguments):
        ask(**arguments)
        return ask(**arguments)

    return asked


def test_a_lock_that_was_taken_without_an_answer_is_its_own(s3, move, monkeypatch):
    monkeypatch.setattr(s3, "put_object", twice(s3.put_object))
    assert move(PLACE, ".damaged-x") == "s3://states/eod/pr-7.tfstate.damaged-x"
    assert keys(s3) == ["eod/pr-7.tfstate.damaged-x"]


def test_what_is_a_state_after_all_stays_unlocked(s3, move):
    s3.put_object(Bucket="states", Key=PLACE.at, Body=b'{"version": 4}')
    with pytest.raises(AwsError, match="not provably damaged"):
        move(PLACE, ".damaged-x")
    assert keys(s3) == [PLACE.at]


def test_what_cannot_be_copied_is_not_deleted(s3, move, monkeypatch):
    def refuse(**_arguments):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "CopyObject")

    monkeypatch.setattr(s3, "copy_object", refuse)
    with pytest.raises(Exception, match="refuses moving the damaged state"):
        move(PLACE, ".damaged-x")
    assert keys(s3) == [PLACE.at]


@pytest.fixture
def table(session):
    client = session.client("dynamodb")
    client.create_table(
        TableName="locks",
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    digest = {"LockID": {"S": f"states/{PLACE.at}-md5"}, "Digest": {"S": "0" * 32}}
    client.put_item(TableName="locks", Item=digest)
    return client


IN_TABLE = StatePlace(backend="s3", at=PLACE.at, bucket="states", region="eu-west-1", lock_table="locks")


@pytest.mark.usefixtures("s3")
def test_with_a_table_the_digest_goes_with_it_and_the_lock_too(move, table):
    assert move(IN_TABLE, ".damaged-x") == "s3://states/eod/pr-7.tfstate.damaged-x"
    assert table.scan(TableName="locks")["Items"] == []


@pytest.mark.usefixtures("s3")
def test_a_lock_in_the_table_that_was_taken_without_an_answer_is_its_own(move, table, monkeypatch):
    monkeypatch.setattr(table, "put_item", twice(table.put_item))
    assert move(IN_TABLE, ".damaged-x") == "s3://states/eod/pr-7.tfstate.damaged-x"
    assert table.scan(TableName="locks")["Items"] == []


def test_one_that_is_whole_and_not_that_of_its_digest_goes_too(s3, move, table):
    s3.put_object(Bucket="states", Key=PLACE.at, Body=b'{"version": 4}')
    assert move(IN_TABLE, ".damaged-x") == "s3://states/eod/pr-7.tfstate.damaged-x"
    assert table.scan(TableName="locks")["Items"] == []


def test_one_whose_digest_fits_is_a_state_after_all(s3, move, table):
    s3.put_object(Bucket="states", Key=PLACE.at, Body=b'{"version": 4}')
    digest = hashlib.md5(b'{"version": 4}', usedforsecurity=False).hexdigest()
    item = {"LockID": {"S": f"states/{PLACE.at}-md5"}, "Digest": {"S": digest}}
    table.put_item(TableName="locks", Item=item)
    with pytest.raises(AwsError, match="not provably damaged"):
        move(IN_TABLE, ".damaged-x")
    assert table.scan(TableName="locks")["Items"] == [item]


def test_of_one_that_is_gone_the_digest_goes(s3, move, table):
    s3.delete_object(Bucket="states", Key=PLACE.at)
    assert move(IN_TABLE, ".damaged-x") == ""
    assert table.scan(TableName="locks")["Items"] == []


def test_a_lock_in_the_table_is_respected_and_told(s3, move, table):
    item = {"LockID": {"S": f"states/{PLACE.at}"}, "Info": {"S": json.dumps(INFO)}}
    table.put_item(TableName="locks", Item=item)
    held = move(IN_TABLE, ".damaged-x")
    assert isinstance(held, StateLock)
    assert held.who == "runner@vm-1"
    assert keys(s3) == [PLACE.at]
    assert len(table.scan(TableName="locks")["Items"]) == 2
