"""Whoever is killed or interrupted, and however often: Terraform ends well, or it is said what may be lost."""

import os
import signal
import time

import pytest

from eod.terraform import DrainEnd
from eod.terraform.running import start_of
from tests.live.terraform_place import SLOW, nothing, told

pytestmark = [pytest.mark.live, pytest.mark.process, pytest.mark.network]


def until(condition, seconds=30):
    for _ in range(seconds * 50):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


def left_alone(place, *, seconds):
    """The Terraform of a run that was killed while it applied."""
    place.module(SLOW.replace("SECONDS", str(seconds)))
    driver = place.driver()
    told(driver, "started", "slow")
    pid = place.running()["pid"]
    driver.kill()
    driver.wait()
    return pid


def test_of_many_signals_terraform_gets_one_and_its_state_is_kept(place, states):
    # The state takes its time to be written. A second signal meanwhile would make Terraform leave it unwritten.
    place.module(SLOW.replace("SECONDS", "30"), "http")
    place.backend = states.backend
    driver = place.driver()
    told(driver, "started", "slow")
    states.delay = 2.0
    states.writing.clear()
    driver.send_signal(signal.SIGINT)
    assert states.writing.wait(20)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        driver.send_signal(number)
        time.sleep(0.1)
    said = told(driver, "error")
    assert said[-1][1].startswith("CancelledError: Terraform apply was stopped: 1 added")
    assert driver.wait(30) == 130
    assert states.addresses() == {"quick", "slow"}
    assert states.lock == b""
    assert place.stream().count("Interrupt received") == 1
    assert "Two interrupts" not in place.stream()
    (report,) = place.drain()
    assert report.end is DrainEnd.STOPPED
    assert report.account.completed == ("terraform_data.quick",)


def test_when_we_are_killed_terraform_goes_on_and_the_drain_step_waits(place):
    pid = left_alone(place, seconds=3)
    assert start_of(pid)
    (report,) = place.drain()
    assert report.end is DrainEnd.SUCCEEDED
    assert report.account.added == 3
    assert report.waited_seconds > 0
    assert start_of(pid) == ""
    assert place.addresses() == {"terraform_data.quick", "terraform_data.slow", "terraform_data.after"}
    assert place.workspace().plan().summary.empty


def test_when_we_are_killed_and_it_takes_too_long_it_is_ended_gracefully(place):
    place.module(SLOW.replace("SECONDS", "60"))
    driver = place.driver()
    told(driver, "started", "slow")
    driver.kill()
    driver.wait()
    (report,) = place.drain(interrupt_after_seconds=1)
    assert report.end is DrainEnd.STOPPED
    assert place.addresses() == {"terraform_data.quick", "terraform_data.slow"}
    again = place.workspace()
    place.module(SLOW.replace("SECONDS", "0"))
    plan = again.plan()
    assert plan.summary.replaces == 1
    assert again.apply(plan, nothing).added == 2
    assert again.destroy(nothing).destroyed == 3


def test_when_terraform_is_killed_too_it_is_said_that_something_may_be_lost(place):
    pid = left_alone(place, seconds=30)
    os.kill(pid, signal.SIGKILL)
    until(lambda: start_of(pid) == "")
    (report,) = place.drain()
    assert report.end is DrainEnd.LOST
    assert report.account.running == ("terraform_data.slow",)
