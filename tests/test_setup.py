import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process
SETUP = Path(__file__).parents[1] / "scripts/setup"
UV = """#!/bin/sh
while [ $# -gt 0 ]; do
  if [ "$1" = --python ]; then python=$2; fi
  shift
done
echo installed >> "$EOD_SETUP_CACHE/installs"
packages=$("$python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "def loads(text): pass" > "$packages/hcl2.py"
"""
SLEEP = """#!/bin/sh
echo waiting > "$EOD_SETUP_CACHE/waiting"
read -r _ < "$EOD_SETUP_CACHE/go-on"
"""


@pytest.fixture
def cache(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder


@pytest.fixture
def start(tmp_path, cache):
    """Start a setup that finds this Python, a uv that only pretends, and a sleep that waits to be woken."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "python3.14").symlink_to(sys.executable)
    for name, text in {"uv": UV, "sleep": SLEEP}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)

    def begin():
        environment = {"PATH": f"{programs}:{os.defpath}", "EOD_SETUP_CACHE": str(cache)}
        return subprocess.Popen([SETUP], env=environment, stdout=subprocess.PIPE, text=True)

    return begin


def python_of(setup):
    with setup:
        told, _ = setup.communicate()
    assert setup.returncode == 0
    return Path(told.strip().removeprefix("python="))


def locks(cache):
    return [path.name for path in cache.iterdir() if path.name.endswith(".lock")]


def test_what_is_installed_once_is_there_for_the_next_job(start, cache):
    first, second = python_of(start()), python_of(start())
    assert first == second
    assert subprocess.run([first, "-c", "import hcl2"], check=False).returncode == 0
    assert (cache / "installs").read_text().split() == ["installed"]
    assert locks(cache) == []


def test_a_job_that_waited_for_another_neither_installs_again_nor_leaves_a_lock(start, cache):
    folder = python_of(start()).parents[1]
    complete, lock = folder / ".complete", folder.with_name(f"{folder.name}.lock")
    for name in ("waiting", "go-on"):
        os.mkfifo(cache / name)
    complete.unlink()
    lock.mkdir()
    waiting = start()
    assert (cache / "waiting").read_text() == "waiting\n"
    complete.touch()  # the other job is done now
    lock.rmdir()
    (cache / "go-on").write_text("\n")
    assert python_of(waiting).parents[1] == folder
    assert (cache / "installs").read_text().split() == ["installed"]
    assert locks(cache) == []
