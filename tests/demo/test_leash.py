import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import demo

pytestmark = pytest.mark.process
LEASH = Path(demo.__file__).with_name("leash.py")
# A program that has a child in a session of its own, as Terraform's wrapper has, and says who it is.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep({seconds})
sys.exit(7)
"""


def leashed(program):
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(LEASH), sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ends(pid):
    """Whether it ends at once: what a process holds open is closed a moment before it counts as dead."""
    until = time.monotonic() + 30
    while lives(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not lives(pid)


def lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_exit_code_and_the_output_are_the_programs():
    with leashed("print('hello'); raise SystemExit(3)") as process:
        assert process.wait() == 3
        assert (process.stdout.read(), process.stderr.read()) == ("hello\n", "")


def test_what_the_program_leaves_is_ended_and_named():
    with leashed(PARENT.format(seconds=0)) as process:
        assert process.wait() == 7
        child, complaint = int(process.stdout.readline()), process.stderr.read()
    assert not lives(child)
    assert complaint.startswith("leash: the program had left python")


@pytest.mark.parametrize("end", ["closed", signal.SIGTERM, signal.SIGINT])
def test_all_of_it_ends_at_once(end):
    with leashed(PARENT.format(seconds=600)) as process:
        child = int(process.stdout.readline())
        assert lives(child)
        if end == "closed":
            process.stdin.close()
        else:
            process.send_signal(end)
        assert process.wait(timeout=30) == 128 + signal.SIGKILL
    assert not lives(child)


def test_it_ends_with_whoever_started_it():
    # The starter is killed in a way that runs no code of its own; what it held open closes.
    starter = (
        "import subprocess, sys, time\n"
        f"command = [sys.executable, '-I', '-S', {str(LEASH)!r}, sys.executable, '-c', sys.argv[1]]\n"
        "pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE}\n"
        "leash = subprocess.Popen(command, start_new_session=True, **pipes)\n"
        "print(leash.pid, leash.stdout.readline().decode(), flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", starter, PARENT.format(seconds=600)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        leash, child = map(int, process.stdout.readline().split())
        assert lives(leash)
        assert lives(child)
        process.kill()
        process.stderr.read()  # all of them hold it: it ends when the last of them does
    assert ends(child)
