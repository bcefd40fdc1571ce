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
