"""A damaged state in S3, moved aside with its lock held as Terraform holds it.

https://developer.hashicorp.com/terraform/language/backend/s3: the lock is an object beside the state, an item of a
DynamoDB table, or both; the table also keeps the state's digest, which a state that is gone must not have.
"""

import hashlib
import json
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from eod.aws.clock import Clock
from eod.aws.session import AwsSession, code_of, explained
from eod.errors import AwsError
from eod.model.lock import MOVING, StateLock
from eod.model.state import StatePlace, is_damaged

LARGEST: Final = 64 << 20
"""Bytes of a state that are looked at; a larger one is left to a person."""

_TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "ConditionalCheckFailedException"})
_LOCKED: Final = "LockID"


class _HeldError(Exception):
    """Somebody else holds the lock."""

    def __init__(self, lock: StateLock) -> None:
        super().__init__(lock.id)
        self.lock = lock


class StateMover:
    """Satisfies `eod.lifecycle.ports.MoveState`."""

    def __init__(self, session: AwsSession, *, clock: Clock, user: str) -> None:
        """`user` is who takes the lock: as the run's record knows it, by which a killed run's lock is told."""
        self._session = session
        self._clock = clock
        self._user = user

    def __call__(self, place: StatePlace, suffix: str) -> str | StateLock:
        """Copy it, make sure of the copy, delete it; where the copy is, or who holds the lock.

        One that is whole but is not the one of its digest is damaged for Terraform, which refuses it. Of one that
        is gone there may be the digest, for which no state can be made again: it goes; then nothing is returned.

        Raises:
            CredentialsError: Not allowed to.
            AwsError: It is a state after all, is too large to tell, or S3 refuses.
        """
        try:
            with explained(f"moving the damaged state {place.words}"), self._locked(place):
                return self._move(place, f"{place.at}{suffix}")
        except _HeldError as held:
            return held.lock

    def _move(self, place: StatePlace, aside: str) -> str:
        s3 = self._session.client("s3", place.region)
        digest = self._digest(place)
        try:
            there = s3.get_object(Bucket=place.bucket, Key=place.at)
        except ClientError as error:
            if code_of(error) != "NoSuchKey" or not digest:
                raise
            self._forget_digest(place)
            return ""
        content = b"" if there["ContentLength"] > LARGEST else there["Body"].read(LARGEST)
        other = bool(content and digest) and hashlib.md5(content, usedforsecurity=False).hexdigest() != digest
        if not other and not is_damaged(content):
            raise AwsError(
                f"{place.words} stays where it is: it is not provably damaged.",
                why="Somebody put a version of it back meanwhile, it is encrypted, or it is too large to tell.",
                fix="Look at it; this environment's next run goes on from it.",
            )
        same = {name: there[name] for name in ("ServerSideEncryption", "SSEKMSKeyId") if there.get(name)}
        s3.copy_object(
            Bucket=place.bucket,
            Key=aside,
            CopySource={"Bucket": place.bucket, "Key": place.at},
            CopySourceIfMatch=there["ETag"],
            **same,
        )
        if s3.head_object(Bucket=place.bucket, Key=aside)["ContentLength"] != there["ContentLength"]:
            raise AwsError(
                f"{place.words} stays where it is: its copy {aside} is not the same.", fix="Re-run the job."
            )
        s3.delete_object(Bucket=place.bucket, Key=place.at)
        self._forget_digest(place)
        return f"s3://{place.bucket}/{aside}"

    def _digest(self, place: StatePlace) -> str:
        """Of the state that Terraform wrote last, in hexadecimal digits; empty where nothing keeps one."""
        if not place.lock_table:
            return ""
        client = self._session.client("dynamodb", place.region)
        found = client.get_item(TableName=place.lock_table, Key=_digest_of(place), ConsistentRead=True)
        return str(found.get("Item", {}).get("Digest", {}).get("S", ""))

    def _forget_digest(self, place: StatePlace) -> None:
        if place.lock_table:
            client = self._session.client("dynamodb", place.region)
            client.delete_item(TableName=place.lock_table, Key=_digest_of(place))

    @contextmanager
    def _locked(self, place: StatePlace) -> Iterator[None]:
        info = self._info(place)
        taken: list[str] = []
        try:
            if place.lock_file:
                self._lock_by_file(place, info)
                taken.append("file")
            if place.lock_table:
                self._lock_by_table(place, info)
                taken.append("table")
            yield
        finally:
            if "table" in taken:
                key = {_LOCKED: {"S": f"{place.bucket}/{place.at}"}}
                self._session.client("dynamodb", place.region).delete_item(TableName=place.lock_table, Key=key)
            if "file" in taken:
                self._session.client("s3", place.region).delete_object(Bucket=place.bucket, Key=_lock_file(place))

    def _lock_by_file(self, place: StatePlace, info: str) -> None:
        s3, key = self._session.client("s3", place.region), _lock_file(place)
        try:
            s3.put_object(Bucket=place.bucket, Key=key, Body=info.encode(), IfNoneMatch="*", **_encryption(place))
        except ClientError as error:
            if code_of(error) not in _TAKEN:
                raise
            _unless_ours(_read(s3.get_object(Bucket=place.bucket, Key=key)["Body"].read()), info)

    def _lock_by_table(self, place: StatePlace, info: str) -> None:
        client, name = self._session.client("dynamodb", place.region), f"{place.bucket}/{place.at}"
        item = {_LOCKED: {"S": name}, "Info": {"S": info}}
        try:
            client.put_item(
                TableName=place.lock_table, Item=item, ConditionExpression=f"attribute_not_exists({_LOCKED})"
            )
        except ClientError as error:
            if code_of(error) not in _TAKEN:
                raise
            found = client.get_item(TableName=place.lock_table, Key={_LOCKED: {"S": name}}, ConsistentRead=True)
            _unless_ours(_read(found.get("Item", {}).get("Info", {}).get("S", "{}").encode()), info)

    def _info(self, place: StatePlace) -> str:
        """As Terraform writes it, so that whoever meets it knows whose it is."""
        return json.dumps(
            {
                "ID": str(uuid.uuid4()),
                "Operation": MOVING,
                "Info": "",
                "Who": f"{self._user}@{platform.node()}",
                "Version": "",
                "Created": f"{self._clock.now():%Y-%m-%dT%H:%M:%SZ}",
                "Path": f"{place.bucket}/{place.at}",
            }
        )


def _digest_of(place: StatePlace) -> dict[str, dict[str, str]]:
    return {_LOCKED: {"S": f"{place.bucket}/{place.at}-md5"}}


def _encryption(place: StatePlace) -> dict[str, str]:
    """As Terraform asks for it: a bucket may refuse whatever is written otherwise."""
    if not place.encrypt:
        return {}
    if place.kms_key:
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": place.kms_key}
    return {"ServerSideEncryption": "AES256"}


def _lock_file(place: StatePlace) -> str:
    return f"{place.at}.tflock"


def _unless_ours(there: StateLock, info: str) -> None:
    """A first answer that was lost makes the SDK ask again, and be told that the lock is held: by this very call.

    Raises:
        _HeldError: It is somebody else's.
    """
    if there.id != _read(info.encode()).id:
        raise _HeldError(there)


def _read(info: bytes) -> StateLock:
    """The holder; its time as Terraform prints it."""
    try:
        told: Any = json.loads(info)
    except ValueError:
        told = {}
    fields = {name.lower(): str(value) for name, value in told.items()} if isinstance(told, dict) else {}
    known = {name: fields.get(name, "") for name in ("id", "path", "operation", "who", "version", "created")}
    return StateLock(**{**known, "created": known["created"].replace("T", " ", 1)})
