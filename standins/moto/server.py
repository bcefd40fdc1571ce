"""AWS by moto's server, as a process of its own that ends with whoever started it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from msgspec import Struct

REGION = "eu-central-1"
_ROOT = Path(__file__).parents[2]


class MotoServer(Struct, frozen=True, kw_only=True):
    """A running server."""

    endpoint: str
    region: str = REGION

    def environment(self) -> Mapping[str, str]:
        """What a process needs in its environment to take this server for AWS.

        The endpoint is an IP address. With one, all AWS SDKs put the bucket into the path by themselves:
        neither provider nor backend needs a path-style setting that the real account would not have.
        """
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str | None = None):
        """A boto3 client of this server, whatever the environment says."""
        return _session().client(service, region_name=region or self.region, endpoint_url=self.endpoint)


@cache
def _session():
    import boto3

    return boto3.session.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


@contextmanager
def moto_server(region: str = REGION) -> Iterator[MotoServer]:
    """Serve an empty account until the block ends.

    moto's own state machine moves a CloudFront distribution from `InProgress` to `Deployed` on the second
    look; databases are `available` and DNS changes `INSYNC` at once. What takes time with the real provider
    are its own waits.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "standins.moto"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            endpoint = process.stdout.readline().strip()
            if not endpoint:
                raise RuntimeError(f"moto ended at once with status {process.wait()}; its output is above")
            yield MotoServer(endpoint=endpoint, region=region)
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
