"""Locks of Terraform states in a table: all that versions before 1.10 know, and what many teams still have."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from standins.moto.server import MotoServer

TABLE = "eod-locks"
_DIGEST = "-md5"


def make_lock_table(dynamodb: Any) -> None:
    """Make the table, as the backend's documentation wants it."""
    dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def take_lock(server: MotoServer, bucket: str, key: str, held: Mapping[str, str], *, table: bool) -> None:
    """Lock a state as its holder would, in the table or by an object beside the state."""
    body = json.dumps(held)
    if table:
        item = {"LockID": {"S": f"{bucket}/{key}"}, "Info": {"S": body}}
        server.client("dynamodb").put_item(TableName=TABLE, Item=item)
    else:
        server.client("s3").put_object(Bucket=bucket, Key=f"{key}.tflock", Body=body)


def give_lock_back(server: MotoServer, bucket: str, key: str, *, table: bool) -> None:
    """What `force-unlock` does."""
    if table:
        server.client("dynamodb").delete_item(TableName=TABLE, Key={"LockID": {"S": f"{bucket}/{key}"}})
    else:
        server.client("s3").delete_object(Bucket=bucket, Key=f"{key}.tflock")


def forget_digests(server: MotoServer, bucket: str) -> None:
    """Forget which states of a bucket Terraform wrote last, as a person may who puts another one there."""
    dynamodb = server.client("dynamodb")
    for item in dynamodb.scan(TableName=TABLE)["Items"]:
        name = item["LockID"]["S"]
        if name.startswith(f"{bucket}/") and name.endswith(_DIGEST):
            dynamodb.delete_item(TableName=TABLE, Key={"LockID": {"S": name}})


def held_locks(server: MotoServer) -> Iterator[str]:
    """The locks that nobody released; a state's digest, which stays beside it, is none."""
    dynamodb = server.client("dynamodb")
    for table in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                name = item.get("LockID", {}).get("S", "")
                if name and not name.endswith(_DIGEST):
                    yield f"arn:aws:dynamodb:::table/{table}/{name}"
