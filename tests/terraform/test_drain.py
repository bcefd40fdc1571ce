import json
from pathlib import Path

import pytest

from eod.errors import CancelledError
from eod.terraform import DrainEnd, drain
from eod.terraform.drain import BUDGET_SECONDS, INTERRUPT_AFTER_SECONDS, PATIENCE_SECONDS, TELL_SECONDS
from eod.terraform.running import Running, is_alive, noted, start_of
from eod.terraform.workplace import Workplace
from tests.terraform.support import FakeClock, stream


def left(directory: Path, printed: bytes, *, environment="pr-12", operation="apply", root="/nowhere", pid=4711):
    """What a killed run leaves behind."""
    place = Workplace(directory / environment)
    place.prepare()
    place.stream.write_bytes(printed)
    running = {
        "pid": pid,
        "start": "123",
        "environment": environment,
        "operation": operation,
        "binary": "terraform",
        "root": str(root),
        "started_at": "2026-11-23T12:00:00Z",
    }
    place.running.write_text(json.dumps(running))
    return place


def lives(seconds, clock):
    return lambda _running: clock.monotonic() < seconds


def dead(_running):
    return False


def test_nothing_left_is_nothing_to_do(tmp_path):
    assert drain(tmp_path / "missing", clock=FakeClock()) == ()
    assert drain(tmp_path, clock=FakeClock()) == ()


@pytest.mark.parametrize(
    ("name", "operation", "end"),
    [
        ("apply_ok", "apply", DrainEnd.SUCCEEDED),
        ("destroy_ok", "destroy", DrainEnd.SUCCEEDED),
        ("apply_failed", "apply", DrainEnd.FAILED),
        ("apply_interrupted", "apply", DrainEnd.STOPPED),
        ("plan_ok", "plan", DrainEnd.STOPPED),
    ],
)
def test_what_came_of_it(tmp_path, name, operation, end):
    left(tmp_path, stream(name), operation=operation)
    (report,) = drain(tmp_path, clock=FakeClock(), alive=dead)
    assert (report.end, report.operation, report.ended) == (end, operation, True)
    assert report.waited_seconds == 0


def test_one_that_ended_without_a_word_is_lost(tmp_path):
    half = b"".join(stream("apply_ok").splitlines(keepends=True)[:5]) + b'{"type":"apply_com'
    left(tmp_path, half)
    (report,) = drain(tmp_path, clock=FakeClock(), alive=dead)
    assert report.end is DrainEnd.LOST
    assert report.account.running == ("terraform_data.db",)
    assert report.account.noise == ('{"type":"apply_com',)


def test_it_is_waited_for(tmp_path):
    clock = FakeClock()
    left(tmp_path, stream("apply_ok"))
    (report,) = drain(tmp_path, clock=clock, alive=lives(30, clock), interrupt=lambda _p, _n: False)
    assert report.end is DrainEnd.SUCCEEDED
    assert report.waited_seconds == 30
    assert not Workplace(tmp_path / "pr-12").running.exists()


def test_waiting_has_an_end_and_the_next_step_can_wait_again(tmp_path):
    clock = FakeClock()
    place = left(tmp_path, stream("apply_ok")[:2000])
    (report,) = drain(tmp_path, clock=clock, alive=lambda _r: True, interrupt=lambda _p, _n: False)
    assert (report.end, report.ended) == (DrainEnd.RUNNING, False)
    assert clock.seconds == PATIENCE_SECONDS
    assert place.running.exists()


def test_one_that_nobody_interrupted_is_interrupted_once_in_time(tmp_path):
    clock = FakeClock()
    left(tmp_path, stream("apply_interrupted"))
    asked: list[tuple[float, int]] = []
    said: list[str] = []

    def interrupt(_place, pid):
        asked.append((clock.monotonic(), pid))
        return len(asked) == 1

    drain(tmp_path, clock=clock, alive=lives(150, clock), interrupt=interrupt, say=said.append)
    assert asked[0] == (INTERRUPT_AFTER_SECONDS, 4711)
    assert said == ["Asked Terraform apply of pr-12 to end."]


def test_several_are_waited_for_together(tmp_path):
    clock = FakeClock()
    for environment in ("pr-1", "pr-2"):
        left(tmp_path, stream("apply_ok"), environment=environment)
    reports = drain(tmp_path, clock=clock, alive=lives(20, clock))
    assert [report.environment for report in reports] == ["pr-1", "pr-2"]
    assert clock.seconds == 20


def test_an_unsaved_state_is_put_where_the_next_run_looks(tmp_path):
    root = tmp_path / "module"
    root.mkdir()
    (root / "errored.tfstate").write_text("{}")
    left(tmp_path / "state", stream("apply_failed"), root=root)
    (report,) = drain(tmp_path / "state", clock=FakeClock(), alive=dead)
    assert report.unsaved == str(tmp_path / "state" / "pr-12" / "errored.tfstate")
    assert Path(report.unsaved).exists()


def test_waiting_and_saving_leave_time_to_tell_of_it(tmp_path):
    clock, given = FakeClock(), []
    for name in ("pr-1", "pr-2", "pr-3"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "errored.tfstate").write_text("{}")
        left(tmp_path / "state", stream("apply_failed"), environment=name, root=tmp_path / name)

    def save(_place, _running, _unsaved, seconds):
        given.append(seconds)
        clock.wait(min(seconds, 40))
        return False

    reports = drain(
        tmp_path / "state",
        clock=clock,
        alive=lives(PATIENCE_SECONDS - 1, clock),
        interrupt=lambda _p, _n: False,
        save=save,
    )
    assert given == [56, 16]
    assert clock.seconds == BUDGET_SECONDS - TELL_SECONDS
    assert all(report.unsaved for report in reports)


def test_a_missing_stream_tells_nothing(tmp_path):
    left(tmp_path, b"").stream.unlink()
    (report,) = drain(tmp_path, clock=FakeClock(), alive=dead)
    assert report.end is DrainEnd.LOST


def test_a_note_that_nobody_can_read_is_no_note(tmp_path):
    left(tmp_path, b"").running.write_text("{")
    assert drain(tmp_path, clock=FakeClock()) == ()
    assert noted(Workplace(tmp_path / "pr-12")) is None


def test_a_cancel_of_the_drain_step_ends_it(tmp_path):
    clock = FakeClock()
    left(tmp_path, b"")
    clock.interrupts._event.set()
    with pytest.raises(CancelledError):
        drain(tmp_path, clock=clock, alive=lambda _r: True)


def test_a_process_is_known_by_its_start(tmp_path):
    import os

    ours = start_of(os.getpid())
    assert ours
    assert start_of(2**22 + 1) == ""

    def alive(pid, start):
        place = left(tmp_path, b"", pid=pid)
        running = noted(place)
        assert isinstance(running, Running)
        return is_alive(Running(**{f: getattr(running, f) for f in running.__struct_fields__} | {"start": start}))

    assert alive(os.getpid(), ours)
    assert not alive(os.getpid(), "1")
    # Where the kernel does not tell starts, the number has to do.
    assert alive(os.getpid(), "")
    assert not alive(2**22 + 1, "")
