"""What a killed run made and did not live to save: which resource of the plan it is, and its import."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from msgspec import Struct

from eod.data import read
from eod.errors import TerraformError
from eod.model.arn import parse
from eod.model.cloud import Item
from eod.model.plan import Creation
from eod.terraform.cutting import beginning
from eod.terraform.plan_json import PlanDocument, mapping_of
from eod.terraform.session import Session
from eod.terraform.transcript import Account

_SAFE: Final = re.compile(r"[A-Za-z0-9._:/+=,@ ~-]{1,2048}")
"""What an identifier may hold before it is given to Terraform."""

_MANAGED: Final = re.compile(r"Resource already managed by (?:Terraform|OpenTofu)")


class AdoptableType(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of `adoption.toml`."""

    type: str
    kind: str
    attribute: str
    id: str
    source: str
    name: str = ""
    by_name: bool = False


class Adoption(Struct, frozen=True, kw_only=True):
    """A resource that exists, and the address that it belongs to."""

    item: Item
    address: str
    import_id: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    types: tuple[AdoptableType, ...]


@cache
def adoptable_types() -> tuple[AdoptableType, ...]:
    """The types that can be imported."""
    return read("adoption", _Table).types


def creations_of(plan: PlanDocument) -> tuple[Creation, ...]:
    """What the plan would make anew and calls by a name that is known, and no secret."""
    types = {entry.type: entry for entry in adoptable_types()}
    found = []
    for change in plan.resource_changes:
        entry = types.get(change.type)
        if entry is None or change.mode != "managed" or change.change.actions != ("create",):
            continue
        name = mapping_of(change.change.after).get(entry.attribute)
        if isinstance(name, str) and not mapping_of(change.change.after_sensitive).get(entry.attribute):
            found.append(Creation(address=change.address, type=entry.type, name=name, by_name=entry.by_name))
    return tuple(found)


def adoptions_of(items: Iterable[Item], creations: Iterable[Creation]) -> tuple[Adoption, ...]:
    """Those of `items` of which exactly one planned creation bears the name, and which are alone in bearing it."""
    every = tuple(creations)
    found = [
        Adoption(item=item, address=creation.address, import_id=import_id)
        for item in items
        if len(matching := _matching(item, every)) == 1
        for creation, import_id in matching
    ]
    addresses = [adoption.address for adoption in found]
    return tuple(adoption for adoption in found if addresses.count(adoption.address) == 1)


def import_one(session: Session, adoption: Adoption) -> None:
    """Put it into the state. Nothing of the resource itself is changed.

    Raises:
        AttemptFailedError: It could not be imported.
        CancelledError: The run was cancelled.
    """
    arguments = [
        "import",
        "-input=false",
        f"-lock-timeout={session.settings.lock_timeout_seconds}s",
        f"-var-file={session.place.variables}",
        adoption.address,
        adoption.import_id,
    ]
    _, ended = session.capture("import", arguments)
    # An attempt that was cut off after it had saved the state has done its work.
    if ended.returncode != 0 and not _MANAGED.search(ended.complaints):
        said = beginning(" ".join(ended.complaints.split()), 500)
        what = f"{adoption.item.kind} {adoption.item.id} could not be imported: {said}"
        raise session.failed(TerraformError, what, Account(), ended, operation="import")


def _matching(item: Item, creations: tuple[Creation, ...]) -> list[tuple[Creation, str]]:
    arn = parse(item.id)
    found = []
    for entry in adoptable_types():
        match = re.search(entry.name, arn.name) if entry.name else None
        if entry.kind != item.kind or (entry.name and match is None):
            continue
        name = match["name"] if match else arn.name
        import_id = entry.id.format(arn=item.id, name=name, region=arn.region, account=arn.account)
        if _SAFE.fullmatch(import_id) and not import_id.startswith("-"):
            found += [(c, import_id) for c in creations if c.type == entry.type and c.name == name]
    return found
