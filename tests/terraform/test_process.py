import json
import os
import signal
import subprocess
import threading
import time

import pytest

from eod.errors import CancelledError, EodError, StateLockedError, TerraformError
from eod.terraform import DrainEnd, drain, process, saver
from eod.terraform.running import interrupt_once, note, start_of
from eod.terraform.workplace import Workplace, write_private
from tests.terraform.fake import nothing, play
from tests.terraform.support import FakeClock, stream

pytestmark = pytest.mark.process

INTERRUPTED = stream("apply_interrupted").decode().splitlines(keepends=True)
BEFORE = "".join(INTERRUPTED[:10])
AFTER = "".join(INTERRUPTED[10:])
HELD = {"stdout": BEFORE, "hold": True, "after": AFTER, "code": 1}


@pytest.fixture
def signals(fake):
    """Our real handlers, for this test only."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    fake.interrupts.install()
    yield
    fake.release()
    for number, handler in before.items():
        signal.signal(number, handler)


def until(condition):
    for _ in range(2_000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def struck_by(number):
    """A signal in the main thread; what it raises there comes within a moment."""
    os.kill(os.getpid(), number)
    until(lambda: False)


class Worker(threading.Thread):
    """Runs something as the lifecycle does, in a daemon thread, and keeps what it raises."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work = work
        self.error: EodError | None = None
        self.start()

    def run(self):
        try:
            self.work()
        except EodError as error:
            self.error = error


def held_apply(fake):
    """An apply in a worker thread, up to where Terraform waits."""
    fake.plays(apply=[HELD])
    workspace = fake.workspace()
    plan = workspace.plan()
    worker = Worker(lambda: workspace.apply(plan, nothing))
    until(fake.holding.exists)
    return workspace, worker


def test_however_many_signals_come_terraform_gets_one(fake, signals):
    _, worker = held_apply(fake)
    with pytest.raises(CancelledError):
        struck_by(signal.SIGINT)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        os.kill(os.getpid(), number)
    until(fake.signals)
    fake.release()
    worker.join(20)
    assert fake.signals() == ["SIGINT"]
    assert isinstance(worker.error, CancelledError)
    assert worker.error.what == "Terraform apply was stopped: 1 added, 0 changed, 0 destroyed."
    assert "interrupted: terraform_data.slow" in worker.error.detail


def test_a_sigterm_alone_reaches_terraform_as_one_interrupt(fake, signals):
    _, worker = held_apply(fake)
    with pytest.raises(CancelledError):
        struck_by(signal.SIGTERM)
    until(fake.signals)
    fake.release()
    worker.join(20)
    assert fake.signals() == ["SIGINT"]


def test_after_a_cancel_the_drain_step_still_learns_what_came_of_it(fake, signals):
    _, worker = held_apply(fake)
    with pytest.raises(CancelledError):
        struck_by(signal.SIGINT)
    fake.release()
    worker.join(20)
    (report,) = drain(fake.state, clock=FakeClock())
    assert (report.environment, report.operation, report.end) == ("pr-12", "apply", DrainEnd.STOPPED)
    assert report.account.completed == ("terraform_data.quick",)
    assert drain(fake.state, clock=FakeClock()) == ()


def test_in_the_main_thread_a_cancel_waits_for_terraform(fake, signals):
    fake.plays(apply=[HELD])

    def cancel():
        until(fake.holding.exists)
        os.kill(os.getpid(), signal.SIGINT)
        until(fake.signals)
        os.kill(os.getpid(), signal.SIGTERM)
        fake.release()

    canceller = Worker(cancel)
    with pytest.raises(CancelledError, match="Terraform destroy was stopped: 1 added"):
        fake.workspace().destroy(nothing)
    canceller.join()
    assert fake.signals() == ["SIGINT"]
    assert start_of(fake.calls("apply")[0]["pid"]) == ""


def test_in_the_main_thread_a_cancel_does_not_wait_for_ever(fake, signals, monkeypatch):
    monkeypatch.setattr(process, "LEAVE_AFTER_SECONDS", 0.3)
    fake.plays(apply=[HELD])

    def cancel():
        until(fake.holding.exists)
        os.kill(os.getpid(), signal.SIGINT)

    canceller = Worker(cancel)
    with pytest.raises(CancelledError, match="is still stopping"):
        fake.workspace().destroy(nothing)
    canceller.join()
    clock = FakeClock()
    reports = drain(fake.state, clock=clock, patience_seconds=5)
    assert [(r.end, r.ended, r.waited_seconds) for r in reports] == [(DrainEnd.RUNNING, False, 5)]
    fake.release()
    pid = fake.calls("apply")[0]["pid"]
    until(lambda: start_of(pid) == "")
    (report,) = drain(fake.state, clock=clock)
    assert report.end is DrainEnd.STOPPED
    assert fake.signals() == ["SIGINT"]


def test_nothing_is_begun_after_a_cancel(fake, signals):
    workspace = fake.workspace()
    with pytest.raises(CancelledError):
        struck_by(signal.SIGINT)
    with pytest.raises(CancelledError):
        workspace.plan()
    assert fake.commands() == []


def test_it_can_be_asked_to_stop_without_a_cancel(fake):
    workspace, worker = held_apply(fake)
    workspace.interrupt()
    until(fake.signals)
    workspace.interrupt()
    fake.release()
    worker.join(20)
    assert fake.signals() == ["SIGINT"]
    assert isinstance(worker.error, CancelledError)
    with pytest.raises(CancelledError, match="asked to stop"):
        workspace.destroy(nothing)


def test_it_can_be_asked_to_stop_in_the_very_moment_it_is_started(fake, monkeypatch):
    workspace = fake.workspace()
    plan = workspace.plan()

    def asked_meanwhile(place, running):
        note(place, running)
        workspace.interrupt()

    monkeypatch.setattr(process, "note", asked_meanwhile)
    with pytest.raises(CancelledError):
        workspace.apply(plan, nothing)
    assert (fake.place / "interrupted").exists()


def test_of_gigabytes_on_standard_error_only_the_end_is_read(fake, monkeypatch):
    monkeypatch.setattr(process, "COMPLAINTS_BYTES", 9)
    fake.plays(apply=[{"code": 1, "stderr": "trace\n" * 100 + "the end\n"}])
    workspace = fake.workspace()
    with pytest.raises(TerraformError) as failed:
        workspace.apply(workspace.plan(), nothing)
    assert failed.value.detail == "the end"


def test_an_apply_that_takes_too_long_is_ended_gracefully(fake):
    fake.plays(apply=[HELD])
    workspace = fake.workspace(timeout_minutes=60)
    plan = workspace.plan()
    started, seen = fake.clock.monotonic, []

    def hurry():
        # Time flies once it has been asked for while Terraform waits, which may be when we begin to watch it.
        seen.append(fake.holding.exists())
        return started() + (3601 if sum(seen) > 1 else 0)

    fake.clock.monotonic = hurry
    Worker(lambda: (until(fake.signals), fake.release()))
    with pytest.raises(TerraformError, match="stopped after 60 minutes: 1 added") as stopped:
        workspace.apply(plan, nothing)
    assert fake.signals() == ["SIGINT"]
    assert "timeout-minutes" in stopped.value.why
    assert "terraform_data.slow" in stopped.value.detail


def test_an_error_of_a_listener_waits_for_terraform(fake):
    fake.plays(apply=[HELD])
    workspace = fake.workspace()
    plan = workspace.plan()

    def broken(_progress):
        fake.release()
        raise ValueError("the listener's own")

    with pytest.raises(ValueError, match="own"):
        workspace.apply(plan, broken)
    assert start_of(fake.calls("apply")[0]["pid"]) == ""
    assert not (fake.place / "running.json").exists()
    assert fake.signals() == []


def test_terraform_has_a_process_group_of_its_own(fake):
    fake.workspace().plan()
    for call in fake.calls():
        assert call["group"] == call["pid"]
        assert call["group"] != os.getpgid(0)


def test_what_an_earlier_step_left_running_is_waited_for(fake):
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    place = Workplace(fake.place)
    place.prepare()
    claim = {"pid": sleeper.pid, "start": start_of(sleeper.pid), "environment": "pr-12", "operation": "apply"}
    claim |= {"binary": "x", "root": "/x", "started_at": "2026-11-23T12:00:00Z"}
    write_private(place.running, json.dumps(claim).encode())
    try:
        with pytest.raises(StateLockedError, match="earlier step still runs"):
            fake.workspace(lock_timeout_seconds=5).plan()
        assert fake.clock.seconds == 5
        assert fake.commands() == []
    finally:
        sleeper.kill()
        sleeper.wait()
    fake.workspace().plan()
    assert "plan" in fake.commands()


@pytest.mark.parametrize("code", [0, 1])
def test_the_drain_step_saves_a_state_that_could_not_be_saved(fake, signals, code):
    left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
    fake.plays(apply=[{**HELD, **left}], state_push=[{"code": code}])
    workspace = fake.workspace()
    plan = workspace.plan()
    worker = Worker(lambda: workspace.apply(plan, nothing))
    until(fake.holding.exists)
    with pytest.raises(CancelledError):
        struck_by(signal.SIGINT)
    fake.release()
    worker.join(20)
    clock = FakeClock()
    save = saver({"PATH": "/usr/bin:/bin"}, interrupts=clock.interrupts, clock=clock)
    (report,) = drain(fake.state, clock=clock, save=save)
    assert report.end is DrainEnd.STOPPED
    assert report.account.completed == ("terraform_data.quick",)
    kept = fake.place / "errored.tfstate"
    assert report.unsaved == ("" if code == 0 else str(kept))
    assert kept.exists() is (code != 0)
    assert fake.calls("state push")[0]["environ"]["TF_DATA_DIR"] == str(fake.place / "data")


def test_a_state_cannot_be_saved_with_a_binary_that_has_gone(fake):
    place = Workplace(fake.place)
    place.prepare()
    (fake.place / "errored.tfstate").write_text("{}")
    claim = {"pid": 1, "start": "0", "environment": "pr-12", "operation": "apply", "binary": "/nowhere/terraform"}
    claim |= {"root": str(fake.root), "started_at": "2026-11-23T12:00:00Z"}
    write_private(place.running, json.dumps(claim).encode())
    save = saver({}, interrupts=fake.interrupts, clock=fake.clock)
    (report,) = drain(fake.state, clock=fake.clock, save=save)
    assert report.unsaved


def test_a_binary_that_has_gone_is_told(fake):
    workspace = fake.workspace()
    fake.binary.unlink()
    with pytest.raises(TerraformError, match="cannot be started"):
        workspace.plan()


def test_a_full_disk_is_told_and_nothing_is_left_running(fake, monkeypatch):
    workspace = fake.workspace()
    fake.plays(init=[play("init_ok")])

    def full(_place, _running):
        raise TerraformError("A file for Terraform cannot be written: No space left on device.")

    monkeypatch.setattr(process, "note", full)
    with pytest.raises(TerraformError, match="No space left"):
        workspace.plan()
    assert all(start_of(call["pid"]) == "" for call in fake.calls())


def test_a_directory_that_cannot_be_made_is_told(fake):
    fake.state.write_text("a file")
    with pytest.raises(TerraformError, match="working directory"):
        fake.workspace().plan()


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(TerraformError, match="cannot be written"):
        write_private(tmp_path / "missing" / "file", b"")


def test_the_one_signal_is_claimed_before_it_is_sent(tmp_path):
    place = Workplace(tmp_path)
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        assert interrupt_once(place, sleeper.pid)
        assert not interrupt_once(place, sleeper.pid)
    finally:
        sleeper.wait(20)
    assert sleeper.returncode == -signal.SIGINT
    place.interrupted.unlink()
    assert not interrupt_once(place, sleeper.pid)
