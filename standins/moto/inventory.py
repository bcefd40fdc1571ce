"""Everything that the account holds, asked service by service: nothing here trusts a tag.

What the listings below do not know is caught by the tagging API, which moto answers for some fifty services:
a resource of a kind that nobody thought of shows up there as soon as it carries any tag.
"""

import json
from collections.abc import Callable, Iterable, Iterator

from botocore.exceptions import ClientError

from standins.moto.locks import held_locks
from standins.moto.server import MotoServer

_ZONE_OWN_TYPES = {"NS", "SOA"}
_GONE = {"NoSuchBucket", "NoSuchKey", "NoSuchHostedZone", "NonExistentQueue"}
"""The last parts of error codes: a queue's has three."""


def inventory(server: MotoServer) -> frozenset[str]:
    """The ARN, or where there is none a name of the same form, of everything in the account."""
    return frozenset(found for listing in _LISTINGS for found in listing(server))


def left_over(server: MotoServer, before: frozenset[str], state_bucket: str) -> tuple[str, ...]:
    """What is there now and was not in `before`, but for Terraform states that hold no resource.

    A lock that nobody released is left over; so is a state that still names something.
    """
    empty = frozenset(_empty_states(server, state_bucket))
    return tuple(sorted(inventory(server) - before - empty))


def _empty_states(server: MotoServer, bucket: str) -> Iterator[str]:
    s3 = server.client("s3")

    def if_empty(key: str) -> Iterator[str]:
        if not json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])["resources"]:
            yield f"arn:aws:s3:::{bucket}/{key}"

    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            if item["Key"].endswith(".tfstate"):
                yield from _unless_gone(if_empty(item["Key"]))


def _unless_gone(found: Iterable[str]) -> tuple[str, ...]:
    """Others may work in the account meanwhile: what goes between two questions is not there."""
    try:
        return tuple(found)
    except ClientError as error:
        if error.response["Error"]["Code"].rpartition(".")[2] not in _GONE:
            raise
        return ()


def _buckets(server: MotoServer) -> Iterator[str]:
    s3 = server.client("s3")

    def bucket(name: str) -> Iterator[str]:
        yield f"arn:aws:s3:::{name}"
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            yield from (f"arn:aws:s3:::{name}/{version['Key']}" for version in page.get("Versions", []))

    for each in s3.list_buckets()["Buckets"]:
        yield from _unless_gone(bucket(each["Name"]))


def _databases(server: MotoServer) -> Iterator[str]:
    rds = server.client("rds")
    for operation, key, arn in (
        ("describe_db_clusters", "DBClusters", "DBClusterArn"),
        ("describe_db_instances", "DBInstances", "DBInstanceArn"),
        ("describe_db_cluster_snapshots", "DBClusterSnapshots", "DBClusterSnapshotArn"),
        ("describe_db_snapshots", "DBSnapshots", "DBSnapshotArn"),
        ("describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupArn"),
        ("describe_db_cluster_parameter_groups", "DBClusterParameterGroups", "DBClusterParameterGroupArn"),
    ):
        for page in rds.get_paginator(operation).paginate():
            yield from (item[arn] for item in page[key])


def _queues(server: MotoServer) -> Iterator[str]:
    sqs = server.client("sqs")

    def queue(url: str) -> Iterator[str]:
        yield sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    for page in sqs.get_paginator("list_queues").paginate():
        for url in page.get("QueueUrls", []):
            yield from _unless_gone(queue(url))


def _topics(server: MotoServer) -> Iterator[str]:
    for page in server.client("sns").get_paginator("list_topics").paginate():
        yield from (topic["TopicArn"] for topic in page["Topics"])


def _kafka_clusters(server: MotoServer) -> Iterator[str]:
    for page in server.client("kafka").get_paginator("list_clusters_v2").paginate():
        yield from (cluster["ClusterArn"] for cluster in page["ClusterInfoList"])


def _secrets(server: MotoServer) -> Iterator[str]:
    pages = server.client("secretsmanager").get_paginator("list_secrets")
    for page in pages.paginate(IncludePlannedDeletion=True):
        yield from (secret["ARN"] for secret in page["SecretList"])


def _content_delivery(server: MotoServer) -> Iterator[str]:
    cloudfront = server.client("cloudfront")
    for page in cloudfront.get_paginator("list_distributions").paginate():
        yield from (item["ARN"] for item in page["DistributionList"].get("Items", []))
    controls = cloudfront.list_origin_access_controls()["OriginAccessControlList"]
    yield from (f"arn:aws:cloudfront:::origin-access-control/{item['Id']}" for item in controls.get("Items", []))


def _zones(server: MotoServer) -> Iterator[str]:
    route53 = server.client("route53")

    def zone(identifier: str) -> Iterator[str]:
        name = f"arn:aws:route53:::{identifier.strip('/')}"
        yield name
        for page in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=identifier):
            for record in page["ResourceRecordSets"]:
                if record["Type"] not in _ZONE_OWN_TYPES:
                    yield f"{name}/{record['Name']}{record['Type']}"

    for zones in route53.get_paginator("list_hosted_zones").paginate():
        for each in zones["HostedZones"]:
            yield from _unless_gone(zone(each["Id"]))


def _load_balancers(server: MotoServer) -> Iterator[str]:
    elb = server.client("elbv2")
    for page in elb.get_paginator("describe_load_balancers").paginate():
        yield from (item["LoadBalancerArn"] for item in page["LoadBalancers"])
    for page in elb.get_paginator("describe_target_groups").paginate():
        yield from (item["TargetGroupArn"] for item in page["TargetGroups"])


def _security_groups(server: MotoServer) -> Iterator[str]:
    for page in server.client("ec2").get_paginator("describe_security_groups").paginate():
        yield from (f"arn:aws:ec2:::security-group/{group['GroupId']}" for group in page["SecurityGroups"])


def _identities(server: MotoServer) -> Iterator[str]:
    iam = server.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        yield from (role["Arn"] for role in page["Roles"])
    for page in iam.get_paginator("list_policies").paginate(Scope="Local"):
        yield from (policy["Arn"] for policy in page["Policies"])


def _certificates(server: MotoServer) -> Iterator[str]:
    for region in {server.region, "us-east-1"}:
        for page in server.client("acm", region).get_paginator("list_certificates").paginate():
            yield from (item["CertificateArn"] for item in page["CertificateSummaryList"])


def _log_groups(server: MotoServer) -> Iterator[str]:
    for page in server.client("logs").get_paginator("describe_log_groups").paginate():
        yield from (group["arn"] for group in page["logGroups"])


def _tables(server: MotoServer) -> Iterator[str]:
    dynamodb = server.client("dynamodb")
    for page in dynamodb.get_paginator("list_tables").paginate():
        yield from (f"arn:aws:dynamodb:::table/{name}" for name in page["TableNames"])


def _anything_tagged(server: MotoServer) -> Iterator[str]:
    for region in {server.region, "us-east-1"}:
        tagging = server.client("resourcegroupstaggingapi", region)
        for page in tagging.get_paginator("get_resources").paginate():
            yield from (item["ResourceARN"] for item in page["ResourceTagMappingList"])


_LISTINGS: tuple[Callable[[MotoServer], Iterator[str]], ...] = (
    _buckets,
    _databases,
    _queues,
    _topics,
    _kafka_clusters,
    _secrets,
    _content_delivery,
    _zones,
    _load_balancers,
    _security_groups,
    _identities,
    _certificates,
    _log_groups,
    _tables,
    held_locks,
    _anything_tagged,
)
