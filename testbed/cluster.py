"""`testbed.cluster()`: a cluster for as long as a `with` block lasts."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from testbed.handle import Testbed

STATE_VARIABLE = "EOD_TESTBED_STATE"
KEEP_VARIABLE = "EOD_TESTBED_KEEP"


def _silent(_: str) -> None:
    """Say nothing."""


@contextmanager
def cluster(say: Callable[[str], None] = _silent) -> Iterator[Testbed]:
    """A cluster with Argo CD in it: the one that runs in `$EOD_TESTBED_STATE`, or one of our own.

    One of our own ends with the block, and also when this process is killed. `$EOD_TESTBED_KEEP` keeps its
    folder, with the logs of every program.

    Args:
        say: Told what happens while it is built and started, line by line.

    Raises:
        TestbedError: There is no way to one on this machine, or it does not start.
    """
    from testbed import choice, control, given

    shared = os.environ.get(STATE_VARIABLE)
    if shared and (already := control.running(Path(shared))):
        yield already
        return
    source = choice.choose()
    if source is choice.Source.KUBECONFIG:
        with tempfile.TemporaryDirectory(prefix="eod-testbed-") as folder:
            yield given.testbed(Path(folder))
        return
    state = Path(tempfile.mkdtemp(prefix="eod-testbed-"))
    started = control.start(state, source, tethered=True, say=say)
    try:
        yield started.testbed
    finally:
        started.stop()
        if not os.environ.get(KEEP_VARIABLE):
            control.remove(state)
