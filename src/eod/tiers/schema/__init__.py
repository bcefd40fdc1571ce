"""Whether a change touches a database: migrations, SQL, models, seeds."""

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.schema.migrations import migrations
from eod.tiers.schema.models import models

__all__ = ["migrations", "models", "touches_database"]


def touches_database(file: ChangedFile, case: Case) -> bool:
    """Whether either examiner would ask for a database on account of `file`."""
    opinions = (ask(file, case) for ask in (migrations, models))
    return any(said is not None and said.tier.rank >= Tier.DATABASE.rank for said in opinions)
