"""Clients of AWS, made when they are first used, and AWS's errors in our words."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.parsers import ResponseParserError

from eod.aws.region import region_of
from eod.errors import AwsError, CredentialsError

_SERVERS_OWN: Final = 500
_THROTTLED: Final = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "RequestThrottled",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "SlowDown",
        "EC2ThrottledException",
        "429",
    }
)
"""As botocore's own standard mode knows them: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""


class AwsSession:
    """Makes and keeps clients. Endpoint, profile and credentials come from the environment as boto3 reads them."""

    def __init__(self, environ: Mapping[str, str], region: str = "") -> None:
        self.region = region_of(environ, region)
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._session: Any = None

    def client(self, service: str, region: str = "") -> Any:
        """A client with the SDK's own retries (standard mode: throttling, 5xx, time-outs)."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._make(*key)
            return self._clients[key]

    def _make(self, service: str, region: str) -> Any:
        if self._session is None:
            self._session = boto3.session.Session()
        retries = {"mode": "standard", "max_attempts": 8}
        config = Config(retries=retries, connect_timeout=10, read_timeout=60, user_agent_extra="eod-action")
        return self._session.client(service, region_name=region, config=config)


def code_of(error: Exception) -> str:
    """The error code that AWS sent, or the exception's name."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code", ""))
    return type(error).__name__


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn the SDK's exceptions into ours.

    Raises:
        CredentialsError: No, expired or insufficient credentials; the message names the refused action.
        AwsError: Everything else.
    """
    try:
        yield
    except NoCredentialsError as error:
        raise CredentialsError(
            f"There are no AWS credentials for {doing}.",
            why="Neither the environment nor a role of this machine gives any.",
            fix="Add aws-actions/configure-aws-credentials before this step, or set `aws: {enabled: false}`.",
        ) from error
    except ClientError as error:
        raise _client_error(doing, error) from error
    except ResponseParserError as error:
        raise AwsError(
            f"AWS's answer to {doing} cannot be read.",
            why="The connection broke in the middle of it, or something between here and AWS answered instead.",
            fix="Re-run; if it stays, check the proxy and AWS_ENDPOINT_URL.",
            detail=str(error)[:500],
        ) from error
    except BotoCoreError as error:
        raise AwsError(
            f"AWS could not be asked for {doing}: {error}",
            why="The endpoint cannot be reached from here, or the region is wrong.",
            fix="Check AWS_REGION, AWS_ENDPOINT_URL and the network, then re-run.",
        ) from error


def in_a_line(error: AwsError | CredentialsError) -> str:
    """The whole error in one bounded line, for a list of several."""
    said = " ".join(error.detail.split())[:300]
    return " ".join(part for part in (error.what, said, error.fix) if part)


def passes(error: AwsError) -> bool:
    """Whether it may pass by itself: throttling, a server that fails, an answer that did not arrive."""
    cause = error.__cause__
    if not isinstance(cause, ClientError):
        return True
    status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return bool(status >= _SERVERS_OWN) or code_of(cause) in _THROTTLED


def _client_error(doing: str, error: Any) -> AwsError | CredentialsError:
    code = code_of(error)
    said = str(error.response.get("Error", {}).get("Message", ""))
    if code in {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}:
        return CredentialsError(
            f"The AWS credentials expired before {doing}.",
            why="The role's session is shorter than this run.",
            fix="Raise `role-duration-seconds` of aws-actions/configure-aws-credentials and re-run.",
        )
    if code in {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "SignatureDoesNotMatch"}:
        return CredentialsError(
            f"AWS does not accept the credentials for {doing}.",
            why="They are wrong, deleted, or of another partition.",
            fix="Check the role or keys that the workflow hands over.",
            detail=said,
        )
    if code in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}:
        return CredentialsError(
            f"AWS refuses {doing}.",
            why="The role's policies do not allow it.",
            fix=f"Allow `{_action(error)}` for the role; docs/permissions.md has the whole policy.",
            detail=said,
        )
    return AwsError(f"AWS answered {code} to {doing}.", fix="Re-run; if it stays, ask AWS.", detail=said)


def _action(error: Any) -> str:
    return str(getattr(error, "operation_name", "")) or "the action above"
