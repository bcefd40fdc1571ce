"""A GitHub on the loopback interface: REST, git over smart HTTP, events, and faults on demand.

    with server() as github:
        shop = github.create_repository("acme", "shop", source=directory)
        shop.push("fix", {"README.md": "fixed\n"})
        number = shop.open_pull("fix", author="octocat")
        token = github.installation_token(shop)
        ...  # anything that respects GITHUB_API_URL and GITHUB_SERVER_URL
        github.assert_no_unknown_routes()

Its answers are held to GitHub's published models by `tests/contract/github`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from standins.github import faults
from standins.github.control import ANONYMOUS_LIMIT, GitHub, utc_now
from standins.github.errors import ApiError
from standins.github.faults import Fault
from standins.github.journal import Exchange
from standins.github.repository import RepositoryControl
from standins.github.state import Event

__all__ = ["ApiError", "Event", "Exchange", "Fault", "GitHub", "RepositoryControl", "faults", "server"]


@contextmanager
def server(
    root: Path | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    anonymous_limit: int = ANONYMOUS_LIMIT,
    address: str = "127.0.0.1",
) -> Iterator[GitHub]:
    """A server that runs while the block does; its bare repositories lie in `root`, or somewhere temporary.

    Rate limits and times in answers follow `clock`, which tells aware UTC. `address` is where it listens: another
    than the loopback interface is for a cluster whose controllers are not on this machine.
    """
    with tempfile.TemporaryDirectory(prefix="github-") as scratch:
        github = GitHub(root or Path(scratch), clock=clock, anonymous_limit=anonymous_limit, address=address)
        github.start()
        try:
            yield github
        finally:
            github.close()
