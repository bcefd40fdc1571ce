import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.export import ROOT

pytestmark = pytest.mark.live


@pytest.fixture
def playing(tmp_path):
    """A demo that has come to where Terraform works; its temporary files lie in a folder of ours."""
    with subprocess.Popen(
        [sys.executable, "-m", "demo", "--only", "122", "--out", str(tmp_path / "out")],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Terraform plan (" in line:
                break
        yield process
        process.kill()


def processes_of(folder):
    """The processes of this machine that know of a folder, by what they were told when they were started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in told:
                found.append(re.sub(rb"\0", b" ", told[-200:]))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_stopped_leaves_neither_processes_nor_files(playing, tmp_path, number):
    assert processes_of(tmp_path)
    playing.send_signal(number)
    told = playing.stdout.read()  # whoever is left would hold it open
    assert playing.wait() == 130
    assert told.rstrip().endswith("stopped; nothing is left running")
    assert processes_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_is_killed_leaves_no_processes(playing, tmp_path):
    playing.kill()
    playing.stdout.read()
    playing.wait()
    assert processes_of(tmp_path) == []


def test_a_typos_whole_life(tmp_path):
    command = [sys.executable, "-m", "demo", "--only", "121", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing is left anywhere" in done.stdout
    assert (tmp_path / "out/index.html").is_file()
    assert (tmp_path / "out/records/121-opened.yaml").is_file()
