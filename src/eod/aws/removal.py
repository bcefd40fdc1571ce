"""Deletes what carries an environment's tags and is in no Terraform state, each by its own service."""

from collections.abc import Callable
from typing import Final

from botocore.exceptions import ClientError
from msgspec import Struct

from eod.aws.buckets import empty_bucket
from eod.aws.clock import Clock
from eod.aws.region import GLOBAL_REGION
from eod.aws.session import AwsSession, code_of, explained, in_a_line, passes
from eod.aws.verify import GONE_CODES, is_classic, state_of
from eod.errors import AwsError, CredentialsError
from eod.model.arn import Arn, parse
from eod.model.cloud import Item, Left, Removal, Removed

FIRST_PAUSE_SECONDS: Final = 2.0
LONGEST_PAUSE_SECONDS: Final = 20.0
STALL_SECONDS: Final = 120.0
"""Once something was refused for good, what is in use may wait for that: so long without progress is enough."""
TRIES: Final = 5
"""How often what the SDK has tried again in vain (throttling, a broken connection, 5xx) is asked for once more."""

_IN_USE: Final = frozenset(
    {
        "DependencyViolation",
        "VolumeInUse",
        "InvalidDBClusterStateFault",
        "InvalidDBInstanceState",
        "InvalidDBInstanceStateFault",
        "InvalidDBSubnetGroupStateFault",
        "ResourceInUse",
        "ResourceInUseException",
        "BucketNotEmpty",
        "ConflictException",
        "OperationAborted",
        "ConcurrentModification",
        "DeleteConflict",
    }
)
"""Something else has to go first, or a change is still being made: both pass."""


class TagRemover:
    """Deletes what the inventory found. What it does not know how to delete stays, for the certificate to name.

    Args:
        session: AWS.
        clock: Time.
        hosted_zone: The zone in which the inventory finds DNS records by name.
    """

    def __init__(self, session: AwsSession, *, clock: Clock, hosted_zone: str = "") -> None:
        self._session = session
        self._clock = clock
        self._zone = hosted_zone

    def removable(self, item: Item) -> bool:
        """Whether there is a way to delete things of this kind."""
        return self._is_dns(item) or _key(parse(item.id)) in _ORDER

    def remove(self, items: tuple[Item, ...], timeout_seconds: float) -> Removed:
        """Delete what can be, in the order in which services allow it, and wait until it is gone.

        What holds something else up (a database its security group) is waited for. Deleting again what is being
        deleted, or is gone, is no error.

        Whatever a service refuses is left, with the reason, and keeps nothing else from going.
        """
        deadline = self._clock.monotonic() + timeout_seconds
        doomed = sorted((item for item in items if self.removable(item)), key=self._rank)
        removals: list[Removal] = []
        refused: list[Left] = []
        waiting: dict[Item, _Answer] = dict.fromkeys(doomed, _GOING)
        pause, moved_at = FIRST_PAUSE_SECONDS, self._clock.monotonic()
        while waiting:
            for item, before in list(waiting.items()):
                answer = self._ask(item, before.failures)
                if not answer.gone and not answer.refused:
                    waiting[item] = answer
                    continue
                del waiting[item]
                moved_at = self._clock.monotonic()
                if answer.gone:
                    removals.append(Removal(item=item, at=self._clock.now()))
                else:
                    refused.append(Left(item=item, why=answer.why))
            now = self._clock.monotonic()
            if not waiting or now >= deadline or (refused and now - moved_at >= STALL_SECONDS):
                break
            self._clock.wait(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        left = [Left(item=item, why=answer.why) for item, answer in waiting.items()]
        return Removed(removals=tuple(removals), left=(*refused, *left))

    def _ask(self, item: Item, failures: int) -> "_Answer":
        """Ask for its deletion once more, after so many `failures` that may pass."""
        try:
            with explained(f"deleting {item.kind} {item.id}"):
                return self._gone(item)
        except CredentialsError as error:
            return _Answer(refused=True, why=in_a_line(error))
        except AwsError as error:
            final = failures + 1 >= TRIES or not passes(error)
            return _Answer(refused=final, why=in_a_line(error), failures=failures + 1)

    def _gone(self, item: Item) -> "_Answer":
        try:
            if self._is_dns(item):
                return _Answer(gone=self._delete_dns(item))
            arn = parse(item.id)
            _DELETERS[_key(arn)](self._session, arn)
            return _Answer(gone=True) if state_of(self._session, arn) is None else _GOING
        except ClientError as error:
            if code_of(error) in GONE_CODES:
                return _Answer(gone=True)
            if code_of(error) in _IN_USE:
                said = str(error.response.get("Error", {}).get("Message", ""))
                return _Answer(why=f"It is still in use ({code_of(error)}): {said}")
            raise

    def _rank(self, item: Item) -> int:
        return len(_ORDER) if self._is_dns(item) else _ORDER[_key(parse(item.id))]

    def _is_dns(self, item: Item) -> bool:
        return item.kind == "dns record" and bool(self._zone)

    def _delete_dns(self, item: Item) -> bool:
        kind, _, name = item.id.partition(" ")
        client = self._session.client("route53", GLOBAL_REGION)
        pages = client.list_resource_record_sets(HostedZoneId=self._zone, StartRecordName=name, MaxItems="20")
        found = [r for r in pages["ResourceRecordSets"] if r["Name"].rstrip(".") == name and r["Type"] == kind]
        if found:
            changes = [{"Action": "DELETE", "ResourceRecordSet": record} for record in found]
            client.change_resource_record_sets(HostedZoneId=self._zone, ChangeBatch={"Changes": changes})
        return True


class _Answer(Struct, frozen=True, kw_only=True):
    """How it stands with one deletion. `failures` counts what may pass."""

    gone: bool = False
    refused: bool = False
    why: str = ""
    failures: int = 0


_GOING: Final = _Answer(why="Its deletion has not ended yet.")


def _bucket(session: AwsSession, arn: Arn) -> None:
    empty_bucket(session, arn.name)
    session.client("s3").delete_bucket(Bucket=arn.name)


def _cluster(session: AwsSession, arn: Arn) -> None:
    client = session.client("rds", arn.region)
    if client.describe_db_clusters(DBClusterIdentifier=arn.name)["DBClusters"][0]["Status"] != "deleting":
        client.delete_db_cluster(DBClusterIdentifier=arn.name, SkipFinalSnapshot=True)


def _instance(session: AwsSession, arn: Arn) -> None:
    client = session.client("rds", arn.region)
    (found,) = client.describe_db_instances(DBInstanceIdentifier=arn.name)["DBInstances"]
    if found["DBInstanceStatus"] != "deleting":
        client.delete_db_instance(DBInstanceIdentifier=arn.name, SkipFinalSnapshot=True)


def _subnet_group(session: AwsSession, arn: Arn) -> None:
    session.client("rds", arn.region).delete_db_subnet_group(DBSubnetGroupName=arn.name)


def _queue(session: AwsSession, arn: Arn) -> None:
    client = session.client("sqs", arn.region)
    client.delete_queue(QueueUrl=client.get_queue_url(QueueName=arn.name)["QueueUrl"])


def _topic(session: AwsSession, arn: Arn) -> None:
    session.client("sns", arn.region).delete_topic(TopicArn=arn.text)


def _secret(session: AwsSession, arn: Arn) -> None:
    session.client("secretsmanager", arn.region).delete_secret(SecretId=arn.text, ForceDeleteWithoutRecovery=True)


def _table(session: AwsSession, arn: Arn) -> None:
    client = session.client("dynamodb", arn.region)
    if client.describe_table(TableName=arn.name)["Table"]["TableStatus"] != "DELETING":
        client.delete_table(TableName=arn.name)


def _function(session: AwsSession, arn: Arn) -> None:
    session.client("lambda", arn.region).delete_function(FunctionName=arn.text)


def _log_group(session: AwsSession, arn: Arn) -> None:
    session.client("logs", arn.region).delete_log_group(logGroupName=arn.name.removesuffix(":*"))


def _load_balancer(session: AwsSession, arn: Arn) -> None:
    if is_classic(arn):
        session.client("elb", arn.region).delete_load_balancer(LoadBalancerName=arn.name)
    else:
        session.client("elbv2", arn.region).delete_load_balancer(LoadBalancerArn=arn.text)


def _listener(session: AwsSession, arn: Arn) -> None:
    session.client("elbv2", arn.region).delete_listener(ListenerArn=arn.text)


def _listener_rule(session: AwsSession, arn: Arn) -> None:
    session.client("elbv2", arn.region).delete_rule(RuleArn=arn.text)


def _volume(session: AwsSession, arn: Arn) -> None:
    session.client("ec2", arn.region).delete_volume(VolumeId=arn.name)


def _access_point(session: AwsSession, arn: Arn) -> None:
    session.client("efs", arn.region).delete_access_point(AccessPointId=arn.name)


def _target_group(session: AwsSession, arn: Arn) -> None:
    session.client("elbv2", arn.region).delete_target_group(TargetGroupArn=arn.text)


def _security_group(session: AwsSession, arn: Arn) -> None:
    session.client("ec2", arn.region).delete_security_group(GroupId=arn.name)


def _role(session: AwsSession, arn: Arn) -> None:
    """Without what holds it: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html."""
    iam, name = session.client("iam"), arn.name.rpartition("/")[2]
    for profile in iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"]:
        iam.remove_role_from_instance_profile(InstanceProfileName=profile["InstanceProfileName"], RoleName=name)
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy_name in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy_name)
    iam.delete_role(RoleName=name)


def _key(arn: Arn) -> tuple[str, str]:
    return arn.service, arn.type


_DELETERS: Final[dict[tuple[str, str], Callable[[AwsSession, Arn], None]]] = {
    ("lambda", "function"): _function,
    ("elasticloadbalancing", "listener-rule"): _listener_rule,
    ("elasticloadbalancing", "listener"): _listener,
    ("elasticloadbalancing", "loadbalancer"): _load_balancer,
    ("rds", "db"): _instance,
    ("rds", "cluster"): _cluster,
    ("elasticloadbalancing", "targetgroup"): _target_group,
    ("rds", "subgrp"): _subnet_group,
    ("ec2", "security-group"): _security_group,
    ("elasticfilesystem", "access-point"): _access_point,
    ("ec2", "volume"): _volume,
    ("sqs", ""): _queue,
    ("sns", ""): _topic,
    ("dynamodb", "table"): _table,
    ("secretsmanager", "secret"): _secret,
    ("logs", "log-group"): _log_group,
    ("s3", ""): _bucket,
    ("iam", "role"): _role,
}
"""Users before what they use: services refuse the other order."""

_ORDER: Final = {key: rank for rank, key in enumerate(_DELETERS)}
