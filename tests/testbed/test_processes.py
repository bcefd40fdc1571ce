import json
import os
import subprocess
import sys

import pytest

from testbed.errors import TestbedError
from testbed.ports import free_ports
from testbed.processes import Processes, kill_leftovers, started_at
from testbed.repository import Repository
from testbed.waiting import eventually

pytestmark = [pytest.mark.process, pytest.mark.network]

SLEEP = [sys.executable, "-c", "import time; print('on', flush=True); time.sleep(600)"]
# A server whose own child is not in its group: what killing the group does not reach.
FORKING = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)\n"
)


@pytest.fixture
def processes(tmp_path):
    running = Processes(tmp_path)
    yield running
    running.stop()


def log(state, name):
    return (state / "logs" / f"{name}.log").read_text()


def pid_of(state, name):
    return json.loads((state / "pids" / f"{name}.json").read_text())["pid"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can adopt orphans")
def test_stopping_reaches_grandchildren_in_groups_of_their_own(tmp_path):
    script = (
        "import pathlib, sys\n"
        "from testbed.processes import Processes, adopt_orphans\n"
        "adopt_orphans()\n"
        f"processes = Processes(pathlib.Path({str(tmp_path)!r}))\n"
        f"processes.start('server', [sys.executable, '-c', {FORKING!r}], environment={{}})\n"
        "sys.stdin.read()\n"
        "processes.stop()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as starter:
        eventually((tmp_path / "logs" / "server.log").exists)
        grandchild = int(eventually(lambda: log(tmp_path, "server")))
        assert started_at(grandchild)

        starter.communicate()

    assert started_at(grandchild) is None
    assert not list((tmp_path / "pids").iterdir())


def test_stopping_leaves_alone_what_others_have_started(processes):
    processes.start("server", SLEEP, environment={})
    with subprocess.Popen(SLEEP, stdout=subprocess.DEVNULL) as bystander:
        processes.stop()
        assert bystander.poll() is None
        bystander.kill()


def test_a_program_that_ends_early_is_reported_with_the_end_of_its_log(processes):
    processes.start("server", [sys.executable, "-c", "raise SystemExit('no such flag')"], environment={})

    with pytest.raises(TestbedError, match=r"server ended with code 1:\n.*\n  no such flag"):
        processes.wait_until("server", lambda: False)
    assert processes.ended() == {"server": 1}


def test_a_program_that_never_answers_is_reported(processes):
    processes.start("server", SLEEP, environment={})

    with pytest.raises(TestbedError, match="did not become ready in 0 s: it says that it is not ready"):
        processes.wait_until("server", lambda: False, seconds=0)
    assert processes.ended() == {}


def test_leftovers_are_killed_and_strangers_with_the_same_number_are_not(processes, tmp_path):
    processes.start("server", SLEEP, environment={})
    server = pid_of(tmp_path, "server")
    stranger = {"pid": os.getpid(), "since": "1"}
    (tmp_path / "pids" / "stranger.json").write_text(json.dumps(stranger))

    assert kill_leftovers(tmp_path) == ["server"]
    eventually(processes.ended)
    assert started_at(os.getpid())
    assert server
    assert not list((tmp_path / "pids").iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_program_does_not_outlive_its_starter(tmp_path):
    script = (
        "import pathlib, sys\n"
        "from testbed.processes import Processes\n"
        f"Processes(pathlib.Path({str(tmp_path)!r})).start('server', {SLEEP!r}, environment={{}})\n"
        "print('started', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == b"started\n"
        server = pid_of(tmp_path, "server")
        eventually(lambda: log(tmp_path, "server"))
        starter.kill()

    eventually(lambda: started_at(server) is None)


def test_ports_are_all_different():
    first, second = free_ports("a", "b"), free_ports("c")

    assert len({*first.values(), *second.values()}) == 3


def test_a_repository_is_committed_to(tmp_path):
    made = Repository.make(tmp_path / "repository", url="file:///anything")

    first = made.commit({"a/b.txt": "1", "c.txt": "2"})
    second = made.commit({"c.txt": None}, "removed")

    assert made.git("log", "--format=%H %s") == f"{second} removed\n{first} change"
    assert made.git("ls-files") == "a/b.txt"
