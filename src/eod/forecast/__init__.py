"""When an environment can be used, from its plan's graph and the team's own history. Pure."""

from eod.forecast.estimating import estimate
from eod.forecast.outlook import Progress

__all__ = ["Progress", "estimate"]
