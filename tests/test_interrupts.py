import os
import signal
import threading

import pytest

from eod.errors import CancelledError, ExitCode
from eod.interrupts import Interrupts


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
