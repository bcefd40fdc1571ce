"""What no listing of tags shows for certain, found by the name that a plan gave it, and proved to be ours.

A bucket is made before it is tagged: between the two a run can be killed, or the answer to its creation be lost.
The tagging API lists no IAM role: https://docs.aws.amazon.com/ARG/latest/userguide/supported-resources.html
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from eod.aws.session import AwsSession, code_of, explained
from eod.aws.tags import carries
from eod.aws.verify import GONE_CODES

SKEW: Final = timedelta(minutes=5)
"""How far our clock and AWS's may be apart."""
_NOT_OURS: Final = frozenset({"403", "AccessDenied", "Forbidden", "301", "PermanentRedirect"})
_UNTAGGED: Final = frozenset({"NoSuchTagSet"})

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_ROLE_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")


def find_named(session: AwsSession, name: str, tags: Mapping[str, str], since: datetime | None) -> str | None:
    """The ARN of what `name` (`type name`) says, if it exists and is the environment's.

    It is where it carries `tags`; a bucket also where it carries none, is empty, and was made in this account
    `since` the environment was (with `None`: never): that is one whose creation was cut short. A plan may call
    things by names that no service takes, or that somebody else has had for years: neither is the environment's.

    Raises:
        CredentialsError: Not allowed to look.
        AwsError: AWS cannot be asked.
    """
    kind, _, called = name.partition(" ")
    find = _FINDERS.get(kind)
    if find is None or not called:
        return None
    with explained(f"the {kind} {called}"):
        return find(session, called, tags, since)


def _bucket(session: AwsSession, name: str, tags: Mapping[str, str], since: datetime | None) -> str | None:
    s3 = session.client("s3")
    if not _BUCKET_NAME.fullmatch(name):
        return None
    if _unless(GONE_CODES | _NOT_OURS, lambda: s3.head_bucket(Bucket=name)) is None:
        return None
    try:
        answer = _unless(_UNTAGGED, lambda: s3.get_bucket_tagging(Bucket=name))
    except ClientError as error:
        if code_of(error) in _NOT_OURS and _made_at(s3, name) is None:
            return None  # another account's, which everybody may list
        raise
    arn = f"arn:aws:s3:::{name}"
    if answer is not None and answer["TagSet"]:
        return arn if carries(answer["TagSet"], tags) else None
    return arn if since is not None and _cut_short(s3, name, since - SKEW) else None


def _cut_short(s3: Any, name: str, since: datetime) -> bool:
    """Also without anything in it: the time that is listed may be of a later change of the bucket's policy."""
    made_at = _made_at(s3, name)
    if made_at is None or made_at < since:
        return False
    content = s3.list_object_versions(Bucket=name, MaxKeys=1)
    return not content.get("Versions") and not content.get("DeleteMarkers")


def _made_at(s3: Any, name: str) -> datetime | None:
    """When this account made it; `None` where it did not."""
    pages = s3.get_paginator("list_buckets").paginate(Prefix=name)
    every = (bucket for page in pages for bucket in page["Buckets"])
    return next((bucket["CreationDate"] for bucket in every if bucket["Name"] == name), None)


def _role(session: AwsSession, name: str, tags: Mapping[str, str], _since: datetime | None) -> str | None:
    iam = session.client("iam")
    if not _ROLE_NAME.fullmatch(name):
        return None
    answer = _unless(GONE_CODES, lambda: iam.get_role(RoleName=name))
    if answer is None or not carries(iam.list_role_tags(RoleName=name)["Tags"], tags):
        return None
    return str(answer["Role"]["Arn"])


def _unless(codes: frozenset[str], ask: Callable[[], Any]) -> Any:
    """The answer; `None` where it is one of these refusals."""
    try:
        return ask()
    except ClientError as error:
        if code_of(error) in codes:
            return None
        raise


_FINDERS: Final[dict[str, Callable[[AwsSession, str, Mapping[str, str], datetime | None], str | None]]] = {
    "aws_s3_bucket": _bucket,
    "aws_iam_role": _role,
}
