"""What exists for environments, found by our tags and confirmed with each service."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from eod.aws.controllers import EXTERNAL_DNS, HERITAGE, NOTED_AT, NOTED_TYPES, controller_of
from eod.aws.named import find_named
from eod.aws.region import GLOBAL_REGION
from eod.aws.session import AwsSession, explained
from eod.aws.tags import tags_of
from eod.aws.verify import state_of
from eod.model.arn import Arn, parse
from eod.model.cloud import Item

AT_ONCE = 8


class TagInventory:
    """The inventory of one repository's environments.

    Args:
        session: AWS.
        repository: `owner/name`, the value of the repository tag.
        regions: Regions to ask beside the session's own and the global one.
        tag_prefix: What our tags begin with.
        hosted_zone: A Route 53 zone whose records cannot carry tags; they are found by name.
    """

    def __init__(
        self,
        session: AwsSession,
        *,
        repository: str,
        regions: tuple[str, ...] = (),
        tag_prefix: str = "environment.on-demand/",
        hosted_zone: str = "",
    ) -> None:
        self._session = session
        self._repository = repository
        self._regions = tuple(dict.fromkeys((session.region, GLOBAL_REGION, *regions)))
        self._prefix = tag_prefix
        self._zone = hosted_zone

    def find(self, environment: str, hostname: str) -> tuple[Item, ...]:
        """What exists for one environment now.

        Raises:
            CredentialsError: Not allowed to look.
            AwsError: AWS cannot be asked.
        """
        tags = tags_of(environment, self._repository, self._prefix)
        listed = [(arn, environment, found) for arn, found in self._listed(tags)]
        return tuple(sorted((*self._confirmed(listed), *self._dns(environment, hostname))))

    def named(
        self,
        environment: str,
        names: tuple[str, ...],
        since: datetime,
        *,
        disputed: frozenset[str] = frozenset(),
    ) -> tuple[Item, ...]:
        """Those of `names` (`type name`, as plans gave them since `since`) that exist and are this environment's.

        Of `disputed` names, which another environment's plan gave too, only those that carry the tags.

        Raises:
            CredentialsError: Not allowed to look.
            AwsError: AWS cannot be asked.
        """
        tags = tags_of(environment, self._repository, self._prefix)
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            found = pool.map(
                lambda name: find_named(self._session, name, tags, None if name in disputed else since), names
            )
            return tuple(_item(parse(arn), environment, "") for arn in found if arn is not None)

    def environments(self) -> dict[str, tuple[Item, ...]]:
        """Everything of this repository that carries our tags, by environment.

        Raises:
            CredentialsError: Not allowed to look.
            AwsError: AWS cannot be asked.
        """
        key = f"{self._prefix}name"
        listed = [
            (arn, tags[key], tags)
            for arn, tags in self._listed({f"{self._prefix}repository": self._repository})
            if key in tags
        ]
        found: dict[str, list[Item]] = {}
        for item in self._confirmed(listed):
            found.setdefault(item.environment, []).append(item)
        return {name: tuple(sorted(items)) for name, items in sorted(found.items())}

    def _listed(self, tags: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            pages = list(pool.map(lambda region: self._listed_in(region, tags), self._regions))
        return list({arn: (arn, found) for page in pages for arn, found in page}.values())

    def _listed_in(self, region: str, tags: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
        filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
        with explained(f"the resources tagged in {region}"):
            pages = self._session.client("resourcegroupstaggingapi", region).get_paginator("get_resources")
            return [
                (entry["ResourceARN"], {tag["Key"]: tag["Value"] for tag in entry["Tags"]})
                for page in pages.paginate(TagFilters=filters)
                for entry in page["ResourceTagMappingList"]
            ]

    def _confirmed(self, listed: list[tuple[str, str, dict[str, str]]]) -> tuple[Item, ...]:
        def confirm(entry: tuple[str, str, dict[str, str]]) -> Item | None:
            text, environment, tags = entry
            arn = parse(text)
            with explained(f"the state of {arn.kind} {arn.name}"):
                state = state_of(self._session, arn)
            return None if state is None else _item(arn, environment, state, controller_of(tags))

        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            return tuple(item for item in pool.map(confirm, listed) if item is not None)

    def _dns(self, environment: str, hostname: str) -> tuple[Item, ...]:
        if not self._zone or not hostname:
            return ()
        with explained(f"the DNS records of {hostname}"):
            records = self._records(hostname)
            beside = self._beside(hostname) if records else ()
        marked = any(HERITAGE in value for record in (*records, *beside) for value in _values(record))
        return tuple(
            Item(
                kind="dns record",
                id=f"{record['Type']} {hostname}",
                environment=environment,
                controller=EXTERNAL_DNS if marked else "",
            )
            for record in records
        )

    def _beside(self, hostname: str) -> tuple[dict[str, Any], ...]:
        """What external-dns notes of records by their types, where it is not told to do so elsewhere."""
        names = (pattern.format(type=kind, name=hostname) for kind in NOTED_TYPES for pattern in NOTED_AT)
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            return tuple(record for found in pool.map(self._records, names) for record in found)

    def _records(self, name: str) -> tuple[dict[str, Any], ...]:
        answer = self._session.client("route53", GLOBAL_REGION).list_resource_record_sets(
            HostedZoneId=self._zone, StartRecordName=name, MaxItems="20"
        )
        return tuple(record for record in answer["ResourceRecordSets"] if record["Name"].rstrip(".") == name)


def _values(record: dict[str, Any]) -> list[str]:
    return [str(one["Value"]) for one in record.get("ResourceRecords", [])] if record["Type"] == "TXT" else []


def _item(arn: Arn, environment: str, state: str, controller: str = "") -> Item:
    return Item(kind=arn.kind, id=arn.text, environment=environment, state=state, controller=controller)
