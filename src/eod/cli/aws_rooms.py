"""The rooms that work in AWS, each built with the run's one session when it is first asked for."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from eod.cli.clock import SystemClock
from eod.cli.settings import user_of
from eod.config import Aws
from eod.config.placeholders import fill

if TYPE_CHECKING:
    from eod.aws.cdn import CloudFront
    from eod.aws.clearing import TagClearer
    from eod.aws.inventory import TagInventory
    from eod.aws.removal import TagRemover
    from eod.aws.session import AwsSession
    from eod.aws.states import StateMover


class AwsRooms:
    """The rooms of a run that uses AWS.

    Args:
        config: The `aws` section.
        environ: The process's environment: credentials, region.
        clock: Time.
        repository: `owner/name`.
    """

    def __init__(self, config: Aws, environ: Mapping[str, str], clock: SystemClock, *, repository: str) -> None:
        self._config = config
        self._environ = environ
        self._clock = clock
        self._repository = repository

    @cached_property
    def inventory(self) -> "TagInventory":
        """What AWS holds."""
        from eod.aws.inventory import TagInventory

        return TagInventory(
            self._session,
            repository=self._repository,
            regions=self._config.regions,
            tag_prefix=self._config.tag_prefix,
            hosted_zone=self._config.hosted_zone,
        )

    @cached_property
    def remover(self) -> "TagRemover":
        """Deletes what is in no state."""
        from eod.aws.removal import TagRemover

        return TagRemover(self._session, clock=self._clock, hosted_zone=self._config.hosted_zone)

    @cached_property
    def clearer(self) -> "TagClearer":
        """Clears away what is in the way."""
        from eod.aws.clearing import TagClearer

        return TagClearer(
            self._session,
            clock=self._clock,
            repository=self._repository,
            regions=self._config.regions,
            tag_prefix=self._config.tag_prefix,
        )

    @cached_property
    def move_state(self) -> "StateMover":
        """Moves a damaged state aside."""
        from eod.aws.states import StateMover

        return StateMover(self._session, clock=self._clock, user=user_of(self._environ))

    @cached_property
    def cdn(self) -> "CloudFront":
        """CloudFront, at teardown."""
        from eod.aws.cdn import CloudFront

        def filled(text: str, environment: str) -> str:
            return fill(text, {"environment": environment, "name": environment})

        return CloudFront(self._session, shared=self._config.cdn, fill=filled, clock=self._clock)

    @cached_property
    def _session(self) -> "AwsSession":
        from eod.aws.session import AwsSession

        return AwsSession(self._environ, self._config.region)
