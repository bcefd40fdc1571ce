"""Cloud and cluster resources as an inventory sees them, and the certificate that they are gone."""

from datetime import datetime

from msgspec import Struct


class Item(Struct, frozen=True, kw_only=True, order=True):
    """Something that exists, or existed, for an environment.

    `kind` is a service's word (`s3 bucket`, `cloudfront distribution`, `namespace`); `id` is what its API
    calls it: an ARN, a name. `state` is what the API says of it (`deleting`, `Deployed`), if anything.
    `controller` is who made it in the cluster; empty where its tags name none, as for all that Terraform made.
    """

    kind: str
    id: str
    environment: str = ""
    state: str = ""
    controller: str = ""


class Removal(Struct, frozen=True, kw_only=True):
    """Something that was removed, and when."""

    item: Item
    at: datetime


class Left(Struct, frozen=True, kw_only=True):
    """Something that was to be removed and is still there, and why."""

    item: Item
    why: str


class Removed(Struct, frozen=True, kw_only=True):
    """What became of everything that was to be removed: one that is refused keeps no other from going."""

    removals: tuple[Removal, ...] = ()
    left: tuple[Left, ...] = ()


class Cleared(Struct, frozen=True, kw_only=True):
    """What was done, and what was not and why, a sentence each."""

    done: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


class Check(Struct, frozen=True, kw_only=True):
    """One place that was looked at to prove that nothing is left."""

    name: str
    ok: bool
    detail: str = ""


class Certificate(Struct, frozen=True, kw_only=True):
    """The death certificate of an environment."""

    environment: str
    pr_number: int
    created_at: datetime | None
    started_at: datetime
    issued_at: datetime
    existed: tuple[Item, ...] = ()
    removed: tuple[Removal, ...] = ()
    remaining: tuple[Item, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every check was made and nothing is left."""
        return not self.remaining and all(check.ok for check in self.checks)
