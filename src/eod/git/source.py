"""The repository's Git objects, as the lifecycle needs them. What is missing locally is fetched."""

import shutil
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from eod.errors import GitError
from eod.git.changes import parse_raw
from eod.git.process import Git
from eod.git.repository import GitRepository
from eod.model.change import ChangeSet

_DEEPEN: Final = (64, 512)
_RENAME_LIMIT: Final = 1000
_FETCH: Final = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap=")


class GitSource:
    """A clone of the user's repository: changes, files, and directories that hold one commit.

    Nothing that the repository's files say is executed: no hooks, filters, text converters or submodules.

    Args:
        git: Bound to the clone.
        state: A directory of ours for checkouts; it is made if it does not exist.
        remote: Where missing objects are fetched from: a remote's name, URL or path.
        hints: Refs to fetch when the remote does not give a commit by its name: `refs/pull/7/head`.
    """

    def __init__(self, git: Git, state: Path, *, remote: str = "origin", hints: tuple[str, ...] = ()) -> None:
        self._git = git
        self._state = state
        self._remote = remote
        self._hints = hints
        self._checkouts: dict[str, Path] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove all checkouts. Call it when nothing works in them any more."""
        for path in self._checkouts.values():
            shutil.rmtree(path, ignore_errors=True)
        self._checkouts.clear()

    def changes(self, base: str, head: str) -> ChangeSet:
        """What `head` changes since its merge base with `base`.

        Args:
            base: A commit, or anything that names one.
            head: The same.

        Raises:
            GitError: A commit cannot be had, or the two have no history in common.
        """
        first, last = self._commit(base), self._commit(head)
        merge_base = self._merge_base(first, last)
        listing = self._git.run(
            "diff-tree", "-r", "--raw", "-z", "-M", "--no-abbrev", "--no-ext-diff", "--no-textconv",
            "--ignore-submodules=none", merge_base, last,
            settings=(f"diff.renameLimit={_RENAME_LIMIT}", "diff.orderFile=/dev/null"),
        )  # fmt: skip
        return ChangeSet(base=first, head=last, merge_base=merge_base, files=parse_raw(listing))

    def sides(self, changes: ChangeSet) -> GitRepository:
        """The content on both sides of `changes`, for the caller to close."""
        return GitRepository(self._git, changes)

    def show(self, commit: str, path: str) -> bytes | None:
        """The content of the file at `path` in `commit`; `None` where there is no such file.

        Raises:
            GitError: The commit cannot be had.
        """
        name = f"{self._commit(commit)}:{path}"
        found = self._git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        if not found.ok:
            return None
        blob = found.output.decode().strip()
        if self._git.run("cat-file", "-t", blob).strip() != b"blob":
            return None
        return self._git.run("cat-file", "blob", blob)

    def checkout(self, commit: str) -> Path:
        """A directory of our own that holds exactly `commit`; the same one each time within a run.

        Large files stay pointers and submodules stay empty.

        Raises:
            GitError: The commit cannot be had, or its files cannot be written.
        """
        with self._lock:
            name = self._commit(commit)
            if name not in self._checkouts:
                self._checkouts[name] = self._write(name)
            return self._checkouts[name]

    def _write(self, commit: str) -> Path:
        self._state.mkdir(parents=True, exist_ok=True)
        path = Path(tempfile.mkdtemp(prefix=f"{commit[:12]}-", dir=self._state))
        index = Path(tempfile.mkdtemp(prefix="index-", dir=self._state))
        try:
            self._git.run(
                "read-tree",
                "--reset",
                "-u",
                commit,
                variables={"GIT_WORK_TREE": str(path), "GIT_INDEX_FILE": str(index / "index")},
                settings=("core.autocrlf=false", "core.sparseCheckout=false", *self._no_filters()),
            )
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        finally:
            shutil.rmtree(index, ignore_errors=True)
        return path

    def _no_filters(self) -> tuple[str, ...]:
        """Settings that switch off every filter that git is set up with: attributes could ask for any of them."""
        names = self._git.attempt("config", "--name-only", "-z", "--get-regexp", r"^filter\..*")
        drivers = {name.rpartition(".")[0] for name in names.output.decode("utf-8", "replace").split("\0") if name}
        return tuple(
            setting
            for driver in sorted(drivers)
            if "=" not in driver
            for setting in (
                f"{driver}.smudge=", f"{driver}.clean=", f"{driver}.process=", f"{driver}.required=false",
            )
        )  # fmt: skip

    def _commit(self, name: str) -> str:
        """The full name of a commit that is here, fetched if it has to be."""
        here = self._resolve(name)
        if here:
            return here
        said = ""
        # A complete clone stays complete; a shallow one gets no more than it needs.
        depth = ("--depth=1",) if self._shallow() else ()
        for wanted in (name, *self._hints):
            fetched = self._git.attempt(*_FETCH, *depth, "--end-of-options", self._remote, wanted)
            here = self._resolve(name)
            if here:
                return here
            if fetched.transient or not said:
                said = fetched.errors
        raise GitError(
            f"The commit {name[:40]} is not in this clone and cannot be fetched.",
            why="It was force-pushed away, or belongs to a repository that this token may not read.",
            fix="Check out the repository with `fetch-depth: 0`, or push the pull request again.",
            detail=said,
        )

    def _resolve(self, name: str) -> str:
        if not name or name.startswith("-"):
            return ""
        found = self._git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return found.output.decode("ascii", "replace").strip() if found.ok else ""

    def _merge_base(self, base: str, head: str) -> str:
        """Where `head` left `base`; a shallow clone is deepened until that is certain."""
        for depth in (*_DEEPEN, None):
            shallow = self._shallow()
            found = self._git.attempt("merge-base", base, head)
            merge_base = found.output.decode().strip()
            if found.ok and self._certain(merge_base, base, head, shallow):
                return merge_base
            if not shallow:
                break
            deeper = "--unshallow" if depth is None else f"--deepen={depth}"
            self._git.run(*_FETCH, deeper, "--end-of-options", self._remote, base, head)
        else:
            found = self._git.attempt("merge-base", base, head)
            if found.ok:
                return found.output.decode().strip()
        raise GitError(
            f"{base[:7]} and {head[:7]} have no history in common.",
            why="The pull request's branch was started from nothing, or the history of its base was rewritten.",
            fix="Rebase the pull request on its base branch.",
        )

    def _shallow(self) -> frozenset[str]:
        """The commits whose parents are not here, although they have some."""
        listing = Path(self._git.run("rev-parse", "--git-path", "shallow").decode().strip())
        path = listing if listing.is_absolute() else self._git.directory / listing
        return frozenset(path.read_text("ascii").split()) if path.is_file() else frozenset()

    def _certain(self, merge_base: str, base: str, head: str, shallow: frozenset[str]) -> bool:
        """Whether no better merge base can hide behind the edge of a shallow clone.

        It could only if a commit at the edge can be reached from one side without passing the merge base.
        """
        if not shallow:
            return True
        beside = self._git.run("rev-list", base, head, f"^{merge_base}").decode().split()
        return shallow.isdisjoint(beside)
