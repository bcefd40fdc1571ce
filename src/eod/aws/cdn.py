"""Content delivery at teardown: own distributions go, shared ones are invalidated and purged."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception, wait_random_exponential

from eod.aws.buckets import empty_bucket
from eod.aws.clock import Clock
from eod.aws.region import GLOBAL_REGION
from eod.aws.session import AwsSession, code_of, explained
from eod.config import Cdn
from eod.errors import AwsError
from eod.model.arn import parse
from eod.model.cloud import Item, Removal

POLL_SECONDS = 10.0
_DISTRIBUTION = "cloudfront distribution"
_WILL_PASS = frozenset({"PreconditionFailed", "InvalidIfMatchVersion", "TooManyInvalidationsInProgress"})


class CloudFront:
    """CloudFront and the bucket behind a shared distribution.

    Args:
        session: AWS.
        shared: What environments share, from the configuration, with its placeholders filled in by `fill`.
        fill: Fills the placeholders of a text for one environment.
        clock: Time.
    """

    def __init__(self, session: AwsSession, *, shared: Cdn, fill: Callable[[str, str], str], clock: Clock) -> None:
        self._session = session
        self._shared = shared
        self._fill = fill
        self._clock = clock

    def disable(self, items: tuple[Item, ...]) -> None:
        """Disable every distribution among `items`; a later delete then waits for less.

        Raises:
            AwsError: CloudFront refuses.
        """
        for item in items:
            if item.kind == _DISTRIBUTION:
                self._disable(parse(item.id).name)

    def retire(self, environment: str, items: tuple[Item, ...], timeout_seconds: float) -> tuple[Removal, ...]:
        """Delete distributions that are still there, and clean what the environment shared.

        Raises:
            AwsError: CloudFront or S3 refuses, or a distribution is not deployed in time.
        """
        deadline = self._clock.monotonic() + timeout_seconds
        removals = []
        for item in items:
            if item.kind == _DISTRIBUTION:
                self._disable(parse(item.id).name)
                self._delete(parse(item.id).name, deadline)
                removals.append(Removal(item=item, at=self._clock.now()))
        return (*removals, *self._purge(environment), *self._invalidate(environment, deadline))

    def _disable(self, distribution: str) -> None:
        with explained(f"disabling the distribution {distribution}"):
            self._patiently(lambda: self._disable_once(distribution), self._clock.monotonic() + 60)

    def _disable_once(self, distribution: str) -> None:
        client = self._client()
        try:
            answer = client.get_distribution_config(Id=distribution)
        except client.exceptions.NoSuchDistribution:
            return
        config = answer["DistributionConfig"]
        if config["Enabled"]:
            config["Enabled"] = False
            client.update_distribution(Id=distribution, IfMatch=answer["ETag"], DistributionConfig=config)

    def _delete(self, distribution: str, deadline: float) -> None:
        client = self._client()
        with explained(f"deleting the distribution {distribution}"):
            try:
                while (answer := client.get_distribution(Id=distribution))["Distribution"]["Status"] != "Deployed":
                    if self._clock.monotonic() >= deadline:
                        raise _still_deploying(distribution)
                    self._clock.wait(POLL_SECONDS)
                client.delete_distribution(Id=distribution, IfMatch=answer["ETag"])
            except client.exceptions.NoSuchDistribution:
                return

    def _invalidate(self, environment: str, deadline: float) -> tuple[Removal, ...]:
        distribution = self._shared.shared_distribution
        if not distribution:
            return ()
        path = self._fill(self._shared.invalidation_path, environment)
        batch = {
            "Paths": {"Quantity": 1, "Items": [path]},
            "CallerReference": f"eod-{environment}-{self._clock.now():%Y%m%d%H%M%S}",
        }
        with explained(f"invalidating {path} on {distribution}"):
            self._patiently(
                lambda: self._client().create_invalidation(DistributionId=distribution, InvalidationBatch=batch),
                deadline,
            )
        item = Item(kind="cdn paths", id=f"{distribution} {path}", environment=environment)
        return (Removal(item=item, at=self._clock.now()),)

    def _purge(self, environment: str) -> tuple[Removal, ...]:
        bucket, prefix = self._shared.bucket, self._fill(self._shared.prefix, environment)
        if not bucket:
            return ()
        if prefix[-1:].isalnum():
            prefix += "/"  # S3 compares signs: `pr-1` is also how `pr-12` begins
        with explained(f"purging s3://{bucket}/{prefix}"):
            count = empty_bucket(self._session, bucket, prefix)
        if not count:
            return ()
        item = Item(kind="s3 objects", id=f"s3://{bucket}/{prefix} ({count})", environment=environment)
        return (Removal(item=item, at=self._clock.now()),)

    def _patiently(self, call: Callable[[], object], deadline: float) -> None:
        """Somebody else's change, or a full queue of invalidations: both pass."""

        def passing(error: BaseException) -> bool:
            return isinstance(error, ClientError) and code_of(error) in _WILL_PASS

        Retrying(
            retry=retry_if_exception(passing),
            wait=wait_random_exponential(multiplier=1, max=60),
            stop=lambda _state: self._clock.monotonic() >= deadline,
            sleep=self._clock.wait,
            reraise=True,
        )(call)

    def _client(self) -> Any:
        return self._session.client("cloudfront", GLOBAL_REGION)


def _still_deploying(distribution: str) -> AwsError:
    return AwsError(
        f"The distribution {distribution} is still being disabled.",
        why="CloudFront deletes a distribution only after the change has reached every edge: 5 to 15 minutes.",
        fix="Re-run the teardown later; it goes on from here.",
    )
