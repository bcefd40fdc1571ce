"""Does a resource that the tagging API lists still exist?

The tagging API "returns all the tagged or previously tagged resources" and lags behind deletions, so each service
is asked itself. What no question is known for counts as existing: a certificate must not rest on a guess. Source:
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from eod.aws.region import GLOBAL_REGION
from eod.aws.session import AwsSession, code_of
from eod.model.arn import Arn

UNVERIFIED = "unverified"
GONE_CODES = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NotFound",
        "NotFoundException",
        "NoSuchDistribution",
        "NoSuchEntity",
        "ResourceNotFoundException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "DBClusterNotFoundFault",
        "DBInstanceNotFound",
        "DBInstanceNotFoundFault",
        "DBClusterSnapshotNotFoundFault",
        "DBSubnetGroupNotFoundFault",
        "DBParameterGroupNotFound",
        "LoadBalancerNotFound",
        "TargetGroupNotFound",
        "ListenerNotFound",
        "RuleNotFound",
        "InvalidVolume.NotFound",
        "AccessPointNotFound",
        "InvalidGroup.NotFound",
        "InvalidInstanceID.NotFound",
    }
)


def state_of(session: AwsSession, arn: Arn) -> str | None:
    """What the resource's own service says of it: a state, `""` for plain existence, `None` when it is gone."""
    ask = _QUESTIONS.get((arn.service, arn.type))
    if ask is None:
        return UNVERIFIED
    try:
        return ask(session, arn)
    except ClientError as error:
        if code_of(error) in GONE_CODES:
            return None
        raise


def _bucket(session: AwsSession, arn: Arn) -> str | None:
    session.client("s3").head_bucket(Bucket=arn.name)
    return ""


def _cluster(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("rds", arn.region).describe_db_clusters(DBClusterIdentifier=arn.name)
    return _first(answer["DBClusters"], "Status")


def _instance(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("rds", arn.region).describe_db_instances(DBInstanceIdentifier=arn.name)
    return _first(answer["DBInstances"], "DBInstanceStatus")


def _cluster_snapshot(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("rds", arn.region).describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=arn.name)
    return _first(answer["DBClusterSnapshots"], "Status")


def _subnet_group(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("rds", arn.region).describe_db_subnet_groups(DBSubnetGroupName=arn.name)
    return _first(answer["DBSubnetGroups"], "SubnetGroupStatus")


def _queue(session: AwsSession, arn: Arn) -> str | None:
    session.client("sqs", arn.region).get_queue_url(QueueName=arn.name)
    return ""


def _topic(session: AwsSession, arn: Arn) -> str | None:
    session.client("sns", arn.region).get_topic_attributes(TopicArn=arn.text)
    return ""


def _distribution(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("cloudfront", GLOBAL_REGION).get_distribution(Id=arn.name)
    return str(answer["Distribution"]["Status"])


def _secret(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("secretsmanager", arn.region).describe_secret(SecretId=arn.text)
    return None if answer.get("DeletedDate") else ""


def _key(session: AwsSession, arn: Arn) -> str | None:
    state = session.client("kms", arn.region).describe_key(KeyId=arn.text)["KeyMetadata"]["KeyState"]
    return None if state == "PendingDeletion" else str(state)


def _table(session: AwsSession, arn: Arn) -> str | None:
    return str(session.client("dynamodb", arn.region).describe_table(TableName=arn.name)["Table"]["TableStatus"])


def _function(session: AwsSession, arn: Arn) -> str | None:
    session.client("lambda", arn.region).get_function(FunctionName=arn.text)
    return ""


def _log_group(session: AwsSession, arn: Arn) -> str | None:
    name = arn.name.removesuffix(":*")
    answer = session.client("logs", arn.region).describe_log_groups(logGroupNamePrefix=name)
    return "" if any(group["logGroupName"] == name for group in answer["logGroups"]) else None


def _load_balancer(session: AwsSession, arn: Arn) -> str | None:
    if is_classic(arn):
        session.client("elb", arn.region).describe_load_balancers(LoadBalancerNames=[arn.name])
        return ""
    answer = session.client("elbv2", arn.region).describe_load_balancers(LoadBalancerArns=[arn.text])
    return str(answer["LoadBalancers"][0]["State"]["Code"]) if answer["LoadBalancers"] else None


def is_classic(arn: Arn) -> bool:
    """Whether a load balancer is of the first generation, which an API of its own knows by its name.

    The cluster's own cloud provider makes such; the others' names begin with `app/`, `net/` or `gwy/`.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancing.html
    """
    return "/" not in arn.name


def _listener(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("elbv2", arn.region).describe_listeners(ListenerArns=[arn.text])
    return "" if answer["Listeners"] else None


def _listener_rule(session: AwsSession, arn: Arn) -> str | None:
    return "" if session.client("elbv2", arn.region).describe_rules(RuleArns=[arn.text])["Rules"] else None


def _volume(session: AwsSession, arn: Arn) -> str | None:
    return _first(session.client("ec2", arn.region).describe_volumes(VolumeIds=[arn.name])["Volumes"], "State")


def _access_point(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("efs", arn.region).describe_access_points(AccessPointId=arn.name)
    return _first(answer["AccessPoints"], "LifeCycleState")


def _target_group(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("elbv2", arn.region).describe_target_groups(TargetGroupArns=[arn.text])
    return "" if answer["TargetGroups"] else None


def _security_group(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("ec2", arn.region).describe_security_groups(GroupIds=[arn.name])
    return "" if answer["SecurityGroups"] else None


def _ec2_instance(session: AwsSession, arn: Arn) -> str | None:
    answer = session.client("ec2", arn.region).describe_instances(InstanceIds=[arn.name])
    states = [i["State"]["Name"] for reservation in answer["Reservations"] for i in reservation["Instances"]]
    return None if not states or states[0] == "terminated" else str(states[0])


def _role(session: AwsSession, arn: Arn) -> str | None:
    session.client("iam").get_role(RoleName=arn.name.rpartition("/")[2])
    return ""


def _first(found: list[dict[str, Any]], key: str) -> str | None:
    return str(found[0].get(key, "")) if found else None


_QUESTIONS: dict[tuple[str, str], Callable[[AwsSession, Arn], str | None]] = {
    ("s3", ""): _bucket,
    ("rds", "cluster"): _cluster,
    ("rds", "db"): _instance,
    ("rds", "cluster-snapshot"): _cluster_snapshot,
    ("rds", "subgrp"): _subnet_group,
    ("sqs", ""): _queue,
    ("sns", ""): _topic,
    ("cloudfront", "distribution"): _distribution,
    ("secretsmanager", "secret"): _secret,
    ("kms", "key"): _key,
    ("dynamodb", "table"): _table,
    ("lambda", "function"): _function,
    ("logs", "log-group"): _log_group,
    ("elasticloadbalancing", "loadbalancer"): _load_balancer,
    ("elasticloadbalancing", "targetgroup"): _target_group,
    ("elasticloadbalancing", "listener"): _listener,
    ("elasticloadbalancing", "listener-rule"): _listener_rule,
    ("elasticfilesystem", "access-point"): _access_point,
    ("ec2", "volume"): _volume,
    ("ec2", "security-group"): _security_group,
    ("ec2", "instance"): _ec2_instance,
    ("iam", "role"): _role,
}
