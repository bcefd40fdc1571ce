"""Waiting for the cluster to get somewhere, with what it last said when it does not."""

from collections.abc import Callable
from typing import TypeVar

import tenacity

T = TypeVar("T")


def eventually(look: Callable[[], T], *, seconds: float = 60) -> T:
    """Look again and again until what is seen is truthy and no assertion fails, and return it.

    Args:
        look: Reads the state of things; may assert something about it.
        seconds: How long to go on.

    Raises:
        AssertionError: It did not come to that in time; the message holds what was seen last.
    """

    def seen() -> T:
        found = look()
        if not found:
            raise AssertionError(f"saw {found!r}")
        return found

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(AssertionError),
        wait=tenacity.wait_fixed(0.2),
        stop=tenacity.stop_after_delay(seconds),
        reraise=True,
    )
    return retrying(seen)
