"""Where every outcome of one environment begins."""

from eod.lifecycle.place import Place
from eod.lifecycle.rooms import Rooms
from eod.model.outcome import Outcome


def blank_outcome(rooms: Rooms, place: Place, command: str) -> Outcome:
    """The outcome of `command` (`up`, `down`, `status`), begun now and with nothing done yet."""
    return Outcome(
        command=command,
        environment=place.environment,
        repository=rooms.repository,
        pr_number=place.pr_number,
        namespace=place.namespace,
        hostname=place.hostname,
        url=place.url,
        started_at=rooms.clock.now(),
        run_url=rooms.run.url,
    )
