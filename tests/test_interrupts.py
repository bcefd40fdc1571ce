import os
import signal
import threading
import time

import pytest

from eod.errors import CancelledError, ExitCode
from eod.interrupts import Interrupts, wait_for
from eod.lifecycle.background import Background


@pytest.fixture
def interrupts():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    interrupts = Interrupts()
    interrupts.install()
    yield interrupts
    for number, handler in before.items():
        signal.signal(number, handler)


def send(*numbers):
    for number in numbers:
        os.kill(os.getpid(), number)


def test_the_first_signal_cancels_and_the_later_ones_are_ignored(interrupts):
    calls = []
    with interrupts.listening(lambda: calls.append("told")):
        with pytest.raises(CancelledError) as caught:
            send(signal.SIGINT)
        send(signal.SIGTERM, signal.SIGINT, signal.SIGTERM)
    assert calls == ["told"]
    assert caught.value.exit_code is ExitCode.CANCELLED
    assert interrupts.received


def test_who_begins_to_listen_after_the_cancel_is_told_at_once_and_once(interrupts):
    with pytest.raises(CancelledError):
        send(signal.SIGTERM)
    calls = []
    with interrupts.listening(lambda: calls.append("told")):
        pass
    assert calls == ["told"]


def test_a_shielded_block_is_finished_first(interrupts):
    done = []

    def push():
        with interrupts.shielded():
            send(signal.SIGINT)
            done.append("pushed")

    with pytest.raises(CancelledError):
        push()
    assert done == ["pushed"]
    with interrupts.shielded():
        done.append("and later blocks are not broken again")
    assert len(done) == 2


def test_an_error_in_a_shielded_block_is_not_hidden_by_the_cancel(interrupts):
    def push():
        with interrupts.shielded():
            send(signal.SIGINT)
            raise ValueError("the push failed")

    with pytest.raises(CancelledError) as caught:
        push()
    assert "the push failed" in str(caught.value.__context__)


def test_waiting_ends_with_the_cancel(interrupts):
    interrupts.wait(0)
    with pytest.raises(CancelledError):
        send(signal.SIGINT)
    with pytest.raises(CancelledError):
        interrupts.wait(3600)


WAITS = {
    "the clock": lambda interrupts, _never: interrupts.wait(60),
    "an event": lambda _interrupts, never: wait_for(never, 60),
    "what runs beside": lambda _interrupts, never: Background(lambda: never.wait(60), "never").wait(),
    "what runs beside, for its result": lambda _i, never: Background(lambda: never.wait(60), "never").result(),
}


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS.keys())
def test_a_cancel_that_does_not_wake_the_main_thread_is_heard_all_the_same(interrupts, wait):
    never, began = threading.Event(), time.monotonic()

    def strike():
        # In another thread it only leaves its note, as one does that comes right before the main thread blocks.
        never.wait(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    def struck():
        threading.Thread(target=strike).start()
        wait(interrupts, never)

    with pytest.raises(CancelledError):
        struck()
    never.set()
    assert time.monotonic() - began < 30


def test_the_main_thread_waits_on_nothing_that_the_signal_handler_locks(interrupts, monkeypatch):
    # Struck while it holds the lock of an event that the handler sets, it would wait for itself and never end.
    monkeypatch.setattr(threading.Condition, "wait", lambda *_arguments: pytest.fail("it holds a lock"))
    interrupts.wait(0.01)
    with interrupts.shielded():
        interrupts.wait(0.01)


def test_a_cancel_ends_the_waits_of_other_threads(interrupts):
    ended = []

    def waits():
        with pytest.raises(CancelledError):
            interrupts.wait(60)
        ended.append("told")

    worker = threading.Thread(target=waits)
    worker.start()
    with pytest.raises(CancelledError):
        send(signal.SIGINT)
    worker.join(30)
    assert ended == ["told"]


def test_a_shielded_wait_is_not_cut_short(interrupts):
    began = time.monotonic()

    def wait():
        with interrupts.shielded():
            send(signal.SIGINT)
            interrupts.wait(0.2)

    with pytest.raises(CancelledError):
        wait()
    assert time.monotonic() - began >= 0.2


def test_an_event_is_waited_for_as_long_as_is_asked():
    event, began = threading.Event(), time.monotonic()
    assert not wait_for(event, 0.7)
    assert time.monotonic() - began >= 0.7
    assert not wait_for(event, 0)
    event.set()
    assert wait_for(event, 0)
    assert wait_for(event)


class Neighbour:
    """A listener that is compared with another one, and at the nth time the cancel comes in between."""

    def __init__(self, count):
        self.count = count

    def __eq__(self, other):
        self.count -= 1
        if self.count == 0:
            send(signal.SIGINT)
        return self is other

    __hash__ = object.__hash__

    def __call__(self):
        pass


@pytest.mark.parametrize("count", [1, 2])
def test_a_cancel_in_the_moment_in_which_a_listener_leaves_harms_nobody(interrupts, count):
    told = []

    def leave():
        with interrupts.shielded(), interrupts.listening(Neighbour(count)):
            with interrupts.listening(lambda: told.append("told")):
                pass
            send(signal.SIGTERM)

    with pytest.raises(CancelledError) as caught:
        leave()
    assert caught.value.__context__ is None
    assert len(told) <= 1


def test_a_shield_in_another_thread_does_not_keep_the_cancel_from_the_main_thread(interrupts):
    inside, leave, ended = threading.Event(), threading.Event(), []

    def push():
        with interrupts.shielded():
            inside.set()
            leave.wait(10)
        ended.append("pushed")

    worker = threading.Thread(target=push)
    worker.start()
    inside.wait(10)
    with pytest.raises(CancelledError):
        send(signal.SIGINT)
    leave.set()
    worker.join(10)
    assert ended == ["pushed"]
