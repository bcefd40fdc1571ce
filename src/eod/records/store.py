"""The store of records: one file an environment, one commit a transition, nothing lost when two write at once."""

import re
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from eod.errors import RecordError
from eod.model.learned import History
from eod.model.record import Record
from eod.records import history, yaml
from eod.records.branch import Branch, BranchUnreachableError, Pushed

T = TypeVar("T")

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 3.0


class GitRecords:
    """Records on a branch of a Git repository.

    Every read asks the remote, since another job may have written a second ago.

    Args:
        branch: The branch.
        directory: The folder on it, `environments/preview`.
        now: The time, aware.
        wait: Sleeps for so many seconds, or raises when the run is cancelled.
        patience_seconds: How long lost races and a failing network are tried again.
    """

    def __init__(
        self,
        branch: Branch,
        *,
        directory: str,
        now: Callable[[], datetime],
        wait: Callable[[float], None],
        patience_seconds: float = 60,
    ) -> None:
        self._branch = branch
        self._directory = directory.strip("/")
        self._now = now
        self._wait = wait
        self._patience = patience_seconds
        self._lock = threading.RLock()

    def get(self, environment: str) -> Record | None:
        """The record as the remote has it now, or `None`.

        Raises:
            RecordError: It is damaged.
            GitError: The remote cannot be read.
        """
        _legal(environment)
        with self._lock:
            return self._read(self._patiently(self._branch.tip), environment)

    def all(self) -> tuple[Record, ...]:
        """Every record, by name. No branch means no records; anything that cannot be read is an error.

        Raises:
            RecordError: A record is damaged, or something else lies among them.
            GitError: The remote cannot be read.
        """
        with self._lock:
            tip = self._patiently(self._branch.tip)
            files = {} if tip is None else self._branch.files(tip, f"{self._directory}/")
        return tuple(self._parse(name, content) for name, content in sorted(files.items()))

    def history(self) -> History:
        """How long things took, in the environments that exist and in those that are gone.

        What cannot be read of it is left out: it is worth an estimate, not a failure.

        Raises:
            GitError: The remote cannot be read.
        """
        with self._lock:
            tip = self._patiently(self._branch.tip)
            files = {} if tip is None else self._branch.files(tip, f"{self._directory}/")
            learned = History() if tip is None else self._learned(tip)
        for name, content in sorted(files.items()):
            try:
                learned = history.with_record(learned, self._parse(name, content))
            except RecordError:
                continue
        return learned

    def update(
        self, environment: str, decide: Callable[[Record | None], Record | None], message: str
    ) -> Record | None:
        """Commit what `decide` makes of the newest record; `None` removes it, the same record commits nothing.

        When another writer was faster, the record is read again and `decide` is asked again.

        Args:
            environment: Its name.
            decide: Asked with the newest record; called again after each lost race.
            message: The commit's message; more lines than one are kept.

        Returns:
            What is on the remote now.

        Raises:
            RecordError: The record is damaged, or `decide` refused.
            GitError: The remote refuses, cannot be reached, or the race was lost for too long.
        """
        _legal(environment)
        with self._lock:
            return self._patiently(lambda: self._try_update(environment, decide, message))

    def _try_update(
        self, environment: str, decide: Callable[[Record | None], Record | None], message: str
    ) -> Record | None:
        tip = self._branch.tip()
        before = self._read(tip, environment)
        after = decide(before)
        if after == before:
            return before
        if after is not None and after.environment != environment:
            raise RecordError(f"The record of {after.environment} was to be written as that of {environment}.")
        files = {self._path(environment): None if after is None else yaml.dump(after).encode()}
        if after is None and before is not None and tip is not None:
            files |= self._remembering(tip, before)
        commit = self._branch.commit(tip, files, message, self._now())
        pushed = self._branch.push(commit, tip)
        if pushed is Pushed.LOST or (pushed is Pushed.UNKNOWN and not self._branch.contains(commit)):
            raise _LostError
        return after

    def _remembering(self, tip: str, gone: Record) -> dict[str, bytes | None]:
        """What an environment taught outlives it."""
        before = self._learned(tip)
        after = history.with_record(before, gone)
        return {} if after == before else {self._times: history.dump(after)}

    def _learned(self, tip: str) -> History:
        files = self._branch.files(tip, self._times)
        return next((history.load(content) for content in files.values()), History())

    @property
    def _times(self) -> str:
        """Beside the folder, for in it lie records alone."""
        return f"{self._directory}-times.json"

    def _read(self, tip: str | None, environment: str) -> Record | None:
        files = {} if tip is None else self._branch.files(tip, self._path(environment))
        name = f"{environment}.yaml"
        return self._parse(name, files[name]) if name in files else None

    def _parse(self, name: str, content: bytes) -> Record:
        source = f"{self._directory}/{name}"
        if not name.endswith(".yaml"):
            raise RecordError(
                f"`{name}` is no record.",
                why="Someone put a file into the folder of the records.",
                fix="Remove it from the records branch.",
                where=source,
            )
        record = yaml.load(content.decode("utf-8", "replace"), source)
        if f"{record.environment}.yaml" != name:
            raise RecordError(f"This is the record of {record.environment}, under another name.", where=source)
        return record

    def _path(self, environment: str) -> str:
        return f"{self._directory}/{environment}.yaml"

    def _patiently(self, attempt: Callable[[], T]) -> T:
        """Ask again, after a short random while, when a race was lost or the network failed."""
        import tenacity  # costs 60 ms that a mere look at the help need not pay

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((_LostError, BranchUnreachableError)),
            wait=tenacity.wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
            stop=tenacity.stop_after_delay(self._patience),
            sleep=self._wait,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except BranchUnreachableError as error:
            raise error.fault from error
        except _LostError as error:
            raise RecordError(
                f"Others wrote to the records branch for {self._patience:.0f} s, and each time before us.",
                why="Very many pull requests change their environments at once.",
                fix="Re-run the job: it goes on from the record.",
            ) from error


class _LostError(Exception):
    """Another writer was faster."""


def _legal(environment: str) -> None:
    if not _NAME.fullmatch(environment):
        raise RecordError(
            f"`{environment[:80]}` is no name of an environment.",
            fix="Names are DNS labels: lower-case letters, digits and inner dashes.",
        )
