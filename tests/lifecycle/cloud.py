"""A cloud in memory: what exists for an environment, found and deleted by its tags."""

from eod.model.cloud import Item, Left, Removal, Removed
from tests.lifecycle.builders import NOW

QUEUE = Item(kind="sqs queue", id="arn:aws:sqs:eu-west-1:1:pr-7-jobs", environment="pr-7")
BUCKET = Item(kind="s3 bucket", id="arn:aws:s3:::pr-7-assets", environment="pr-7")
SNAPSHOT = Item(kind="rds cluster snapshot", id="arn:aws:rds:eu-west-1:1:cluster-snapshot:x", environment="pr-7")


class MemoryCloud:
    """Inventory and remover in one. A snapshot is nothing that the remover deletes."""

    def __init__(self, *items):
        self.items = list(items)
        self.asked = []
        self.by_name = {}
        self.refuses = {}

    def named(self, environment, names, _since, *, disputed=frozenset()):
        return tuple(
            item
            for name, item in self.by_name.items()
            if name in names and item in self.items and (item.environment == environment or name not in disputed)
        )

    def find(self, environment, _hostname):
        return tuple(item for item in self.items if item.environment == environment)

    def environments(self):
        return {item.environment: self.find(item.environment, "") for item in self.items}

    def removable(self, item):
        return item.kind != SNAPSHOT.kind

    def remove(self, items, _timeout_seconds):
        self.asked.append(items)
        gone = [item for item in items if self.removable(item) and item.id not in self.refuses]
        self.items = [item for item in self.items if item not in gone]
        return Removed(
            removals=tuple(Removal(item=item, at=NOW) for item in gone),
            left=tuple(Left(item=item, why=self.refuses[item.id]) for item in items if item.id in self.refuses),
        )
