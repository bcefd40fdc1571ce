"""Emptying buckets."""

from collections.abc import Callable, Iterator

from eod.aws.session import AwsSession


def empty_bucket(
    session: AwsSession, bucket: str, prefix: str = "", *, late: Callable[[], bool] = lambda: False
) -> int:
    """Delete every version of every object below `prefix`, until it is `late`; how many went.

    What S3 keeps (a lock of the object, a policy) is not among them.
    """
    count = 0
    for keys in _versions(session, bucket, prefix):
        if late():
            break
        done = session.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
        count += len(keys) - len(done.get("Errors", []))
    return count


def _versions(session: AwsSession, bucket: str, prefix: str) -> Iterator[list[dict[str, str]]]:
    """In pages of at most 1,000, which is what one delete call takes."""
    for page in session.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if entries:
            yield [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
