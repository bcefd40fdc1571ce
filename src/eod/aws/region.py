"""Which region AWS is asked in. Pure."""

from collections.abc import Mapping

GLOBAL_REGION = "us-east-1"
"""Where global services (CloudFront, Route 53) are asked, and where their tags are listed."""


REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""Where the SDKs look for a region, in this order."""


def sdk_region_of(environ: Mapping[str, str]) -> str:
    """The region that the environment tells the SDKs, or nothing."""
    return next((environ[name] for name in REGION_VARIABLES if environ.get(name)), "")


def region_of(environ: Mapping[str, str], configured: str = "") -> str:
    """The configured region, else the environment's as the SDKs read it, else the global one."""
    return configured or sdk_region_of(environ) or GLOBAL_REGION
