"""Free ports on the loopback interface."""

import random
import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"
# Below the range from which the kernel takes ports for outgoing connections (32768 and up on Linux): one of
# those could take a port between our finding it free and its server's binding it.
_RANGE = range(20_000, 32_000)
_given: set[int] = set()


def free_ports(*names: str) -> dict[str, int]:
    """A different free port for each name, and none that this process was given before."""
    found: dict[str, int] = {}
    with ExitStack() as held:
        candidates = iter(random.sample(_RANGE, len(_RANGE)))  # to keep out of other testbeds' way
        for name in names:
            found[name] = next(port for port in candidates if port not in _given and _hold(port, held))
    _given.update(found.values())
    return found


def _hold(port: int, held: ExitStack) -> bool:
    listener = socket.socket()
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        return False
    held.enter_context(listener)
    return True
