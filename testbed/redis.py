"""Argo CD's cache: the Redis that the machine has."""

import secrets
import shutil
import socket
from pathlib import Path

from testbed.errors import TestbedError
from testbed.ports import LOOPBACK, free_ports
from testbed.processes import Processes

PROGRAM = "redis-server"


class Redis:
    """A Redis that keeps nothing on disk and wants a password.

    Args:
        processes: Who runs it.
        state: The testbed's folder.
    """

    def __init__(self, *, processes: Processes, state: Path) -> None:
        self._processes = processes
        self._state = state
        self._port = free_ports("redis")["redis"]
        self.password = secrets.token_urlsafe(32)
        self.address = f"{LOOPBACK}:{self._port}"

    def start(self) -> None:
        """Start it, without waiting.

        Raises:
            TestbedError: The machine has none.
        """
        settings = self._state / "redis.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f"bind {LOOPBACK}\nport {self._port}\nrequirepass {self.password}\n"
            f'dir "{self._state}"\nsave ""\nappendonly no\n'
        )
        self._processes.start("redis", [find(), settings], environment={"HOME": str(self._state)})

    def wait(self) -> None:
        """Wait until it answers."""
        self._processes.wait_until("redis", self._answers)

    def _answers(self) -> bool:
        with socket.create_connection((LOOPBACK, self._port), timeout=5) as connection:
            connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            replies = connection.makefile("rb")
            return [replies.readline(), replies.readline()] == [b"+OK\r\n", b"+PONG\r\n"]


def find() -> str:
    """The path of the machine's Redis.

    Raises:
        TestbedError: There is none.
    """
    found = shutil.which(PROGRAM)
    if found is None:
        raise TestbedError(
            f"there is no `{PROGRAM}` on the PATH, and Argo CD needs one: `apt-get install redis-server`, or "
            "the package of that kind for your system"
        )
    return found
