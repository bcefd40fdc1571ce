"""One Application as it changes, whatever happens to connections meanwhile."""

from collections.abc import Callable, Generator, Iterator

from eod.argocd.answers import UnreachableError
from eod.argocd.ports import Applications, Clock, Object
from eod.argocd.reading import version_of
from eod.errors import ClusterError

WINDOW_SECONDS = 10.0
"""Watches are cut after so long, so that a cancelled worker notices."""
_PAUSE_SECONDS = 0.2
_LOST_SECONDS = 1.0


def readings(
    store: Applications, clock: Clock, name: str, *, ends_at: float, wake_in: Callable[[], float | None]
) -> Generator[Object | None, None, None]:
    """The Application as it is now, after each change, and again whenever time alone may change the verdict.

    A lost connection, an expired watch or a restarting API server is sat out until `ends_at`; the first reading
    after it is fresh. The generator itself never ends: whoever reads decides when it is enough, and closes it,
    lest an error that somebody holds keeps the connection open.

    Args:
        store: Where Applications are.
        clock: Its `monotonic` is what `ends_at` is measured by.
        name: The Application's.
        ends_at: When to stop sitting out errors.
        wake_in: Asked after each reading: seconds until the next one is wanted at the latest.

    Raises:
        ArgoCdError: Argo CD cannot be reached at `ends_at`.
        ClusterError: Its cluster cannot.
    """
    while True:
        began = clock.monotonic()
        try:
            application = store.get(name)
            yield application
            yield from _changes(store, clock, name, application, wake_in)
        except (ClusterError, UnreachableError):
            if clock.monotonic() >= ends_at:
                raise
            clock.wait(_LOST_SECONDS)
        # A watch that ends at once, again and again, must not become a flood of readings.
        clock.wait(_PAUSE_SECONDS if clock.monotonic() - began < _PAUSE_SECONDS else 0.0)


def _changes(
    store: Applications, clock: Clock, name: str, application: Object | None, wake_in: Callable[[], float | None]
) -> Iterator[Object | None]:
    ends = clock.monotonic() + _window(wake_in)
    since = "" if application is None else version_of(application)
    for change in store.watch(name, since=since, seconds=max(0.0, ends - clock.monotonic())):
        yield change
        if change is None or clock.monotonic() + _window(wake_in) < ends or clock.monotonic() >= ends:
            return


def _window(wake_in: Callable[[], float | None]) -> float:
    asked = wake_in()
    return WINDOW_SECONDS if asked is None else min(WINDOW_SECONDS, max(asked, 0.0))
