import base64
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from msgspec import structs

from eod.errors import CredentialsError, EodError, GitError
from eod.git.faults import explain
from eod.git.process import Credential

TOKEN = "ghs_verysecret"
BASIC = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.fixture
def spy(tmp_path):
    """A `git` that writes down how it was called."""
    place = tmp_path / "bin"
    place.mkdir()
    script = place / "git"
    script.write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {tmp_path}/arguments\nenv > {tmp_path}/environment\n"
        f"echo 'fatal: {TOKEN} {BASIC} https://user:pass@host/x' >&2\nexit 1\n"
    )
    script.chmod(0o755)
    return tmp_path, {"PATH": f"{place}:{os.environ['PATH']}"}


@pytest.mark.process
def test_the_token_is_in_the_environment_and_nowhere_else(spy, our_git, monkeypatch):
    directory, environment = spy
    monkeypatch.setenv("PATH", environment["PATH"])
    git = our_git(
        directory,
        credential=Credential(server="https://github.example", token=TOKEN),
        environment={
            **environment, "GIT_DIR": "/elsewhere", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*", "SSH_ASKPASS": "/ask", "LANG": "de_DE.UTF-8",
        },
    )  # fmt: skip
    with pytest.raises(GitError) as caught:
        git.run("fetch", "origin")
    arguments = (directory / "arguments").read_text()
    variables = dict(
        line.split("=", 1) for line in (directory / "environment").read_text().splitlines() if "=" in line
    )
    assert TOKEN not in arguments
    assert BASIC not in arguments
    assert variables["GIT_CONFIG_COUNT"] == "3"
    assert (
        variables["GIT_CONFIG_KEY_1"]
        == variables["GIT_CONFIG_KEY_2"]
        == "http.https://github.example/.extraheader"
    )
    assert variables["GIT_CONFIG_VALUE_1"] == ""
    assert variables["GIT_CONFIG_VALUE_2"] == f"Authorization: Basic {BASIC}"
    assert variables["GIT_TERMINAL_PROMPT"] == "0"
    assert variables["LC_ALL"] == "C"
    assert not {"GIT_DIR", "SSH_ASKPASS"} & set(variables)
    assert "core.hooksPath=/dev/null" in arguments
    said = str(caught.value)
    assert TOKEN not in said
    assert BASIC not in said
    assert "pass" not in said
    assert TOKEN not in repr(git)


@pytest.mark.process
def test_a_header_that_a_checkout_step_left_behind_is_not_sent_beside_ours(repository, our_git):
    """GitHub answers 400 to two Authorization headers."""
    server = "https://github.example"
    repository.git("config", f"http.{server}/.extraheader", "AUTHORIZATION: basic old")
    git = our_git(repository.path, credential=Credential(server=server, token=TOKEN))
    values = git.run("config", "--get-urlmatch", "http.extraheader", f"{server}/o/r.git").decode().split("\n")
    everything = git.run("config", "--get-all", f"http.{server}/.extraheader").decode().splitlines()
    assert values[0] == f"Authorization: Basic {BASIC}"
    assert everything == ["AUTHORIZATION: basic old", "", f"Authorization: Basic {BASIC}"]


@pytest.mark.process
def test_the_users_own_configuration_stays_in_force(repository, our_git):
    repository.git("config", "--global", "http.proxy", "http://proxy.example")
    assert our_git(repository.path).run("config", "http.proxy").strip() == b"http://proxy.example"


@pytest.mark.process
def test_arguments_may_hold_any_byte(repository, our_git):
    repository.write(b"\xff", "x")
    repository.commit()
    git = our_git(repository.path)
    assert git.run("ls-files", "-z", "--", "\udcff") == b"\xff\0"
    assert git.run("ls-files", "-z", "--", b"\xff") == b"\xff\0"


@pytest.fixture
def slow_git(tmp_path, our_git, monkeypatch):
    """A `git` that has a child and goes on for a minute; both have begun by the time that anybody waits for it."""
    place = tmp_path / "bin"
    place.mkdir()
    begun = tmp_path / "begun"
    (place / "git").write_text(f"#!/bin/sh\nsleep 60 &\necho $$ $! > {begun}.new\nmv {begun}.new {begun}\nwait\n")
    (place / "git").chmod(0o755)
    path = f"{place}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    communicate = subprocess.Popen.communicate

    def once_it_has_begun(process, *arguments, **options):
        while not begun.exists():
            time.sleep(0.01)
        return communicate(process, *arguments, **options)

    monkeypatch.setattr(subprocess.Popen, "communicate", once_it_has_begun)
    return our_git(tmp_path, environment={"PATH": path}), begun


@pytest.mark.process
def test_a_command_that_takes_too_long_is_ended_with_its_children(slow_git):
    git, begun = slow_git
    with pytest.raises(GitError, match="took longer than"):
        structs.replace(git, timeout_seconds=0.7).run("fetch")
    assert all(_ends(int(number)) for number in begun.read_text().split())


def _alive(number):
    state = Path(f"/proc/{number}/stat")
    return state.exists() and state.read_text().split()[2] != "Z"


def _ends(number):
    """Whether it ends within seconds: who was told to end is not dead at once."""
    deadline = time.monotonic() + 10
    while _alive(number) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not _alive(number)


@pytest.mark.process
@pytest.mark.parametrize("wakes", [True, False], ids=["while it waits", "right before it waits"])
def test_a_cancel_ends_the_command(slow_git, wakes):
    git, begun = slow_git
    main = threading.get_ident()

    def cancel():
        while not begun.exists():
            time.sleep(0.01)
        time.sleep(0.2)
        # When another thread is struck, the main thread sleeps on, as it does when it is struck right before that.
        signal.pthread_kill(main if wakes else threading.get_ident(), signal.SIGINT)

    threading.Thread(target=cancel).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        git.run("fetch")
    assert time.monotonic() - started < 30
    assert all(_ends(int(number)) for number in begun.read_text().split())


@pytest.mark.process
def test_a_missing_git_is_explained(our_git, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="cannot be started"):
        our_git(tmp_path, environment={"PATH": str(tmp_path)}).run("version")


@pytest.mark.parametrize(
    ("words", "kind", "transient"),
    [
        ("fatal: Authentication failed for 'https://x/'", CredentialsError, False),
        ("fatal: could not read Username for 'https://x': terminal prompts disabled", CredentialsError, False),
        ("remote: Permission to o/r.git denied to bot.\nerror: 403", CredentialsError, False),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", CredentialsError, False),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 404", GitError, False),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 502", GitError, True),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 429", GitError, True),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", GitError, True),
        (
            "fatal: unable to access 'https://x/': Failed to connect to x port 443: Connection refused",
            GitError,
            True,
        ),
        ("error: RPC failed; curl 56 GnuTLS recv error\nfatal: early EOF", GitError, True),
        ("fatal: detected dubious ownership in repository at '/x'", GitError, False),
        ("! [remote rejected] x -> x (pre-receive hook declined)", GitError, False),
        ("remote: error: GH006: Protected branch update failed for refs/heads/x.", GitError, False),
        ("remote: error: GH013: Repository rule violations found", GitError, False),
        ("fatal: something new", GitError, False),
    ],
)
def test_what_git_says_is_explained(words, kind, transient):
    error = explain("push", words)
    assert isinstance(error, kind)
    assert bool(getattr(error, "transient", False)) is transient
    assert error.fix
    assert error.detail == words


@pytest.mark.process
def test_a_directory_of_another_user_stays_refused(repository, our_git, monkeypatch):
    git = our_git(repository.path, environment={"GIT_CONFIG_NOSYSTEM": "1"})
    monkeypatch.setattr(git.__class__, "_environment", _as_another_owner(git.__class__._environment))
    with pytest.raises(GitError, match="another user owns it") as caught:
        git.run("status")
    assert "safe.directory" in caught.value.fix


def _as_another_owner(original):
    return lambda self: {**original(self), "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}


@pytest.mark.process
def test_how_a_command_ended_is_told(repository, our_git):
    repository.commit({"a": "1"})
    git = our_git(repository.path)
    good, bad = git.attempt("rev-parse", "HEAD"), git.attempt("rev-parse", "--verify", "nope")
    assert good.ok
    assert (bad.ok, bad.code, bad.transient) == (False, 128, False)
    assert isinstance(bad.fault, EodError)
    assert "rev-parse" in bad.fault.what
