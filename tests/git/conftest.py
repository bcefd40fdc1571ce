import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from eod.git.process import Git

Files = Mapping[str, str | bytes | None] | Mapping[bytes, str] | Mapping[str | bytes, str | None]

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Repository:
    """A work tree that a person works in, with that person's own git."""

    def __init__(self, path: Path, home: Path) -> None:
        self.path = path
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), **IDENTITY}
        path.mkdir(parents=True, exist_ok=True)

    def git(self, *arguments: str | bytes, stdin: bytes | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=self.environment, input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, path: str | bytes, content: str | bytes = "x\n") -> None:
        place = self.path / os.fsdecode(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: Files | None = None, message: str = "Change") -> str:
        for path, content in (files or {}).items():
            if content is None:
                self.git("rm", "-q", "--", path)
            else:
                self.write(path, content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def history(self, branch: str, commits: Sequence[Mapping[str, str]], *, start: str | None = None) -> str:
        """Many commits on a branch in one go, past the work tree; the last one."""
        lines: list[str] = []
        for number, files in enumerate(commits):
            lines += [
                f"commit refs/heads/{branch}",
                f"committer Ada <ada@example.com> {1_700_000_000 + number} +0000",
            ]
            lines += ["data 6", "Change", *([f"from {start}"] if start and not number else [])]
            for path, content in files.items():
                lines += [f"M 100644 inline {path}", f"data {len(content)}", content]
        self.git("fast-import", "--quiet", "--force", stdin="\n".join([*lines, ""]).encode())
        return self.git("rev-parse", f"refs/heads/{branch}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def repository(tmp_path: Path, home: Path) -> Repository:
    one = Repository(tmp_path / "repository", home)
    one.git("init", "--quiet", "--template=", "--initial-branch=main")
    return one


@pytest.fixture
def our_git(home: Path):
    """Our git, bound to a directory."""

    def bind(directory: Path, **changes) -> Git:
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), **changes.pop("environment", {})}
        return Git(directory=directory, environment=environment, **changes)

    return bind
