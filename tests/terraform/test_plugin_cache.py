import errno
import fcntl
import os
import subprocess
import sys

import pytest

from eod.errors import TerraformError
from eod.terraform.plugin_cache import LOCK, cache_of, in_turns, with_cache


def test_what_the_user_set_up_is_the_cache(tmp_path):
    (tmp_path / ".terraformrc").write_text('plugin_cache_dir   = "$HOME/.cache/${WHERE}"\n')
    home = {"HOME": str(tmp_path), "WHERE": "plugins"}
    assert cache_of(home) == f"{tmp_path}/.cache/plugins"
    assert cache_of({**home, "TF_PLUGIN_CACHE_DIR": "/mine"}) == "/mine"
    assert with_cache(home, tmp_path / "ours") == home
    named = tmp_path / "cli.tfrc"
    named.write_text('# plugin_cache_dir = "/no"\n')
    assert cache_of({**home, "TF_CLI_CONFIG_FILE": str(named)}) is None


@pytest.mark.parametrize("home", [{}, {"HOME": "/nowhere"}, {"TF_CLI_CONFIG_FILE": "/nowhere/cli.tfrc"}])
def test_else_the_job_has_one_of_its_own(home, tmp_path):
    assert with_cache(home, tmp_path)["TF_PLUGIN_CACHE_DIR"] == str(tmp_path)


def test_who_waits_too_long_is_told(tmp_path):
    other = os.open(tmp_path / LOCK, os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    waits: list[float] = []
    with (
        pytest.raises(TerraformError, match="in use by another run for 3 s"),
        in_turns(str(tmp_path), wait=waits.append, seconds=3),
    ):
        raise AssertionError
    assert sum(waits) == 3
    os.close(other)
    with in_turns(str(tmp_path), wait=waits.append, seconds=3):
        assert sum(waits) == 3


@pytest.mark.process
def test_a_child_that_outlives_us_keeps_its_turn(tmp_path):
    # Killed, we would let go of the lock while Terraform still writes to the cache.
    with in_turns(str(tmp_path), wait=lambda _seconds: None, seconds=0) as lock:
        assert lock is not None
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,))
    try:
        with (
            pytest.raises(TerraformError, match="in use"),
            in_turns(str(tmp_path), wait=lambda _seconds: None, seconds=0),
        ):
            raise AssertionError
    finally:
        child.communicate(b"\n")
    with in_turns(str(tmp_path), wait=lambda _seconds: None, seconds=0):
        pass


@pytest.mark.parametrize("number", [28, 13])
def test_a_cache_that_cannot_be_written_is_told(tmp_path, monkeypatch, number):
    def refused(*_arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refused)
    with (
        pytest.raises(TerraformError, match=f"plugin cache cannot be used: {os.strerror(number)}") as told,
        in_turns(str(tmp_path), wait=lambda _seconds: None, seconds=0),
    ):
        raise AssertionError
    assert "Free space" in told.value.fix


def make_read_only(monkeypatch):
    """A file system on which nothing can be opened for writing, whoever we are."""
    really = os.open

    def refusing(path, flags, *more):
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return really(path, flags, *more)

    monkeypatch.setattr(os, "open", refusing)


def no_wait(_seconds):
    pass


def test_another_users_lock_is_waited_for_though_it_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / LOCK).touch()
    make_read_only(monkeypatch)
    with in_turns(str(tmp_path), wait=no_wait, seconds=0) as lock:
        assert lock is not None
        with pytest.raises(TerraformError, match="in use"), in_turns(str(tmp_path), wait=no_wait, seconds=0):
            raise AssertionError


def test_a_cache_that_nobody_can_write_to_needs_no_turns(tmp_path, monkeypatch):
    make_read_only(monkeypatch)
    with in_turns(str(tmp_path), wait=no_wait, seconds=0) as lock:
        assert lock is None


def test_a_file_system_without_locks_is_told(tmp_path, monkeypatch):
    def no_locks(*_arguments):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with (
        pytest.raises(TerraformError, match="cannot be locked") as told,
        in_turns(str(tmp_path), wait=no_wait, seconds=0),
    ):
        raise AssertionError
    assert "local disk" in told.value.fix
