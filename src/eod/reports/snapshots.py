"""A run's snapshots without secrets, each made of the one before it: a step costs what it changes."""

from typing import Any

from msgspec import structs

from eod.model.outcome import Outcome
from eod.model.plan import ResourceProgress
from eod.reports.redact import Redactor, redacted


class CleanSnapshots:
    """Keeps the redacted pieces of one environment's newest snapshot, for one thread at a time.

    What the redactor learns meanwhile is taken out of all that is kept as well, before anything is handed out.

    Args:
        redact: Takes secrets out of every text.
    """

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact
        self._learned = -1
        self._raw: Outcome | None = None
        self._fields: dict[str, Any] = {}
        self._seen: dict[str, ResourceProgress] = {}
        self._progress: dict[str, Any] = {}

    def step(self, outcome: Outcome) -> tuple[Outcome | None, Outcome]:
        """The snapshot before this one (`None` at first) and this one, both clean.

        Of the progress they have only the resources of which there is something new.
        """
        self._relearn()
        before = None if self._raw is None else structs.replace(self._raw, **self._fields)
        news = self._news(outcome)
        known = tuple(self._progress[one.address] for one in news if one.address in self._progress)
        self._fields = {
            name: self._fields[name]
            if self._raw is not None and getattr(self._raw, name) is getattr(outcome, name)
            else self._clean(getattr(outcome, name))
            for name in outcome.__struct_fields__
            if name != "progress"
        }
        self._raw = outcome
        for one in news:
            self._seen[one.address] = one
            self._progress.pop(one.address, None)  # the newest comes last
            self._progress[one.address] = self._clean(one)
        after = structs.replace(
            outcome, **self._fields, progress=tuple(self._progress[one.address] for one in news)
        )
        return before if before is None else structs.replace(before, progress=known), after

    def whole(self) -> Outcome | None:
        """The newest snapshot, clean, with the progress of all resources; `None` before the first."""
        self._relearn()
        if self._raw is None:
            return None
        return structs.replace(self._raw, **self._fields, progress=tuple(self._progress.values()))

    def _news(self, outcome: Outcome) -> list[ResourceProgress]:
        """What changed last is last, so the first that is known ends the search."""
        news = []
        for one in reversed(outcome.progress):
            if self._seen.get(one.address) is one:
                break
            news.append(one)
        return news[::-1]

    def _relearn(self) -> None:
        """Clean what is kept of what has been learned since. Asked before the cleaning, not after it."""
        learned = self._redact.learned
        if learned == self._learned:
            return
        self._learned = learned
        self._fields = {name: self._clean(getattr(self._raw, name)) for name in self._fields}
        self._progress = {address: self._clean(self._seen[address]) for address in self._progress}

    def _clean(self, value: object) -> Any:
        return redacted(value, self._redact)
