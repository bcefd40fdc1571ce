"""The run as it unfolds: steps are timed, the outcome is kept up to date, and people are shown it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from msgspec import structs

from eod.errors import CancelledError, EodError, SupersededError
from eod.lifecycle.ports import Clock, Reporter
from eod.model.forecast import Estimate
from eod.model.kube import ApplicationStatus
from eod.model.outcome import Outcome, Step, StepState
from eod.model.plan import ResourceProgress
from eod.model.record import Failure, StepTime

ESTIMATE_SECONDS = 5.0
"""How often the estimate is made anew while nothing but time passes."""

ESTIMATE_SHARE = 0.001
"""At most this share of the time goes into estimates: of thousands of resources one is made less often."""

LAST_SHOW_SECONDS = 3.0
"""How long the end of a run waits for a comment that is being written: a cancelled run has no more."""


class Journey:
    """Holds the newest `Outcome`. Safe to use from the main thread and from background work."""

    def __init__(self, outcome: Outcome, *, clock: Clock, reporter: Reporter) -> None:
        self._outcome = outcome
        self._progress = {one.address: one for one in outcome.progress}
        self._clock = clock
        self._reporter = reporter
        self._lock = threading.RLock()
        self._showing = threading.RLock()
        self._unshown = False
        self._comment_id: int | None = None
        self._estimator: Callable[[Outcome, datetime], Estimate] | None = None
        self._estimate_due = 0.0

    @property
    def outcome(self) -> Outcome:
        """The newest snapshot."""
        return self._outcome

    @property
    def comment_id(self) -> int | None:
        """The sticky comment, once it is known."""
        return self._comment_id

    def change(self, *, show: bool = False, **fields: Any) -> None:
        """Replace fields of the outcome; `show` edits the comment without waiting for the throttle."""
        with self._lock:
            self._outcome = structs.replace(self._outcome, **fields)
        self._show(now=show)

    def notice(self, text: str) -> None:
        """Add a sentence for the reader, once."""
        with self._lock:
            if not text or text in self._outcome.notices:
                return
            self._outcome = structs.replace(self._outcome, notices=(*self._outcome.notices, text))
        self._show()
        self._reporter.say(text)

    def retried(self, retries: tuple[str, ...]) -> None:
        """Take what Terraform tried again, a sentence each."""
        self.change(retries=retries)
        for sentence in retries:
            self.notice(sentence)

    @contextmanager
    def step(self, name: str, title: str) -> Iterator["StepHandle"]:
        """Time a step; any error marks it failed."""
        handle = StepHandle(self, name)
        with self._lock:
            self._put(Step(name=name, title=title, state=StepState.RUNNING, started_at=self._clock.now()))
        self._show()
        try:
            yield handle
        except BaseException as error:
            handle.detail = _word(error)
            self._end(name, StepState.FAILED, handle.detail)
            raise
        self._end(name, handle.state, handle.detail)

    def progress(self, report: ResourceProgress, *, taken: Callable[[], None] = lambda: None) -> None:
        """Take what Terraform says of one resource.

        `taken` is called before anybody is shown it: a comment may take a second, and nothing waits for that.
        """
        with self._lock:
            self._progress.pop(report.address, None)  # the newest comes last
            self._progress[report.address] = report
            self._outcome = structs.replace(self._outcome, progress=tuple(self._progress.values()))
        taken()
        self._show()

    def estimate_with(self, estimator: Callable[[Outcome, datetime], Estimate]) -> Estimate:
        """Say what is left from here on; what it says now, before anything was applied, is the forecast."""
        with self._lock:
            self._estimator = estimator
            forecast = estimator(self._outcome, self._clock.now())
            self._outcome = structs.replace(self._outcome, forecast=forecast, estimate=forecast)
        return forecast

    def status(self, status: ApplicationStatus) -> None:
        """Take a reading of the application."""
        self.change(application=status)

    def step_times(self) -> tuple[StepTime, ...]:
        """How long the finished steps took: the record's history."""
        return tuple(
            StepTime(step=step.name, seconds=round(step.seconds, 1))
            for step in self._outcome.steps
            if step.seconds is not None and step.state is StepState.DONE
        )

    def failure(self, error: BaseException) -> Failure:
        """`error` as the record and the comment keep it, without secrets, and `finish` tells it."""
        if isinstance(error, EodError):
            error.reported = True
        what, why, fix = map(self._reporter.redact, _words(error))
        step = self._failing_step(cancelled=isinstance(error, CancelledError))
        return Failure(step=step, what=what, why=why, fix=fix, at=self._clock.now())

    def finish(self) -> Outcome:
        """Close what still runs, and report."""
        with self._lock:
            now = self._clock.now()
            self._outcome = structs.replace(self._outcome, finished_at=now)
        # An older comment must not come after the last one.
        waited = self._showing.acquire(timeout=LAST_SHOW_SECONDS)
        try:
            self._reporter.finish(self._outcome)
        finally:
            if waited:
                self._showing.release()
        return self._outcome

    def _failing_step(self, *, cancelled: bool) -> str:
        """The step that is to blame.

        Where a step failed because one beside it did, the first one to fail is the cause. A cancel is told by what
        it interrupted: what still runs, or what ended last.
        """
        running = [step.name for step in self._outcome.steps if step.state is StepState.RUNNING]
        failed = [step for step in self._outcome.steps if step.state is StepState.FAILED and step.finished_at]
        ended = [step.name for step in sorted(failed, key=_end_of)]
        blamed = [*ended, *running][-1:] if cancelled else [*ended, *running[::-1]][:1]
        return blamed[0] if blamed else self._outcome.command

    def _end(self, name: str, state: StepState, detail: str) -> None:
        with self._lock:
            step = next(step for step in self._outcome.steps if step.name == name)
            self._put(structs.replace(step, state=state, detail=detail, finished_at=self._clock.now()))
            self._estimate_due = 0.0
        self._show()

    def _put(self, step: Step) -> None:
        steps = self._outcome.steps
        if any(other.name == step.name for other in steps):
            steps = tuple(step if other.name == step.name else other for other in steps)
        else:
            steps = (*steps, step)
        self._outcome = structs.replace(self._outcome, steps=steps)

    def _show(self, *, now: bool = False) -> None:
        """Have people shown the newest snapshot. Whoever is at that shows ours too, unless it must be `now`.

        A comment may take GitHub seconds: no thread waits for another one's.
        """
        self._unshown, unasked = True, now
        while (unasked or self._unshown) and self._showing.acquire(blocking=now):
            unasked = False
            try:
                with self._lock:
                    self._unshown = False
                    self._estimate()
                    newest = self._outcome
                comment = self._reporter.update(newest, now=now)
                self._comment_id = comment or self._comment_id
            finally:
                self._showing.release()

    def _estimate(self) -> None:
        moment = self._clock.monotonic()
        if self._estimator is not None and moment >= self._estimate_due:
            estimate = self._estimator(self._outcome, self._clock.now())
            self._outcome = structs.replace(self._outcome, estimate=estimate)
            done = self._clock.monotonic()
            self._estimate_due = moment + max(ESTIMATE_SECONDS, (done - moment) / ESTIMATE_SHARE)


class StepHandle:
    """Lets a step say how it went."""

    def __init__(self, journey: Journey, name: str) -> None:
        self._journey = journey
        self._name = name
        self.state = StepState.DONE
        self.detail = ""

    def skip(self, why: str) -> None:
        """There was nothing to do."""
        self.state = StepState.SKIPPED
        self.detail = why


def _end_of(step: Step) -> datetime:
    return step.finished_at or step.started_at


def _word(error: BaseException) -> str:
    if isinstance(error, CancelledError):
        return "cancelled"
    if isinstance(error, SupersededError):
        return "superseded by a newer commit"
    return error.what if isinstance(error, EodError) else type(error).__name__


def _words(error: BaseException) -> tuple[str, str, str]:
    if isinstance(error, EodError):
        what = f"{error.where}: {error.what}" if error.where else error.what
        return (f"{what}\n{error.detail}" if error.detail else what), error.why, error.fix
    return (
        f"An unexpected {type(error).__name__} in eod itself.",
        "This is a bug in eod-action; the job's log has the traceback.",
        "Re-run the job: it goes on from the record. Please report it with the log.",
    )
