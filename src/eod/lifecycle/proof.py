"""What a teardown found, removed and found again: the material of the certificate."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from eod.config.placeholders import fill
from eod.errors import EodError
from eod.lifecycle.place import Place, placeholders
from eod.lifecycle.rooms import Rooms
from eod.lifecycle.untagged import find_all
from eod.model.cloud import Certificate, Check, Item, Removal, Removed
from eod.model.record import Record

SETTLE_SECONDS = 120.0
"""How long an inventory may lag behind a deletion: tagging is eventually consistent."""


class Proof:
    """Looks into every place where something of one environment can be.

    Args:
        rooms: The rooms, looking where the environment was made.
        place: Its names.
        record: Its record, where there is one.
    """

    def __init__(self, rooms: Rooms, place: Place, record: Record | None = None) -> None:
        self._rooms = rooms
        self._place = place
        self._record = record
        self._existed: dict[tuple[str, str], Item] = {}
        self._removed: dict[tuple[str, str], Removal] = {}
        self.cloud: tuple[Item, ...] = ()
        values = placeholders(rooms.config, place, owner="", tier="", head_sha="", head_ref="")
        recorded = None if record is None else record.application
        self.application_name = recorded.name if recorded else fill(rooms.config.argocd.name, values)
        self._destroyed: str = ""
        self._by_tag = 0
        self._refused: dict[tuple[str, str], str] = {}
        self.repairs: tuple[str, ...] = ()
        """What was repaired of what an earlier run left behind, or cleared away, a line each."""

    def look(self) -> tuple[Item, ...]:
        """Everything that exists now, from all places at once."""
        with ThreadPoolExecutor(max_workers=3) as pool:
            parts = [pool.submit(part) for part in (self._cloud, self._namespace, self._application)]
            found = tuple(item for part in parts for item in part.result())
        for item in found:
            self._existed.setdefault((item.kind, item.id), item)
        return found

    def removed(self, kind: str, name: str, *, existed: bool) -> None:
        """Note a single removal."""
        if existed:
            self.add_removed((Item(kind=kind, id=name, environment=self._place.environment),))

    def add_removed(self, items: tuple[Item, ...]) -> None:
        """Note what was removed just now."""
        now = self._rooms.clock.now()
        self.add_removals(tuple(Removal(item=item, at=now) for item in items))

    def add_removals(self, removals: tuple[Removal, ...]) -> None:
        """Note what was removed, and when."""
        for removal in removals:
            key = (removal.item.kind, removal.item.id)
            self._existed.setdefault(key, removal.item)
            self._removed.setdefault(key, removal)

    def recheck_cloud(self) -> None:
        """Ask the inventory again; what is no longer there was removed."""
        before = self.cloud
        now = {(item.kind, item.id) for item in self._cloud()}
        self.add_removed(tuple(item for item in before if (item.kind, item.id) not in now))

    def destroyed(self, count: int) -> None:
        """Note that Terraform destroyed all that its state held, and that it said so."""
        self._destroyed = (
            "empty: Terraform destroyed all that was in it" if count else "empty before this teardown began"
        )

    def state_damaged(self) -> None:
        """Note that nobody knows what the state held."""
        self._destroyed = (
            "damaged, and nothing could be destroyed from it: emptied by tag instead, each resource by its own "
            "service; what bears no tag of ours and is known by no name (outside AWS) was not looked for"
        )

    def repaired(self, repairs: tuple[str, ...]) -> None:
        """Note what was repaired or cleared away."""
        self.repairs = repairs

    def removed_by_tag(self, removed: Removed) -> None:
        """Note what was in no state, and what of it could not be removed."""
        self.add_removals(removed.removals)
        self._by_tag += len(removed.removals)
        self._refused |= {(left.item.kind, left.item.id): left.why for left in removed.left}

    def why_left(self, item: Item) -> str:
        """Why something could not be removed; empty where nobody said."""
        return self._refused.get((item.kind, item.id), "")

    def certificate(self, record: Record, started_at: datetime) -> Certificate:
        """Look everywhere once more, for a while if need be, and write down what is left."""
        remaining, checks = self._look_until_empty()
        left = {(item.kind, item.id) for item in remaining}
        self.add_removed(tuple(item for key, item in self._existed.items() if key not in left))
        return Certificate(
            environment=self._place.environment,
            pr_number=self._place.pr_number,
            created_at=record.created_at,
            started_at=started_at,
            issued_at=self._rooms.clock.now(),
            existed=tuple(sorted(self._existed.values())),
            removed=tuple(sorted(self._removed.values(), key=lambda removal: removal.at)),
            remaining=remaining,
            checks=checks,
        )

    def _look_until_empty(self) -> tuple[tuple[Item, ...], tuple[Check, ...]]:
        deadline = self._rooms.clock.monotonic() + SETTLE_SECONDS
        pause = 1.0
        while True:
            remaining, checks = self._checks()
            if not remaining or self._rooms.clock.monotonic() >= deadline:
                return remaining, checks
            self._rooms.clock.wait(pause)
            pause = min(pause * 2, 15.0)

    def _checks(self) -> tuple[tuple[Item, ...], tuple[Check, ...]]:
        remaining: list[Item] = []
        checks: list[Check] = []
        if self._destroyed:
            checks.append(Check(name="Terraform state", ok=True, detail=self._destroyed))
        checks += [Check(name="repaired", ok=True, detail=repair) for repair in self.repairs]
        if self._by_tag:
            detail = f"{self._by_tag} in no state, each removed by its own service"
            checks.append(Check(name="found by tag", ok=True, detail=detail))
        for name, look in self._places():
            try:
                found = look()
            except EodError as error:
                checks.append(Check(name=name, ok=False, detail=f"could not be checked: {error.what}"))
                continue
            remaining += found
            checks.append(Check(name=name, ok=not found, detail=f"{len(found)} left" if found else "nothing left"))
        return tuple(remaining), tuple(checks)

    def _places(self) -> list[tuple[str, Callable[[], tuple[Item, ...]]]]:
        """Where things can be: what is not used is not said to have been looked at."""
        places: list[tuple[str, Callable[[], tuple[Item, ...]]]] = []
        if self._rooms.inventory is not None:
            places.append(("inventory by tag", self._cloud))
        places.append(("namespace", self._namespace))
        if self._rooms.delivery is not None:
            places.append(("application", self._application))
        return places

    def _cloud(self) -> tuple[Item, ...]:
        inventory = self._rooms.inventory
        if inventory is None:
            return ()
        place, every = self._place, self._rooms.records.all
        self.cloud = find_all(inventory, place.environment, place.hostname, self._record, every)
        return self.cloud

    def _namespace(self) -> tuple[Item, ...]:
        return self._rooms.cluster.contents(self._place.namespace)

    def _application(self) -> tuple[Item, ...]:
        delivery = self._rooms.delivery
        if delivery is None:
            return ()
        return tuple(
            Item(kind="application", id=info.name, environment=self._place.environment)
            for info in delivery.applications()
            if info.name == self.application_name or info.environment == self._place.environment
        )
