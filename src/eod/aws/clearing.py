"""Clears away what keeps an environment's resources from being deleted or made, and bears its tags."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from botocore.exceptions import ClientError

from eod.aws.buckets import empty_bucket
from eod.aws.clock import Clock
from eod.aws.holdings import empty_repository, empty_zone
from eod.aws.session import AwsSession, code_of, explained, in_a_line
from eod.aws.tags import carries, tags_of
from eod.aws.verify import GONE_CODES, state_of
from eod.errors import AwsError, CredentialsError
from eod.model.arn import Arn, parse
from eod.model.cloud import Cleared, Item

T = TypeVar("T")

POLL_SECONDS: Final = 15.0

_GONE: Final = GONE_CODES | {"NoSuchHostedZone", "RepositoryNotFoundException"}
_STOPPED: Final = "stopped"
_AVAILABLE: Final = "available"


class TagClearer:
    """Satisfies `eod.lifecycle.ports.Clearer`: a refusal keeps nothing else from being done.

    Items are what the inventory found by the environment's tags.

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

    def empty(self, items: tuple[Item, ...], timeout_seconds: float) -> Cleared:
        """Delete what buckets, zones and repositories of images hold: what they are deleted with anyway."""
        deadline = self._clock.monotonic() + timeout_seconds

        def late() -> bool:
            return self._clock.monotonic() >= deadline

        account = _Account()
        for item in items:
            arn = parse(item.id)
            way = _EMPTIED.get((arn.service, arn.type))
            if way is None:
                continue
            what, (held, empty) = f"{item.kind} {arn.name}", way
            if late():
                account.refused.append(f"{what} was not emptied: the time for that was over.")
                continue
            count = account.tried(f"emptying {what}", partial(empty, self._session, arn, late))
            if count:
                account.done.append(f"{what} still held {held}: {count} deleted.")
        return account.told()

    def start(self, items: tuple[Item, ...], timeout_seconds: float) -> Cleared:
        """Start stopped databases, clusters before the rest, and wait until they are available."""
        account = _Account()
        arns = [arn for arn in map(_arn, items) if arn is not None]
        waiting = [arn for arn in arns if account.tried(f"starting {_words(arn)}", partial(self._start, arn))]
        deadline = self._clock.monotonic() + timeout_seconds
        while waiting:
            asked = {
                arn: account.tried(f"the state of {_words(arn)}", partial(self._status, arn)) for arn in waiting
            }
            account.done += [
                f"{_words(arn)} was stopped: started, so that it can be deleted."
                for arn, status in asked.items()
                if status == _AVAILABLE
            ]
            waiting = [arn for arn, status in asked.items() if status not in {None, _AVAILABLE}]
            if not waiting or self._clock.monotonic() >= deadline:
                break
            self._clock.wait(POLL_SECONDS)
        account.refused += [f"{_words(arn)} was started, and is not available yet." for arn in waiting]
        return account.told()

    def detach(self, items: tuple[Item, ...]) -> Cleared:
        """Delete network interfaces that nothing uses and only these security groups hold: services leave them."""
        groups: dict[str, set[str]] = {}
        for arn in (parse(item.id) for item in items):
            if (arn.service, arn.type) == ("ec2", "security-group"):
                groups.setdefault(arn.region, set()).add(arn.name)
        account = _Account()
        for region, ours in sorted(groups.items()):
            listed = account.tried(f"unused network interfaces in {region}", partial(self._unused, region, ours))
            client = self._session.client("ec2", region)
            for name in listed or ():
                delete = partial(client.delete_network_interface, NetworkInterfaceId=name)
                if account.tried(f"deleting network interface {name}", delete) is not None:
                    account.done.append(f"network interface {name} was used by nothing any more: deleted.")
        return account.told()

    def forget(self, environment: str) -> Cleared:
        """Delete for good the secrets with the environment's tags that are deleted and still keep their names."""
        account = _Account()
        for region in self._regions:
            client = self._session.client("secretsmanager", region)
            doing = f"the deleted secrets of {environment} in {region}"
            for secret in account.tried(doing, partial(self._deleted, client, environment)) or ():
                delete = partial(client.delete_secret, SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)
                if account.tried(f"deleting secret {secret['Name']} for good", delete) is not None:
                    name = secret["Name"]
                    account.done.append(f"secret {name} was deleted and kept its name: deleted for good.")
        return account.told()

    def _start(self, arn: Arn) -> bool:
        """Whether it was stopped, and starts now."""
        client = self._session.client("rds", arn.region)
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
        state = state_of(self._session, arn)
        return _AVAILABLE if state is None else state

    def _unused(self, region: str, ours: set[str]) -> tuple[str, ...]:
        filters = [{"Name": "group-id", "Values": sorted(ours)}, {"Name": "status", "Values": ["available"]}]
        pages = self._session.client("ec2", region).get_paginator("describe_network_interfaces")
        interfaces = [one for page in pages.paginate(Filters=filters) for one in page["NetworkInterfaces"]]
        held_by = {one["NetworkInterfaceId"]: {group["GroupId"] for group in one["Groups"]} for one in interfaces}
        return tuple(name for name, groups in held_by.items() if groups and groups <= ours)

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


class _Account:
    """What was done and what was refused, while the rest goes on."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.refused: list[str] = []

    def tried(self, doing: str, work: Callable[[], T]) -> T | None:
        """What `work` gives; `None` where it is refused, which is noted, or about what is gone."""
        try:
            with explained(doing):
                try:
                    return work()
                except ClientError as error:
                    if code_of(error) in _GONE:
                        return None
                    raise
        except (CredentialsError, AwsError) as error:
            self.refused.append(in_a_line(error))
        return None

    def told(self) -> Cleared:
        return Cleared(done=tuple(self.done), refused=tuple(self.refused))


def _words(arn: Arn) -> str:
    return f"{arn.kind} {arn.name}"


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
