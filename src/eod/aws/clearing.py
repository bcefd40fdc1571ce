"""Clears away what keeps an environment's resources from being deleted or made, and bears its tags."""

from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from eod.aws.buckets import empty_bucket
from eod.aws.clock import Clock
from eod.aws.holdings import empty_repository, empty_zone
from eod.aws.session import AwsSession, code_of, explained
from eod.aws.tags import carries, tags_of
from eod.aws.verify import GONE_CODES, state_of
from eod.model.arn import Arn, parse
from eod.model.cloud import Item

POLL_SECONDS: Final = 15.0

_GONE: Final = GONE_CODES | {"NoSuchHostedZone", "RepositoryNotFoundException"}
_STOPPED: Final = "stopped"
_AVAILABLE: Final = "available"


class TagClearer:
    """Satisfies `eod.lifecycle.ports.Clearer`. Items are what the inventory found by the environment's tags.

    Args:
        session: AWS.
        clock: Time.
        repository: `owner/name`, the value of the repository tag.
        regions: Regions to ask for deleted secrets beside the session's own.
        tag_prefix: What our tags begin with.
    """

    def __init__(
        self,
        session: AwsSession,
        *,
        clock: Clock,
        repository: str,
        regions: tuple[str, ...] = (),
        tag_prefix: str = "environment.on-demand/",
    ) -> None:
        self._session = session
        self._clock = clock
        self._repository = repository
        self._regions = tuple(dict.fromkeys((session.region, *regions)))
        self._prefix = tag_prefix

    def empty(self, items: tuple[Item, ...], timeout_seconds: float) -> tuple[str, ...]:
        """Delete what buckets, zones and repositories of images hold: what they are deleted with anyway.

        Raises:
            CredentialsError: Not allowed to.
            AwsError: A service refuses.
        """
        deadline = self._clock.monotonic() + timeout_seconds

        def late() -> bool:
            return self._clock.monotonic() >= deadline

        told = []
        for item in items:
            arn = parse(item.id)
            way = _EMPTIED.get((arn.service, arn.type))
            if way is None or late():
                continue
            what, empty = way
            with explained(f"emptying {item.kind} {arn.name}"):
                try:
                    count = empty(self._session, arn, late)
                except ClientError as error:
                    if code_of(error) not in _GONE:
                        raise
                    continue
            if count:
                told.append(f"{item.kind} {arn.name} still held {what}: {count} deleted.")
        return tuple(told)

    def start(self, items: tuple[Item, ...], timeout_seconds: float) -> tuple[str, ...]:
        """Start stopped databases, clusters before the rest, and wait until they are available.

        Raises:
            CredentialsError: Not allowed to.
            AwsError: RDS refuses.
        """
        waiting = [arn for arn in map(_arn, items) if arn is not None and self._start(arn)]
        deadline = self._clock.monotonic() + timeout_seconds
        told = []
        while waiting:
            ready = [arn for arn in waiting if self._status(arn) == _AVAILABLE]
            told += [f"{arn.kind} {arn.name} was stopped: started, so that it can be deleted." for arn in ready]
            waiting = [arn for arn in waiting if arn not in ready]
            if not waiting or self._clock.monotonic() >= deadline:
                break
            self._clock.wait(POLL_SECONDS)
        return tuple(told)

    def detach(self, items: tuple[Item, ...]) -> tuple[str, ...]:
        """Delete network interfaces that nothing uses and only these security groups hold: services leave them.

        Raises:
            CredentialsError: Not allowed to.
            AwsError: EC2 refuses.
        """
        groups: dict[str, set[str]] = {}
        for arn in (parse(item.id) for item in items):
            if (arn.service, arn.type) == ("ec2", "security-group"):
                groups.setdefault(arn.region, set()).add(arn.name)
        told: list[str] = []
        for region, ours in sorted(groups.items()):
            with explained(f"deleting unused network interfaces in {region}"):
                told += self._detach(region, ours)
        return tuple(told)

    def forget(self, environment: str) -> tuple[str, ...]:
        """Delete for good the secrets with the environment's tags that are deleted and still keep their names.

        Raises:
            CredentialsError: Not allowed to.
            AwsError: Secrets Manager refuses.
        """
        told = []
        for region in self._regions:
            client = self._session.client("secretsmanager", region)
            with explained(f"deleting for good what {environment} has deleted"):
                for secret in self._deleted(client, environment):
                    client.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)
                    told.append(f"secret {secret['Name']} was deleted and kept its name: deleted for good.")
        return tuple(told)

    def _start(self, arn: Arn) -> bool:
        """Whether it was stopped, and starts now."""
        client = self._session.client("rds", arn.region)
        with explained(f"starting {arn.kind} {arn.name}"):
            if self._status(arn) != _STOPPED:
                return False
            if arn.type == "cluster":
                client.start_db_cluster(DBClusterIdentifier=arn.name)
                return True
            (found,) = client.describe_db_instances(DBInstanceIdentifier=arn.name)["DBInstances"]
            if found.get("DBClusterIdentifier"):
                return False  # it starts with its cluster
            client.start_db_instance(DBInstanceIdentifier=arn.name)
            return True

    def _status(self, arn: Arn) -> str:
        """What is gone counts as available, for what is waited for: it is in nobody's way any more."""
        with explained(f"the state of {arn.kind} {arn.name}"):
            state = state_of(self._session, arn)
        return _AVAILABLE if state is None else state

    def _detach(self, region: str, ours: set[str]) -> list[str]:
        client = self._session.client("ec2", region)
        filters = [{"Name": "group-id", "Values": sorted(ours)}, {"Name": "status", "Values": ["available"]}]
        told = []
        for page in client.get_paginator("describe_network_interfaces").paginate(Filters=filters):
            for interface in page["NetworkInterfaces"]:
                held_by = {group["GroupId"] for group in interface["Groups"]}
                if not held_by or not held_by <= ours:
                    continue
                name = interface["NetworkInterfaceId"]
                client.delete_network_interface(NetworkInterfaceId=name)
                told.append(f"network interface {name} was used by nothing any more: deleted.")
        return told

    def _deleted(self, client: Any, environment: str) -> list[dict[str, Any]]:
        wanted = tags_of(environment, self._repository, self._prefix)
        pages = client.get_paginator("list_secrets").paginate(
            IncludePlannedDeletion=True, Filters=[{"Key": "tag-value", "Values": [environment]}]
        )
        return [
            secret
            for page in pages
            for secret in page["SecretList"]
            if secret.get("DeletedDate") and carries(secret.get("Tags", []), wanted)
        ]


def _arn(item: Item) -> Arn | None:
    arn = parse(item.id)
    return arn if arn.service == "rds" and arn.type in {"cluster", "db"} else None


def _bucket(session: AwsSession, arn: Arn, late: Callable[[], bool]) -> int:
    return empty_bucket(session, arn.name, late=late)


def _zone(session: AwsSession, arn: Arn, _late: Callable[[], bool]) -> int:
    return empty_zone(session, arn.name)


def _repository(session: AwsSession, arn: Arn, _late: Callable[[], bool]) -> int:
    return empty_repository(session, arn.region, arn.name)


_EMPTIED: Final[dict[tuple[str, str], tuple[str, Callable[[AwsSession, Arn, Callable[[], bool]], int]]]] = {
    ("s3", ""): ("objects", _bucket),
    ("route53", "hostedzone"): ("records", _zone),
    ("ecr", "repository"): ("images", _repository),
}
