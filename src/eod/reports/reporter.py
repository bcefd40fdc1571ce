"""Shows a run to people: log, comment, job summary, annotations and outputs, each when it is due."""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from eod.errors import CancelledError, EodError
from eod.model.outcome import Outcome, SweepOutcome
from eod.model.record import Record
from eod.reports import log
from eod.reports.outputs import outputs_of
from eod.reports.renderer import Renderer, is_worth_a_comment
from eod.reports.situation import Situation, situation_of
from eod.reports.snapshots import CleanSnapshots

THROTTLE_SECONDS = 20.0
"""GitHub allows 80 contents a minute and 500 an hour, for all runs of a token together."""

BACK_OFF_SECONDS = 60.0
"""How long the comment is left alone after GitHub refused to take an edit."""


class Comments(Protocol):
    """Where comments go; `eod.github.forge.GitHubForge` is the real one."""

    def put_comment(self, number: int, body: str, comment_id: int | None) -> int | None:
        """Create or edit the one comment of ours."""

    def add_comment(self, number: int, body: str) -> int | None:
        """Add a comment of its own."""

    def hasty(self) -> AbstractContextManager[None]:
        """In this block nothing is waited for."""


class Paper(Protocol):
    """Where lines, annotations, outputs and summaries go; `eod.github.runner.Runner` is the real one."""

    def say(self, message: str) -> None:
        """A line in the log."""

    def fold(self, title: str, text: str) -> None:
        """Somebody else's output, folded under a title."""

    def error(self, message: str, *, title: str = "") -> None:
        """An annotation."""

    def warning(self, message: str, *, title: str = "") -> None:
        """An annotation."""

    def set_outputs(self, outputs: Mapping[str, str]) -> None:
        """Outputs of the step."""

    @property
    def summary_room(self) -> int:
        """Bytes that the job summary still takes."""

    def add_summary(self, markdown: str) -> None:
        """Add to the job summary."""


class Screen(Protocol):
    """A terminal that shows the run as it stands; `eod.reports.terminal.LiveScreen` is the real one."""

    def show(self, outcome: Outcome) -> None:
        """Show the newest snapshot."""

    def close(self) -> None:
        """Leave the last state on the screen."""


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""


class _Shown(Struct):
    """What was last shown of one environment."""

    snapshots: CleanSnapshots
    comment_id: int | None = None
    next_edit: float = 0.0


class RunReporter:
    """Reports one run, which may be about several environments (a sweep), from any thread.

    Reports never fail a run: what cannot be told is said in the log.

    Args:
        paper: The log, and outputs and job summary where there are any.
        clock: Time.
        renderer: Makes Markdown, and takes secrets out.
        comments: The pull request; `None` writes no comments.
        screen: A live display; `None` on anything but a terminal.
        sweeping: In a sweep each teardown edits its own comment, but outputs and summary are the sweep's.
    """

    def __init__(
        self,
        paper: Paper,
        clock: Clock,
        *,
        renderer: Renderer | None = None,
        comments: Comments | None = None,
        screen: Screen | None = None,
        sweeping: bool = False,
    ) -> None:
        self._paper = paper
        self._clock = clock
        self._renderer = renderer or Renderer()
        self._comments = comments
        self._screen = screen
        self._sweeping = sweeping
        self._shown: dict[str, _Shown] = {}
        self._lock = threading.Lock()

    def update(self, outcome: Outcome, *, now: bool = False) -> int | None:
        """Show the newest snapshot; the comment is edited at most every 20 s unless `now`.

        Before the tier is known there is nothing to say in a comment. An edit that GitHub does not take at once is
        left to the next one: nobody waits for a report.

        Returns:
            The comment's id, if there is one by now.
        """
        shown = self._tell(outcome)
        if now or self._clock.monotonic() >= shown.next_edit:
            self._edit(outcome, shown, hasty=True)
        return shown.comment_id

    def finish(self, outcome: Outcome) -> None:
        """Comment, job summary, annotations and outputs of a finished run."""
        shown = self._tell(outcome)
        clean = self._renderer.clean(outcome)
        if self._screen is not None:
            self._screen.close()
        for line in log.closing(clean, self._clock.now()):
            self._paper.say(line)
        self._annotate(clean)
        if not self._sweeping:
            self._paper.set_outputs(outputs_of(clean))
            self._summarise(lambda room: self._renderer.summary(outcome, self._clock.now(), room))
        cancelled = situation_of(outcome) is Situation.CANCELLED
        self._edit(outcome, shown, hasty=cancelled)

    def comment(self, outcome: Outcome) -> None:
        """Only the comment; what else there was to say has been said."""
        shown = self._new()
        shown.snapshots.step(outcome)
        self._edit(outcome, shown, hasty=False)

    def finish_sweep(self, outcome: SweepOutcome) -> None:
        """Job summary and annotations of a sweep."""
        clean = self._renderer.clean(outcome)
        for action in clean.actions:
            if action.error:
                self._paper.error(action.error, title=f"eod sweep: {action.environment}")
        if clean.stopped:
            self._paper.error(clean.stopped, title="eod sweep: stopped before its first deletion")
        verb = "would be taken" if clean.dry_run else "taken"
        done = sum(1 for action in clean.actions if action.action == "teardown" and not action.error)
        self._paper.say(
            f"Sweep: {clean.open_pulls} open pull requests, {clean.records} records, {done} {verb} down."
        )
        self._summarise(lambda room: self._renderer.sweep(outcome, room))

    def warn_expiry(self, record: Record) -> None:
        """Tell the owner, in a comment of its own since an edit notifies nobody, that the time is nearly over."""
        if self._comments is None:
            return
        body = self._renderer.expiry_warning(record, self._clock.now())
        try:
            self._comments.add_comment(record.pr_number, body)
        except CancelledError:
            raise
        except EodError as error:
            self.say(f"The owner of {record.environment} could not be warned: {error.what}")

    def reply(self, number: int, text: str) -> None:
        """Answer somebody in a comment of its own: an edit of ours would be seen by nobody. Also in the log."""
        self.say(text)
        if self._comments is None:
            return
        try:
            self._comments.add_comment(number, self._renderer.reply(text))
        except CancelledError:
            raise
        except EodError as error:
            self.say(f"The comment on #{number} could not be answered: {error.what}")

    def redact(self, text: str) -> str:
        """`text` without secrets."""
        return self._renderer.redact(text)

    def say(self, message: str) -> None:
        """One line in the log."""
        self._paper.say(self._renderer.redact(message))

    def _tell(self, outcome: Outcome) -> _Shown:
        """Log what is new."""
        with self._lock:
            shown = self._shown.get(outcome.environment) or self._new()
            self._shown[outcome.environment] = shown
            shown.comment_id = shown.comment_id or outcome.comment_id
            before, clean = shown.snapshots.step(outcome)
            whole = None if self._screen is None else shown.snapshots.whole()
        prefix = f"{outcome.environment}: " if self._sweeping else ""
        for line in log.changes(before, clean):
            self._paper.say(f"{prefix}{line}")
        if clean.plan is not None and clean.plan_text and (before is None or before.plan_text != clean.plan_text):
            self._paper.fold(f"{prefix}Terraform plan: {clean.plan.line}", clean.plan_text)
        if self._screen is not None and whole is not None:
            self._screen.show(whole)
        return shown

    def _new(self) -> _Shown:
        return _Shown(snapshots=CleanSnapshots(self._renderer.redact))

    def _edit(self, outcome: Outcome, shown: _Shown, *, hasty: bool) -> None:
        if self._comments is None or not is_worth_a_comment(outcome):
            return
        shown.next_edit = self._clock.monotonic() + THROTTLE_SECONDS
        with self._lock:
            clean = shown.snapshots.whole() or self._renderer.clean(outcome)
        body = self._renderer.comment_of(clean, self._clock.now())
        try:
            with self._comments.hasty() if hasty else nullcontext():
                written = self._comments.put_comment(outcome.pr_number, body, shown.comment_id)
        except CancelledError:
            raise
        except EodError as error:
            shown.next_edit = self._clock.monotonic() + BACK_OFF_SECONDS
            self.say(f"The comment on #{outcome.pr_number} was not updated: {error.what}")
            return
        shown.comment_id = written or shown.comment_id

    def _annotate(self, outcome: Outcome) -> None:
        failure = outcome.failure
        if failure is None:
            return
        title = f"eod {outcome.command}: {outcome.environment}: {failure.step}"
        parts = [failure.what, failure.why, failure.fix]
        message = "\n".join(part for part in parts if part)
        if situation_of(outcome) in {Situation.CANCELLED, Situation.AWAITING_APPROVAL}:
            self._paper.warning(message, title=title)
        else:
            self._paper.error(message, title=title)

    def _summarise(self, render: Callable[[int], str]) -> None:
        room = self._paper.summary_room
        if room:
            self._paper.add_summary(render(room - 2))
