import signal
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest

from eod.errors import CancelledError, EodError
from eod.lifecycle.rooms import SweepRequest
from eod.lifecycle.sweep import TEARDOWNS_AT_ONCE, sweep
from eod.model.record import Phase
from tests.lifecycle.builders import NOW, pull, record
from tests.lifecycle.inmemory import WITHOUT_TERRAFORM, in_memory_rooms

EXPIRED = {"expires_at": NOW - timedelta(minutes=1)}


def test_a_sweep_asks_again_before_each_teardown():
    expired = record(**EXPIRED)
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, pulls=[pull()], records=[expired])
    pushed = record(phase=Phase.PROVISIONING)
    rooms.before["get"] = lambda: rooms.kept.update({"pr-7": pushed})
    sweep(rooms, SweepRequest())
    assert rooms.kept == {"pr-7": pushed}
    assert rooms.calls["delete_namespace"] == 0


def sweeping(drain):
    """Rooms in which eight environments are expired; `drain` is all that takes time."""
    many = [record(number, **EXPIRED) for number in range(1, 9)]
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, pulls=[pull(number) for number in range(1, 9)], records=many)
    rooms.drain_load_balancers = lambda _namespace, _seconds: drain(rooms)
    rooms.signals.install()
    return rooms


def test_a_cancelled_sweep_begins_no_further_teardown(cancelled):
    all_begun = threading.Barrier(TEARDOWNS_AT_ONCE + 1, timeout=30)

    def drain(rooms):
        all_begun.wait()
        rooms.signals.wait(30)

    rooms = sweeping(drain)
    # Something else to be told of the cancel keeps the main thread busy, while the threads have their answer.
    busy = rooms.signals.listening(lambda: time.sleep(0.3))
    with busy, pytest.raises(CancelledError), cancelling_when(all_begun, lambda: cancelled(rooms)):
        sweep(rooms, SweepRequest())
    assert sum(kept.phase is Phase.READY for kept in rooms.kept.values()) == 8 - TEARDOWNS_AT_ONCE


@pytest.mark.usefixtures("cancelled")
def test_a_cancel_that_wakes_nobody_is_heard_by_a_sweep_that_waits():
    all_begun, heard = threading.Barrier(TEARDOWNS_AT_ONCE + 1, timeout=30), []

    def drain(rooms):
        all_begun.wait()
        until = time.monotonic() + 30
        while not rooms.signals.received and time.monotonic() < until:
            time.sleep(0.01)
        heard.append(rooms.signals.received)

    rooms = sweeping(drain)

    def strike():
        """A signal that strikes another thread is noted for the main one, as one right before its wait is."""
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    with pytest.raises(CancelledError), cancelling_when(all_begun, strike):
        sweep(rooms, SweepRequest())
    assert heard == [True] * TEARDOWNS_AT_ONCE


@contextmanager
def cancelling_when(barrier, cancel):
    """The signal comes while the main thread waits, as it does from outside."""

    def wait_and_cancel():
        barrier.wait()
        cancel()

    waiter = threading.Thread(target=wait_and_cancel)
    waiter.start()
    try:
        yield
    finally:
        waiter.join()


def test_a_bug_in_one_teardown_does_not_hide_the_others():
    rooms = in_memory_rooms(
        WITHOUT_TERRAFORM,
        pulls=[pull(7), pull(8)],
        records=[record(7, **EXPIRED), record(8, **EXPIRED)],
    )
    deleting = rooms.delete_namespace

    def delete(namespace, seconds):
        if namespace == "pr-7":
            raise ZeroDivisionError
        return deleting(namespace, seconds)

    rooms.delete_namespace = delete
    with pytest.raises(EodError, match="1 of 2"):
        sweep(rooms, SweepRequest())
    assert set(rooms.kept) == {"pr-7"}
    assert [action.done for action in rooms.swept.actions] == [False, True]
