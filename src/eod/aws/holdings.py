"""Emptying what else AWS does not delete while it holds something: hosted zones, repositories of images."""

from typing import Any, Final

from eod.aws.region import GLOBAL_REGION
from eod.aws.session import AwsSession

_RECORDS_A_CALL: Final = 100
_IMAGES_A_CALL: Final = 100
_PASSES: Final = 3
"""An image that a list of images names goes only after the list, and a list may be named by another."""


def empty_zone(session: AwsSession, zone: str) -> int:
    """Delete every record of a hosted zone but the two that go with it; how many."""
    client = session.client("route53", GLOBAL_REGION)
    apex = client.get_hosted_zone(Id=zone)["HostedZone"]["Name"]
    doomed = [
        {"Action": "DELETE", "ResourceRecordSet": record}
        for page in client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
        for record in page["ResourceRecordSets"]
        if not (record["Name"] == apex and record["Type"] in {"NS", "SOA"})
    ]
    for start in range(0, len(doomed), _RECORDS_A_CALL):
        batch = {"Changes": doomed[start : start + _RECORDS_A_CALL]}
        client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    return len(doomed)


def empty_repository(session: AwsSession, region: str, repository: str) -> int:
    """Delete every image of a repository; how many went."""
    client = session.client("ecr", region)
    count = 0
    for _ in range(_PASSES):
        left = _digests(client, repository)
        gone = 0
        for start in range(0, len(left), _IMAGES_A_CALL):
            images = left[start : start + _IMAGES_A_CALL]
            failed = client.batch_delete_image(repositoryName=repository, imageIds=images).get("failures", [])
            gone += len(images) - len(failed)
        count += gone
        if not gone or gone == len(left):
            break
    return count


def _digests(client: Any, repository: str) -> list[dict[str, str]]:
    pages = client.get_paginator("list_images").paginate(repositoryName=repository)
    digests = {image["imageDigest"] for page in pages for image in page["imageIds"]}
    return [{"imageDigest": digest} for digest in sorted(digests)]
