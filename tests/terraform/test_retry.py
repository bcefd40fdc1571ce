import pytest

from eod.errors import CancelledError, TerraformError
from eod.model.fault import FaultClass
from eod.model.plan import ApplyResult
from eod.terraform.faults import Fault, classify
from eod.terraform.problems import AttemptFailedError
from eod.terraform.retry import Attempt, Budget, Persistence
from tests.terraform.support import FakeClock

THROTTLED = classify("Throttling: Rate exceeded")
RESET = classify("connection reset by peer")
DENIED = classify("AccessDenied")


def failed(*faults: Fault) -> AttemptFailedError:
    return AttemptFailedError(TerraformError("it failed", why="so"), faults)


class Work:
    """Fails as often as it is told, then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.attempts: list[Attempt] = []

    def __call__(self, attempt: Attempt) -> str:
        self.attempts.append(attempt)
        if self.failures:
            raise self.failures.pop(0)
        return "done"


def persistence(clock, *, seconds=3600.0, said=None, stopped=lambda: False, budget=None) -> Persistence:
    return Persistence(
        clock=clock,
        seconds=seconds,
        parallelism=20,
        say=[].append if said is None else said.append,
        stopped=stopped,
        budget=budget,
    )


def test_what_goes_well_is_done_once():
    clock, work = FakeClock(), Work()
    tries = persistence(clock)
    assert tries.run(work) == "done"
    assert (tries.attempts, tries.retried, clock.seconds) == (1, [], 0)


def test_what_may_pass_is_tried_again_after_a_while():
    clock, work = FakeClock(), Work(failed(RESET))
    said: list[str] = []
    tries = persistence(clock, said=said)
    assert tries.run(work) == "done"
    assert tries.attempts == 2
    assert tries.retried == ["network: The network failed."]
    assert RESET.delay <= clock.seconds <= RESET.delay * 1.5 + 1
    assert len(said) == 1
    assert said[0].startswith("The network failed. Trying again in ")


def test_delays_grow():
    clock, work = FakeClock(), Work(failed(RESET), failed(RESET))
    tries = persistence(clock)
    tries.run(work)
    starts = [3600 - attempt.remaining_seconds for attempt in work.attempts]
    assert starts[2] - starts[1] > starts[1] - starts[0]


def test_a_permanent_fault_is_tried_once():
    clock, work = FakeClock(), Work(failed(DENIED))
    with pytest.raises(TerraformError, match="it failed"):
        persistence(clock).run(work)
    assert len(work.attempts) == 1
    assert clock.seconds == 0


def test_one_permanent_fault_among_others_decides():
    work = Work(failed(RESET, DENIED))
    with pytest.raises(TerraformError):
        persistence(FakeClock()).run(work)
    assert len(work.attempts) == 1


def test_a_failure_without_faults_is_tried_once():
    work = Work(failed())
    with pytest.raises(TerraformError):
        persistence(FakeClock()).run(work)
    assert len(work.attempts) == 1


def test_each_fault_has_a_budget():
    work = Work(*[failed(RESET)] * 10)
    with pytest.raises(TerraformError, match="it failed"):
        persistence(FakeClock()).run(work)
    assert len(work.attempts) == 1 + RESET.attempts


def test_another_fault_has_another_budget():
    work = Work(*[failed(RESET)] * RESET.attempts, *[failed(THROTTLED)] * THROTTLED.attempts)
    assert persistence(FakeClock()).run(work) == "done"
    assert len(work.attempts) == 1 + RESET.attempts + THROTTLED.attempts


def test_the_deadline_ends_it():
    clock, work = FakeClock(), Work(*[failed(RESET)] * 10)
    with pytest.raises(TerraformError):
        persistence(clock, seconds=RESET.delay / 2).run(work)
    assert len(work.attempts) == 1
    assert clock.seconds == 0


def test_throttling_lowers_parallelism():
    work = Work(failed(THROTTLED), failed(THROTTLED))
    persistence(FakeClock()).run(work)
    assert [attempt.parallelism for attempt in work.attempts] == [20, 10, 5]


def test_any_other_error_goes_through():
    work = Work(ValueError("a fault of ours"))
    with pytest.raises(ValueError, match="ours"):
        persistence(FakeClock()).run(work)


def test_a_cancel_ends_the_wait():
    clock, work = FakeClock(), Work(failed(RESET))
    clock.interrupts._event.set()
    with pytest.raises(CancelledError):
        persistence(clock).run(work)
    assert len(work.attempts) == 1


def test_being_asked_to_stop_ends_the_wait():
    clock, work = FakeClock(), Work(failed(RESET))
    with pytest.raises(CancelledError, match="asked to stop"):
        persistence(clock, stopped=lambda: clock.seconds > 3).run(work)
    assert 3 < clock.seconds < 6


def test_nothing_is_tried_again_once_stopped():
    work = Work(failed(RESET))
    with pytest.raises(TerraformError, match="it failed"):
        persistence(FakeClock(), stopped=lambda: True).run(work)
    assert len(work.attempts) == 1


def test_the_last_failure_is_the_one_that_is_raised():
    first, last = failed(RESET), AttemptFailedError(TerraformError("another"), (DENIED,))
    with pytest.raises(TerraformError, match="another") as raised:
        persistence(FakeClock()).run(Work(first, last))
    assert raised.value.__suppress_context__


def test_a_stale_plan_is_a_reason_to_try_again():
    assert classify("Saved plan is stale").fault_class is FaultClass.REPLAN
    assert persistence(FakeClock()).run(Work(failed(classify("Saved plan is stale")))) == "done"


def test_the_retries_of_a_run_are_bounded_over_all_its_operations():
    clock, budget = FakeClock(), Budget(2)

    def tries() -> Persistence:
        return persistence(clock, seconds=36_000, budget=budget)

    assert tries().run(Work(failed(RESET))) == "done"
    assert tries().run(Work(failed(THROTTLED))) == "done"
    third = Work(failed(RESET))
    with pytest.raises(TerraformError, match="it failed"):
        tries().run(third)
    assert len(third.attempts) == 1
    assert [line.partition(":")[0] for line in budget.retried] == ["network", "throttled"]


def test_a_failure_says_how_often_it_was_tried():
    work = Work(*(failed(RESET) for _ in range(9)))
    with pytest.raises(TerraformError) as caught:
        persistence(FakeClock()).run(work)
    assert caught.value.why == f"so It was tried {len(work.attempts)} times."
    assert len(work.attempts) == 1 + RESET.attempts


def test_a_retry_says_what_it_is_about_and_what_is_left():
    said: list[str] = []
    throttled = classify("Error: creating x: Throttling: Rate exceeded\n  with aws_cloudfront_distribution.cdn,")
    persistence(FakeClock(), said=said).run(Work(failed(throttled)))
    assert "(aws_cloudfront_distribution)" in said[0]
    assert "with parallelism 10" in said[0]


def test_retries_are_counted_for_people():
    result = ApplyResult(retried=("throttled: The API throttles.", "throttled: The API throttles.", "x: Broken."))
    assert result.retries == (
        "Retried 2\N{MULTIPLICATION SIGN}: The API throttles.",
        "Retried 1\N{MULTIPLICATION SIGN}: Broken.",
    )
