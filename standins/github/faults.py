"""Things that go wrong on purpose, for some requests and some times."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a request meets instead of its answer.

    `applied` lets the work be done first, so that only the answer is lost. `reset_in` and `retry_after` are
    seconds. A fault without a status only delays (`seconds`), or cuts the connection (`cut`).
    """

    status: int | None = None
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    reset_in: int | None = None
    seconds: float = 0
    cut: bool = False
    applied: bool = False

    @property
    def replaces(self) -> bool:
        """Whether the right answer is not given."""
        return self.status is not None or self.cut


def server_error(status: int = 502, *, applied: bool = False) -> Fault:
    """GitHub is having a bad moment; with `applied`, after having done what was asked."""
    return Fault(status=status, message="Server Error", applied=applied)


def primary_rate_limit(reset_in: int = 60, *, status: int = 403) -> Fault:
    """The hour's requests are used up until `reset_in` seconds from now."""
    return Fault(status=status, message="API rate limit exceeded for installation ID 1.", reset_in=reset_in)


def secondary_rate_limit(retry_after: int | None = 60, *, status: int = 403) -> Fault:
    """Too much at once; None leaves `retry-after` out, as GitHub sometimes does."""
    message = (
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
        "If you reach out to GitHub Support for help, please include the request ID."
    )
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Fault(status=status, message=message, headers=headers)


def slow(seconds: float) -> Fault:
    """The right answer, late."""
    return Fault(seconds=seconds)


def connection_reset(*, applied: bool = False) -> Fault:
    """The connection is cut without an answer."""
    return Fault(cut=True, applied=applied)


def bad_credentials() -> Fault:
    return Fault(status=401, message="Bad credentials")


def forbidden() -> Fault:
    return Fault(status=403, message="Resource not accessible by integration")


def not_found() -> Fault:
    return Fault(status=404, message="Not Found")


@dataclass(slots=True, eq=False)
class Injection:
    """A fault in its place; `left` counts down, None never ends."""

    fault: Fault
    on: str
    left: int | None
    skip: int
    hits: int = 0


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._injections: list[Injection] = []

    def add(self, fault: Fault, on: str = "*", *, times: int | None = 1, skip: int = 0) -> Injection:
        """Meet requests that match `on` (`METHOD /path`, with `*` for anything, slashes too).

        The first `skip` matching requests pass; then `times` of them meet the fault, or all (None).
        """
        injection = Injection(fault, on, times, skip)
        with self._lock:
            self._injections.append(injection)
        return injection

    def clear(self) -> None:
        with self._lock:
            self._injections.clear()

    def meet(self, method: str, path: str) -> Fault | None:
        """The fault for this request, which is one less from now on."""
        with self._lock:
            for one in self._injections:
                if one.left == 0 or not fnmatchcase(f"{method} {path}", one.on):
                    continue
                if one.skip:
                    one.skip -= 1
                    continue
                one.left = None if one.left is None else one.left - 1
                one.hits += 1
                return one.fault
        return None
