import sys
import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from eod.errors import ApplyFailedError, CancelledError, NotHealthyError
from eod.lifecycle.journey import Journey
from eod.model.outcome import Outcome
from tests.lifecycle.builders import NOW


class Ticking:
    """A second passes whenever somebody looks."""

    def __init__(self):
        self.time = NOW

    def now(self):
        self.time += timedelta(seconds=1)
        return self.time

    def monotonic(self):
        return self.time.timestamp()

    def wait(self, seconds):
        self.time += timedelta(seconds=seconds)


class Silent:
    def update(self, outcome, *, now=False):
        return None

    def finish(self, outcome):
        pass

    def finish_sweep(self, outcome):
        pass

    def redact(self, text):
        return text.replace("hunter2hunter2", "***")

    def warn_expiry(self, record):
        pass

    def say(self, message):
        pass


@pytest.fixture
def journey():
    outcome = Outcome(command="up", environment="pr-7", repository="acme/shop", pr_number=7, started_at=NOW)
    return Journey(outcome, clock=Ticking(), reporter=Silent())


def fail(journey, error, *names):
    """Steps within one another, of which the innermost fails first."""
    name, *inner = names
    with suppress(type(error)), journey.step(name, name):
        if inner:
            fail(journey, error, *inner)
        raise error


def test_the_step_that_raised_is_to_blame(journey):
    error = NotHealthyError("too slow")
    fail(journey, error, "sync")
    assert journey.failure(error).step == "sync"


def test_a_step_that_fails_because_one_beside_it_failed_is_not_to_blame(journey):
    error = ApplyFailedError("denied")
    fail(journey, error, "gates", "apply")
    assert journey.failure(error).step == "apply"


def test_what_still_goes_on_beside_a_failure_is_not_to_blame(journey):
    error = NotHealthyError("too slow")
    with journey.step("apply", "Terraform apply"):
        fail(journey, error, "sync")
        assert journey.failure(error).step == "sync"


def test_a_cancel_is_told_by_what_it_interrupted(journey):
    cancel = CancelledError("cancelled")
    with journey.step("apply", "Terraform apply"):
        fail(journey, cancel, "gates")
        assert journey.failure(cancel).step == "apply"


def test_a_cancel_is_told_by_what_it_interrupted_also_when_that_has_ended_by_now(journey):
    cancel = CancelledError("cancelled")
    fail(journey, cancel, "apply", "gates")
    assert journey.failure(cancel).step == "apply"


def test_without_any_step_the_command_itself_is_named(journey):
    assert journey.failure(CancelledError("cancelled")).step == "up"


class Slow(Silent):
    """The first comment takes until it is let go on."""

    def __init__(self):
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.shown = []
        self.last = None

    def update(self, outcome, *, now=False):
        if not self.shown:
            self.begun.set()
            assert self.go_on.wait(10)
        self.shown.append((outcome.notices, now))
        return 7

    def finish(self, outcome):
        self.last = (len(self.shown), outcome.notices)


@pytest.fixture
def slow():
    reporter = Slow()
    outcome = Outcome(command="up", environment="pr-7", repository="acme/shop", pr_number=7, started_at=NOW)
    journey = Journey(outcome, clock=Ticking(), reporter=reporter)
    thread = threading.Thread(target=lambda: journey.notice("first"))
    thread.start()
    assert reporter.begun.wait(10)
    yield journey, reporter, thread
    reporter.go_on.set()
    thread.join(10)


def test_nobody_waits_for_anothers_comment_and_the_newest_is_shown_all_the_same(slow):
    journey, reporter, thread = slow
    journey.notice("second")  # returns at once
    reporter.go_on.set()
    thread.join(10)
    assert [notices for notices, _ in reporter.shown] == [("first",), ("first", "second")]


def test_what_must_be_shown_now_is_shown_when_it_returns(slow):
    journey, reporter, _thread = slow
    threading.Timer(0.1, reporter.go_on.set).start()
    journey.change(show=True, url="https://a.example")
    assert (("first",), True) in reporter.shown
    assert journey.comment_id == 7


def test_an_older_comment_does_not_come_after_the_last_one(slow):
    journey, reporter, _thread = slow
    threading.Timer(0.1, reporter.go_on.set).start()
    journey.finish()
    assert reporter.last == (1, ("first",))
    assert len(reporter.shown) == 1


def test_no_notice_is_lost_that_threads_give_at_once(journey):
    texts = [[f"{thread}: {number}" for number in range(60)] for thread in range(4)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [
            threading.Thread(target=lambda own=own: [journey.notice(text) for text in own]) for own in texts
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert set(journey.outcome.notices) == {text for own in texts for text in own}


def test_a_failure_is_kept_without_secrets(journey):
    error = ApplyFailedError(
        "refused hunter2hunter2", why="hunter2hunter2?", fix="no", detail="it was hunter2hunter2"
    )
    kept = journey.failure(error)
    assert (kept.what, kept.why, kept.fix) == ("refused ***\nit was ***", "***?", "no")
