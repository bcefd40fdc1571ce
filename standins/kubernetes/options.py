"""How a request wants to be carried out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from standins.kubernetes.objects import Object

PatchKind = Literal["merge", "json", "strategic", "apply"]
Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Write:
    """How a write is to be done: who does it, and whether for real."""

    manager: str = "unknown"
    dry_run: bool = False
    strict: bool = False
    force: bool = False
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """How an object is to be deleted."""

    propagation: str | None = None
    grace_seconds: int | None = None
    uid: str | None = None
    resource_version: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """A part of a list."""

    items: list[Object]
    revision: int
    next: str = ""
    remaining: int = 0


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)
