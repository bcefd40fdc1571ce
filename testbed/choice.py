"""Which cluster the tests run against: the only place that knows."""

import os
from enum import StrEnum

from testbed import kind
from testbed.errors import TestbedError

KUBECONFIG_VARIABLE = "EOD_LIVE_KUBECONFIG"
FORCE_VARIABLE = "EOD_LIVE_CLUSTER"


class Source(StrEnum):
    """Where a cluster comes from."""

    KUBECONFIG = "kubeconfig"
    KIND = "kind"
    BINARIES = "binaries"


def choose() -> Source:
    """The cluster that `EOD_LIVE_KUBECONFIG` names; else one made by kind where that works; else binaries.

    `EOD_LIVE_CLUSTER` (kubeconfig, kind or binaries) overrules this.

    Raises:
        TestbedError: What was asked for does not exist or cannot be used.
    """
    forced = os.environ.get(FORCE_VARIABLE)
    if forced and forced not in list(Source):
        raise TestbedError(f"{FORCE_VARIABLE}={forced}: it must be one of {', '.join(Source)}")
    if forced:
        return Source(forced)
    if os.environ.get(KUBECONFIG_VARIABLE):
        return Source.KUBECONFIG
    return Source.KIND if kind.usable() else Source.BINARIES
