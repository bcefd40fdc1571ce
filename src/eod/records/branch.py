"""The records branch as plumbing: read its tip, put a commit on top of it, push that if nobody was faster.

Nothing is checked out; a private bare repository holds the few objects that are needed.
"""

import tempfile
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from eod.errors import EodError

_TIP: Final = "refs/eod/tip"
_README: Final = """\
# Environments

This branch is kept by eod-action. Each file is the record of one environment that exists now, and each commit is
one transition of one environment: `git log` on a file tells its story from the request to the certificate that
nothing is left. Please change nothing here by hand.
"""
_PASSING: Final = (
    "stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref", "failed to lock",
    "incorrect old value", "already exists", "unable to create", "internal server error",
)  # fmt: skip
"""Why a server rejects a ref when another writer was faster, or when it may take it the next time."""


class Completed(Protocol):
    """How a git command ended."""

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""

    @property
    def code(self) -> int:
        """The exit code."""

    @property
    def output(self) -> bytes:
        """What it printed."""

    @property
    def fault(self) -> EodError:
        """What went wrong, explained."""

    @property
    def transient(self) -> bool:
        """Whether that may pass."""


class Git(Protocol):
    """Runs git in one directory; `eod.git.process.Git` is the real one."""

    def at(self, directory: Path) -> "Git":
        """The same git in another directory."""

    def run(self, *command: str | bytes, stdin: bytes = b"", variables: Mapping[str, str] | None = None) -> bytes:
        """What `git <command>` printed, or an error."""

    def attempt(
        self, *command: str | bytes, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> Completed:
        """How `git <command>` ended."""


class Author(Struct, frozen=True, kw_only=True):
    """Who the commits are by."""

    name: str = "eod-action[bot]"
    email: str = "eod-action[bot]@users.noreply.github.com"


class Pushed(StrEnum):
    """How a push ended."""

    DONE = "done"
    LOST = "lost"
    UNKNOWN = "unknown"


class BranchUnreachableError(Exception):
    """The remote could not be asked this time; it may pass. `fault` says why."""

    def __init__(self, fault: EodError) -> None:
        super().__init__(fault.what)
        self.fault = fault


class Branch:
    """One branch of one remote.

    Args:
        git: Any git; it is bound to the private repository here.
        state: A directory of ours; the private repository is made in it.
        remote: URL or path.
        name: The branch's name, without `refs/heads/`.
        author: Who the commits are by.
    """

    def __init__(self, git: Git, state: Path, *, remote: str, name: str, author: Author) -> None:
        self._anywhere = git
        self._state = state
        self._remote = remote
        self._ref = f"refs/heads/{name}"
        self._author = author
        self._bound: Git | None = None

    def tip(self) -> str | None:
        """The newest commit, fetched; `None` when the branch does not exist.

        Raises:
            BranchUnreachableError: The network or the server has a problem.
            EodError: The remote refuses, or does not exist.
        """
        fetched = self._git.attempt(*_fetch("--depth=1"), "--end-of-options", self._remote, f"+{self._ref}:{_TIP}")
        if fetched.ok:
            return self._git.run("rev-parse", "--verify", _TIP).decode().strip()
        if fetched.transient:
            raise BranchUnreachableError(fetched.fault)
        listed = self._git.attempt("ls-remote", "--exit-code", "--end-of-options", self._remote, self._ref)
        if listed.code == _NO_SUCH_REF:
            return None
        if listed.ok or listed.transient:
            # Made between the two questions, or out of reach since the first.
            raise BranchUnreachableError(fetched.fault if listed.ok else listed.fault)
        raise listed.fault

    def files(self, commit: str, path: str) -> dict[str, bytes]:
        """Name and content of the files at `path` in `commit`: one file, or with a final `/` all of a folder."""
        listing = self._git.run("ls-tree", "-z", commit, "--", path)
        entries = [entry.partition(b"\t") for entry in listing.split(b"\0") if entry]
        blobs = [
            (path.rpartition(b"/")[2].decode("utf-8", "surrogateescape"), meta.split(b" ")[2])
            for meta, _, path in entries
            if meta.split(b" ")[1] == b"blob"
        ]
        if not blobs:
            return {}
        content = self._git.run("cat-file", "--batch", stdin=b"\n".join(blob for _, blob in blobs) + b"\n")
        return dict(zip((name for name, _ in blobs), _batch(content), strict=True))

    def commit(self, parent: str | None, files: Mapping[str, bytes | None], message: str, at: datetime) -> str:
        """A commit on `parent` (or on a first one that explains the branch).

        `files` are written by their paths; one without content is removed.
        """
        with tempfile.TemporaryDirectory(prefix="index-", dir=self._state) as scratch:
            variables = {"GIT_INDEX_FILE": str(Path(scratch) / "index"), **self._identity(at)}
            base = parent or self._root(variables)
            self._git.run("read-tree", base, variables=variables)
            listing = b"".join(self._entry(path, content) for path, content in files.items())
            self._git.run("update-index", "-z", "--index-info", stdin=listing, variables=variables)
            return self._write(message, base, variables)

    def push(self, commit: str, expected: str | None) -> Pushed:
        """Make `commit` the branch's tip if that still is `expected`.

        Raises:
            EodError: The server refuses, and would refuse again.
        """
        lease = f"--force-with-lease={self._ref}:{expected or ''}"
        pushed = self._git.attempt(
            "push", "--porcelain", "--no-verify", lease, "--end-of-options", self._remote, f"{commit}:{self._ref}"
        )
        if pushed.ok:
            return Pushed.DONE
        verdict = _rejection(pushed.output)
        if any(word in verdict for word in _PASSING):
            return Pushed.LOST
        if pushed.transient and not verdict:
            return Pushed.UNKNOWN
        raise pushed.fault

    def contains(self, commit: str) -> bool:
        """Whether `commit` is in the branch's history: a push whose answer was lost may have arrived."""
        fetched = self._git.attempt(
            *_fetch(f"--depth={_RECENT}"), "--end-of-options", self._remote, f"+{self._ref}:{_TIP}"
        )
        return fetched.ok and self._git.attempt("merge-base", "--is-ancestor", commit, _TIP).ok

    @property
    def _git(self) -> Git:
        if self._bound is None:
            self._state.mkdir(parents=True, exist_ok=True)
            directory = Path(tempfile.mkdtemp(prefix="records-", dir=self._state))
            self._anywhere.at(directory).run("init", "--quiet", "--bare", "--template=", ".")
            self._bound = self._anywhere.at(directory)
        return self._bound

    def _identity(self, at: datetime) -> dict[str, str]:
        when = f"@{int(at.timestamp())} +0000"
        return {
            "GIT_AUTHOR_NAME": self._author.name,
            "GIT_AUTHOR_EMAIL": self._author.email,
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_NAME": self._author.name,
            "GIT_COMMITTER_EMAIL": self._author.email,
            "GIT_COMMITTER_DATE": when,
        }

    def _root(self, variables: Mapping[str, str]) -> str:
        entry = f"100644 {self._blob(_README.encode())}\tREADME.md\0"
        self._git.run("update-index", "-z", "--index-info", stdin=entry.encode(), variables=variables)
        return self._write("Begin the records of environments", None, variables)

    def _entry(self, path: str, content: bytes | None) -> bytes:
        # A mode of zero removes the entry.
        entry = f"0 {'0' * 40}" if content is None else f"100644 {self._blob(content)}"
        return f"{entry}\t{path}\0".encode()

    def _blob(self, content: bytes) -> str:
        return self._git.run("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    def _write(self, message: str, parent: str | None, variables: Mapping[str, str]) -> str:
        tree = self._git.run("write-tree", variables=variables).decode().strip()
        parents = () if parent is None else ("-p", parent)
        text = message.replace("\0", "").encode("utf-8", "replace")
        return self._git.run("commit-tree", tree, *parents, stdin=text, variables=variables).decode().strip()


_NO_SUCH_REF: Final = 2
"""The exit code of `git ls-remote --exit-code` when the remote answered and has no such ref."""

_RECENT: Final = 200
"""How far back to look for a commit of ours: more than others can have put on top of it meanwhile."""


def _fetch(depth: str) -> tuple[str, ...]:
    return ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--force", depth)


def _batch(output: bytes) -> list[bytes]:
    """The contents in the output of `git cat-file --batch`."""
    contents = []
    while output:
        head, _, rest = output.partition(b"\n")
        size = int(head.rpartition(b" ")[2])
        contents.append(rest[:size])
        output = rest[size + 1 :]
    return contents


def _rejection(output: bytes) -> str:
    """Why the remote rejected the ref, as `git push --porcelain` says it; empty when it says nothing of a ref."""
    lines = output.decode("utf-8", "replace").splitlines()
    return " ".join(line.rpartition("[")[2] for line in lines if line.startswith("!")).lower()
