"""What was looked at, and whether it is as it should be."""

from msgspec import Struct


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at: `what` in words, and in `detail` what was found."""

    what: str
    ok: bool
    detail: str = ""
