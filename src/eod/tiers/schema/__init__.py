"""Whether a change touches a database: migrations, SQL, models, seeds."""

from eod.tiers.schema.migrations import migrations
from eod.tiers.schema.models import models

__all__ = ["migrations", "models"]
