"""Runs the `git` command: argument lists only, nothing that asks a person, nothing that a repository could run.

The user's own configuration stays in force, because proxies, certificates, `safe.directory`, URL rewrites and
credential helpers live there, and because none of it comes from a pull request. What could run a program on our
behalf (hooks, file-system monitors, pagers, external transports) is switched off on every command line. Of the
environment's own `GIT_*` variables only those stay that carry configuration, certificates and SSH: a `GIT_DIR`
that a hook left over would send us to another repository.
"""

import base64
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct, structs

from eod.errors import EodError, GitError
from eod.git.faults import explain
from eod.interrupts import HEARD_WITHIN_SECONDS

_SAFE: Final = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "core.pager=cat",
    "core.quotePath=true",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no",
    "push.gpgSign=false",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
)
_KEPT: Final = ("GIT_CONFIG_", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSH")
_DROPPED: Final = frozenset({"SSH_ASKPASS", "LANGUAGE", "GIT_CONFIG_PARAMETERS"})
_GRACE_SECONDS: Final = 3.0


class Credential(Struct, frozen=True, kw_only=True):
    """A token for one server (`https://github.com`). It is sent nowhere else, and stands on no command line."""

    server: str
    token: str

    def __repr__(self) -> str:
        return f"Credential(server={self.server!r})"


class Completed(Struct, frozen=True, kw_only=True):
    """How a command ended. `errors` is redacted."""

    command: tuple[str, ...]
    code: int
    output: bytes
    errors: str

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.code == 0

    @property
    def fault(self) -> EodError:
        """What went wrong, explained."""
        # `push --porcelain` says why a ref was rejected on standard output.
        rejected = [line for line in _decode(self.output).splitlines() if line.startswith("!")]
        said = [self.errors, *rejected] if self.command[0] == "push" else [self.errors]
        return explain(self.command[0], "\n".join(line for line in said if line))

    @property
    def transient(self) -> bool:
        """Whether the network or the server failed in a way that may pass."""
        return bool(getattr(self.fault, "transient", False))


class Git(Struct, frozen=True, kw_only=True):
    """`git` in one directory.

    Args:
        directory: The repository: a work tree, or a bare one.
        environment: The process's environment, handed in: PATH, HOME, proxies.
        credential: For https remotes; others use what the user's git is set up with.
        timeout_seconds: The longest that one command may take.
    """

    directory: Path
    environment: Mapping[str, str]
    credential: Credential | None = None
    timeout_seconds: float = 300

    def at(self, directory: Path) -> "Git":
        """The same git in another directory."""
        return structs.replace(self, directory=directory)

    def run(
        self,
        *command: str | bytes,
        stdin: bytes = b"",
        variables: Mapping[str, str] | None = None,
        settings: tuple[str, ...] = (),
    ) -> bytes:
        """Run `git <command>` and return what it printed.

        Args:
            command: Arguments, the subcommand first.
            stdin: What it reads.
            variables: Further environment variables.
            settings: Further `name=value` configuration.

        Raises:
            GitError: It failed; with its own words, redacted.
            CredentialsError: The server refused the token.
        """
        completed = self.attempt(*command, stdin=stdin, variables=variables, settings=settings)
        if not completed.ok:
            raise completed.fault
        return completed.output

    def attempt(
        self,
        *command: str | bytes,
        stdin: bytes = b"",
        variables: Mapping[str, str] | None = None,
        settings: tuple[str, ...] = (),
    ) -> Completed:
        """Run `git <command>` and say how it ended.

        Raises:
            GitError: git is not installed, or took too long.
        """
        arguments = self._arguments(command, settings)
        environment = {**self._environment(), **(variables or {})}
        code, output, errors = self._communicate(arguments, environment, stdin)
        return Completed(
            command=tuple(each if isinstance(each, str) else _decode(each) for each in command),
            code=code,
            output=output,
            errors=self._redact(_decode(errors)),
        )

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start `git <command>` with pipes for input and output, for the caller to end; its errors are dropped.

        Raises:
            GitError: git is not installed.
        """
        return self._popen(self._arguments(command, ()), self._environment(), errors=subprocess.DEVNULL)

    def _arguments(self, command: tuple[str | bytes, ...], settings: tuple[str, ...]) -> list[bytes]:
        options = [part for setting in (*_SAFE, *settings) for part in ("-c", setting)]
        arguments = [os.fsencode(each) for each in ("git", "-C", str(self.directory), *options)]
        return [*arguments, *(each if isinstance(each, bytes) else _encode(each) for each in command)]

    def _popen(
        self, arguments: list[bytes], environment: Mapping[str, str], *, errors: int = subprocess.PIPE
    ) -> "subprocess.Popen[bytes]":
        try:
            # A session of its own: no terminal to ask a password on, and a signal for us is not one for git.
            return subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environment),
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise GitError(
                "`git` cannot be started.", why="It is not on the PATH, or the directory does not exist.",
                fix="Install git 2.30 or newer.", where=str(self.directory),
            ) from error  # fmt: skip

    def _communicate(
        self, arguments: list[bytes], environment: Mapping[str, str], stdin: bytes
    ) -> tuple[int, bytes, bytes]:
        process = self._popen(arguments, environment)
        with process:
            try:
                output, errors = self._exchange(process, stdin)
            except subprocess.TimeoutExpired as error:
                _end(process)
                raise GitError(
                    f"`git` took longer than {self.timeout_seconds:.0f} s.",
                    why="The network or the server is slow, or the repository is very large.",
                    fix="Re-run the job.",
                ) from error
            except BaseException:
                _end(process)
                raise
        return process.returncode, output, errors

    def _exchange(self, process: "subprocess.Popen[bytes]", stdin: bytes) -> tuple[bytes, bytes]:
        if stdin:
            # What is half written cannot be gone on with; and what reads from us works on this disk alone.
            return process.communicate(stdin, timeout=self.timeout_seconds)
        ends = time.monotonic() + self.timeout_seconds
        while True:
            try:
                left = max(0.0, ends - time.monotonic())
                return process.communicate(timeout=min(left, HEARD_WITHIN_SECONDS))
            except subprocess.TimeoutExpired:
                if time.monotonic() >= ends:
                    raise

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in self.environment.items()
            if (not name.startswith("GIT_") or name.startswith(_KEPT)) and name not in _DROPPED
        }
        fixed = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "GIT_OPTIONAL_LOCKS": "0"}
        return {**kept, **fixed, **self._authentication()}

    def _authentication(self) -> dict[str, str]:
        """The token as configuration in the environment, where neither `ps` nor a log shows it.

        The empty value first takes away the header that a checkout step may have left in the repository's own
        configuration: with two of them GitHub answers 400, "Duplicate header".
        """
        if self.credential is None or not self.credential.token:
            return {}
        name = f"http.{self.credential.server.rstrip('/')}/.extraheader"
        given = self.environment.get("GIT_CONFIG_COUNT", "")
        first = int(given) if given.isdigit() else 0
        return {
            "GIT_CONFIG_COUNT": str(first + 2),
            f"GIT_CONFIG_KEY_{first}": name,
            f"GIT_CONFIG_VALUE_{first}": "",
            f"GIT_CONFIG_KEY_{first + 1}": name,
            f"GIT_CONFIG_VALUE_{first + 1}": f"Authorization: Basic {_basic(self.credential.token)}",
        }

    def _redact(self, text: str) -> str:
        if self.credential is not None and self.credential.token:
            for secret in (self.credential.token, _basic(self.credential.token)):
                text = text.replace(secret, "***")
        return "\n".join(_without_password(line) for line in text.splitlines())


def _without_password(line: str) -> str:
    """`line` without the user part of any URL in it."""
    words = []
    for word in line.split(" "):
        bare = word.strip("'\".,:;")
        if "://" in bare and "@" in bare:
            user = urlsplit(bare).netloc.rpartition("@")[0]
            words.append(word.replace(f"{user}@", "***@") if user else word)
        else:
            words.append(word)
    return " ".join(words)


def _basic(token: str) -> str:
    return base64.b64encode(f"x-access-token:{token}".encode()).decode()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and its helpers: first so that it removes its lock files, then for good."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(_GRACE_SECONDS)
        except (ProcessLookupError, PermissionError):
            return
        except subprocess.TimeoutExpired:
            continue
        return


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
