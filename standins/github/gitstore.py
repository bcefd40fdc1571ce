"""One bare repository on disk, spoken to with git's plumbing."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

_CONFIG: Final = """\
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
[receive]
\thideRefs = refs/pull
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""
"""As on GitHub: any object is served by its id, and `refs/pull` is read-only to everybody."""


class GitError(Exception):
    """git ended with an error; the text is what it printed."""


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitData:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    authored_at: str
    committer: Person
    committed_at: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of a tree: `type` is blob, tree or commit (a submodule)."""

    mode: str
    type: str
    sha: str
    size: int
    path: str


def environment(home: Path) -> dict[str, str]:
    """A git environment of our own: nothing of the caller's configuration, variables or hooks gets in."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _file_command(path: str, content: str | bytes | None) -> bytes:
    """A line of git's fast-import language, the path quoted as it wants."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    if content is None:
        return f'D "{escaped}"\n'.encode()
    data = content.encode() if isinstance(content, str) else content
    mode = "100755" if data.startswith(b"#!") else "100644"
    return f'M {mode} inline "{escaped}"\n'.encode() + _data(data)


class GitStore:
    """Commits, refs, merges and contents of one repository."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._commit = lru_cache(maxsize=4096)(self._read_commit)

    @classmethod
    def create(cls, path: Path, default_branch: str) -> GitStore:
        path.mkdir(parents=True)
        store = cls(path)
        store.git("init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}")
        with (path / "config").open("a") as config:
            config.write(_CONFIG)
        return store

    def git(self, *arguments: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> bytes:
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            input=stdin if stdin is not None else b"",
            capture_output=True,
            env={**environment(self.path), **(env or {})},
            check=False,
        )
        if done.returncode != 0:
            raise GitError(done.stderr.decode(errors="replace").strip() or f"git {arguments[0]} failed")
        return done.stdout

    def line(self, *arguments: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
        return self.git(*arguments, stdin=stdin, env=env).decode().strip()

    def current_branch(self) -> str:
        return self.line("-c", "safe.directory=*", "symbolic-ref", "--short", "HEAD")

    def refs(self) -> dict[str, str]:
        lines = self.line("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        return {name: sha for sha, name in (line.split(" ", 1) for line in lines)}

    def resolve(self, revision: str) -> str | None:
        """The commit that a branch, tag, full ref or (abbreviated) id means."""
        if not revision or revision.startswith("-"):
            return None
        for candidate in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            try:
                return self.line("rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}")
            except GitError:
                continue
        return None

    def update_ref(self, ref: str, new: str, old: str | None = None) -> None:
        """Move a ref, atomically; with `old`, only if it is still there."""
        self.git("update-ref", ref, new, *([old] if old is not None else []))

    def delete_ref(self, ref: str) -> None:
        self.git("update-ref", "-d", ref)

    def take(self, other: GitStore, sha: str) -> None:
        """Bring a commit of another repository here, on no ref."""
        self.git("fetch", "--quiet", "--no-tags", str(other.path), sha)

    def import_repository(self, source: Path) -> None:
        """Take every branch and tag of a repository on disk."""
        refspecs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        self.git("-c", "safe.directory=*", "fetch", "--quiet", str(source.resolve()), *refspecs)

    def import_directory(self, source: Path, message: str, author: Person, when: datetime) -> str:
        """One commit that holds a directory's files, less what its .gitignore names."""
        with tempfile.TemporaryDirectory() as scratch:
            env = {"GIT_INDEX_FILE": f"{scratch}/index", "GIT_WORK_TREE": str(source.resolve())}
            self.git("--git-dir=.", "add", "--all", ":/", env=env)
            tree = self.line("--git-dir=.", "write-tree", env=env)
        return self.commit_tree(tree, [], message, author, when)

    def write_commit(
        self,
        ref: str,
        parent: str | None,
        files: Mapping[str, str | bytes | None],
        message: str,
        *,
        author: Person,
        when: datetime,
    ) -> str:
        """Point `ref` at a new commit on `parent` with some files written, or removed where they are None."""
        who = f"{author.name} <{author.email}> {int(when.timestamp())} +0000"
        stream = [f"commit {ref}\nmark :1\ncommitter {who}\n".encode(), _data(message.encode())]
        if parent is not None:
            stream.append(f"from {parent}\n".encode())
        stream += [_file_command(path, content) for path, content in files.items()]
        stream.append(b"get-mark :1\n")
        return self.line("fast-import", "--quiet", "--force", "--date-format=raw", stdin=b"".join(stream))

    def commit_tree(self, tree: str, parents: Sequence[str], message: str, author: Person, when: datetime) -> str:
        date = f"{int(when.timestamp())} +0000"
        env = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": author.name,
            "GIT_COMMITTER_EMAIL": author.email,
            "GIT_COMMITTER_DATE": date,
        }
        onto = [argument for parent in parents for argument in ("-p", parent)]
        return self.line("commit-tree", tree, *onto, stdin=message.encode(), env=env)

    def merge_base(self, one: str, other: str) -> str | None:
        try:
            return self.line("merge-base", one, other)
        except GitError:
            return None

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        return self.merge_base(ancestor, descendant) == ancestor

    def merge_tree(self, base: str, head: str) -> str | None:
        """The tree of a merge, or None when it conflicts."""
        if self.is_ancestor(base, head):
            return self.commit(head).tree
        try:
            return self.line("merge-tree", "--write-tree", "--no-messages", base, head).splitlines()[0]
        except GitError:
            return None

    def count(self, revisions: str) -> int:
        return int(self.line("rev-list", "--count", revisions))

    def log(self, *arguments: str) -> list[str]:
        return self.line("rev-list", *arguments).splitlines()

    def commit(self, sha: str) -> CommitData:
        return self._commit(sha)

    def _read_commit(self, sha: str) -> CommitData:
        form = "%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B"
        shown = self.git(
            "show", "--no-patch", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", f"--format={form}", sha,
            env={"TZ": "UTC"},
        )  # fmt: skip
        part = shown.decode(errors="replace").split("\0")
        return CommitData(
            sha=part[0],
            tree=part[1],
            parents=tuple(part[2].split()),
            author=Person(part[3], part[4]),
            authored_at=part[5],
            committer=Person(part[6], part[7]),
            committed_at=part[8],
            message=part[9].rstrip("\n"),
        )

    def entries(self, revision: str, path: str, *, inside: bool) -> list[Entry]:
        """What lies at a path: the thing itself, or with `inside` what the directory holds."""
        where = [f"{path}/" if inside and path else path] if path else []
        listing = self.git("--literal-pathspecs", "ls-tree", "-z", "-l", revision, "--", *where).decode(
            errors="replace"
        )
        found = []
        for line in filter(None, listing.split("\0")):
            meta, name = line.split("\t", 1)
            mode, kind, sha, size = meta.split()
            found.append(Entry(mode=mode, type=kind, sha=sha, size=int(size) if size != "-" else 0, path=name))
        return found

    def blob(self, sha: str) -> bytes:
        return self.git("cat-file", "blob", sha)
