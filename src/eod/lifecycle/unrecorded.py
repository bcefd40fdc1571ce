"""An environment without a record, of which something is left: how to reach it all the same."""

from msgspec import structs

from eod.config.placeholders import fill
from eod.config.tiers import resolve_tier
from eod.lifecycle.place import Facts, Place, backend_of, tags_of, values_of_record, variables_of
from eod.lifecycle.rooms import Rooms
from eod.model.cloud import Item
from eod.model.pull import PullRequest
from eod.model.record import Phase, Record, TerraformRecord
from eod.model.tier import Tier, Verdict

IN_CLUSTER = frozenset({"namespace", "application"})


def reconstruct(rooms: Rooms, place: Place, found: tuple[Item, ...]) -> Record | None:
    """A record made from what was found; `None` when nothing was.

    The state is found by its key, and destroyed with the base branch's module: to destroy what a state holds,
    Terraform needs the providers' configuration and a value for each variable, whatever it is.
    """
    if not found:
        return None
    now = rooms.clock.now()
    record = Record(
        environment=place.environment,
        repository=place.repository,
        pr_number=place.pr_number,
        pr_url="",
        owner="unknown",
        phase=Phase.FAILED,
        tier=Tier.FULL,
        head_sha="",
        namespace=place.namespace,
        hostname=place.hostname,
        url=place.url,
        created_at=now,
        updated_at=now,
        cloud=rooms.cloud,
    )
    settings = rooms.config.terraform
    if settings is None or all(item.kind in IN_CLUSTER for item in found):
        return record
    values = values_of_record(rooms.config, record)
    terraform = TerraformRecord(
        commit=rooms.base_commit,
        directory=fill(settings.directory, values),
        backend=backend_of(rooms.config, values),
        variables=variables_of(rooms.config, resolve_tier(rooms.config, Tier.FULL), place, _facts(record), values),
        tags=tags_of(rooms.config, place, owner="unknown", values=values),
    )
    return structs.replace(record, terraform=terraform)


def _facts(record: Record) -> Facts:
    pull = PullRequest(
        number=record.pr_number,
        title="",
        url="",
        author=record.owner,
        open=False,
        merged=False,
        draft=False,
        head_sha="unknown",
        head_ref="",
        head_repository=None,
        base_sha="",
        base_ref="",
    )
    return Facts(pull=pull, verdict=Verdict(tier=Tier.FULL), image_tag="", capabilities=frozenset())
