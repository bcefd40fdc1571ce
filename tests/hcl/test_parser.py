import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.hcl.parser import DOCUMENT_LIMIT, HclProcess
from tests.runaway import RUNAWAY_SECONDS

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def parser():
    with HclProcess({}) as process:
        yield process


def worker(path, body):
    path.write_text(f"import os, struct, sys, time\n{body}")
    return path


HANGS_ON_HANG = """
while header := sys.stdin.buffer.read(4):
    text = sys.stdin.buffer.read(struct.unpack(">I", header)[0])
    if text == b"hang":
        time.sleep(60)
    if text == b"die":
        os._exit(9)
    if text == b"flood":
        sys.stdout.buffer.write(struct.pack(">I", 1 << 31))
        sys.stdout.buffer.flush()
    answer = b'{"pid": %d}' % os.getpid()
    sys.stdout.buffer.write(struct.pack(">I", len(answer)) + answer)
    sys.stdout.buffer.flush()
"""


def test_documents_come_back_as_data_one_after_the_other(parser):
    assert parser.parse('a = "b"') == {"a": '"b"'}
    document = parser.parse('resource "aws_sqs_queue" "jobs" {\n  name = "jobs-${var.env}"  # why\n}\n')
    assert document == {
        "resource": [
            {'"aws_sqs_queue"': {'"jobs"': {"name": '"jobs-${var.env}"', "__is_block__": True}}},
        ]
    }


@pytest.mark.parametrize(
    "text",
    [
        "resource {",
        'a = "${"',
        "\x00",
        "a = " + "[" * 100_000,
        "a = " + "(" * 20_000 + "1" + ")" * 20_000,
        "a = " + "{b=" * 5_000 + "1" + "}" * 5_000,
        "a = " + "1 + " * 50_000 + "1",
        "x" * (DOCUMENT_LIMIT + 1),
    ],
    ids=["open", "template", "nul", "brackets", "parentheses", "objects", "sum", "large"],
)
def test_what_does_not_parse_is_none_and_harms_nobody(text):
    # Each has a parser of its own: one that has lost a few processes, to texts or to a slow machine, gives up.
    with HclProcess({}) as parser:
        began = time.monotonic()
        assert parser.parse(text) is None
        assert time.monotonic() - began < RUNAWAY_SECONDS
        assert parser.parse("a = 1") == {"a": 1}


def test_a_megabyte_of_template_is_bounded():
    with HclProcess({}, seconds=2) as process:
        began = time.monotonic()
        process.parse("a = <<EOT\n" + "line ${x} ${y}\n" * 30_000 + "EOT\n")
        assert time.monotonic() - began < RUNAWAY_SECONDS
        assert process.parse("a = 1") == {"a": 1}


@settings(max_examples=40)
@given(st.text(max_size=200))
def test_any_text_gives_a_document_or_none(parser, text):
    assert isinstance(parser.parse(text), dict | None)


def test_lone_surrogates_are_no_error(parser):
    assert parser.parse('a = "\udc80"') == {"a": '"?"'}


@pytest.mark.parametrize("trouble", ["hang", "die", "flood"])
def test_a_process_that_hangs_or_dies_is_given_up_and_started_anew(tmp_path, trouble):
    script = worker(tmp_path / "worker.py", HANGS_ON_HANG)
    # Only what hangs has to be waited for; who has just been started may take its time.
    patience = 0.5 if trouble == "hang" else 30
    with HclProcess({}, patience_seconds=patience, start_seconds=30, script=script) as process:
        first = process.parse("x")
        assert first is not None
        began = time.monotonic()
        assert process.parse(trouble) is None
        assert time.monotonic() - began < 20
        second = process.parse("x")
        assert second is not None
        assert second != first


def test_one_process_takes_many_documents(tmp_path):
    script = worker(tmp_path / "worker.py", HANGS_ON_HANG)
    with HclProcess({}, script=script) as process:
        first = process.parse("x")
        assert first is not None
        assert process.parse("x") == first


def test_a_parser_that_hangs_again_and_again_is_not_asked_for_ever(tmp_path):
    script = worker(tmp_path / "worker.py", "time.sleep(60)")
    with HclProcess({}, patience_seconds=0.1, start_seconds=0.1, script=script) as process:
        began = time.monotonic()
        assert [process.parse("x") for _ in range(1_000)] == [None] * 1_000
        assert time.monotonic() - began < RUNAWAY_SECONDS


def test_modules_of_the_directory_or_the_environment_take_no_librarys_place(tmp_path, monkeypatch):
    for name in ("hcl2", "json", "struct"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with HclProcess({"PYTHONPATH": str(tmp_path)}) as process:
        assert process.parse("a = 1") == {"a": 1}


def test_a_busy_machine_does_not_make_a_document_unreadable():
    # Stopped for longer than a document may take, as by a machine that is busy with others.
    with HclProcess({}, seconds=0.3) as process:
        assert process.parse("a = 1") == {"a": 1}
        worker = process._process
        assert worker is not None
        worker.send_signal(signal.SIGSTOP)
        threading.Timer(1.0, worker.send_signal, [signal.SIGCONT]).start()
        assert process.parse("a = 2") == {"a": 2}
        assert process._process is worker


def test_a_document_that_takes_too_much_of_the_processor_is_given_up():
    with HclProcess({}, seconds=0.3) as process:
        assert process.parse("a = 1") == {"a": 1}
        began = time.monotonic()
        assert process.parse("a = " + "1 + " * 50_000 + "1") is None
        assert time.monotonic() - began < 30
        assert process.parse("a = 1") == {"a": 1}


def test_closing_ends_the_process(tmp_path):
    script = worker(tmp_path / "worker.py", HANGS_ON_HANG)
    process = HclProcess({}, script=script)
    document = process.parse("x")
    assert document is not None
    pid = document["pid"]
    process.close()
    process.close()
    assert not Path(f"/proc/{pid}").exists() or sys.platform != "linux"


def test_nothing_is_started_before_there_is_something_to_parse(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *_arguments, **_options: pytest.fail("a process was started"))
    with HclProcess({}):
        pass
