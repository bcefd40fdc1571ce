import os
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from eod.git.process import Git
from eod.model.record import Phase, Record
from eod.model.tier import Tier
from eod.records.branch import Author, Branch
from eod.records.store import GitRecords

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BRANCH = "eod/environments"


def record(environment="pr-1", **changes) -> Record:
    blank = Record(
        environment=environment,
        repository="acme/shop",
        pr_number=1,
        pr_url="https://github.example/acme/shop/pull/1",
        owner="ada",
        phase=Phase.REQUESTED,
        tier=Tier.FULL,
        head_sha="a" * 40,
        namespace=environment,
        hostname=f"{environment}.preview.example.com",
        url=f"https://{environment}.preview.example.com/",
        created_at=NOW,
        updated_at=NOW,
    )
    return structs.replace(blank, **changes)


class Remote:
    """A bare repository on disk, looked at with plain git."""

    def __init__(self, path: Path) -> None:
        self.path = path
        subprocess.run(["git", "init", "--quiet", "--bare", "--template=", str(path)], check=True)

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        identity = {
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@b",
        }
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            input=stdin, capture_output=True, check=False, env={"PATH": os.environ["PATH"], **identity},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().rstrip("\n")

    def subjects(self) -> list[str]:
        return self.git("log", "--format=%s", BRANCH).splitlines()

    def put(self, path: str, content: bytes) -> None:
        """Change a file on the branch by hand."""
        blob = self.git("hash-object", "-w", "--stdin", stdin=content)
        index = {"GIT_INDEX_FILE": str(self.path / "by-hand")}
        for command in (["read-tree", BRANCH], ["update-index", "--add", "--cacheinfo", f"100644,{blob},{path}"]):
            subprocess.run(["git", "-C", str(self.path), *command], check=True, env={**os.environ, **index})
        written = subprocess.run(
            ["git", "-C", str(self.path), "write-tree"],
            check=True,
            env={**os.environ, **index},
            capture_output=True,
        )
        tree = written.stdout.decode().strip()
        commit = self.git("commit-tree", tree, "-p", BRANCH, "-m", "By hand")
        self.git("update-ref", f"refs/heads/{BRANCH}", commit)

    def refuse(self, words: str) -> Path:
        """A pre-receive hook that declines, and counts how often it was asked."""
        hook = self.path / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        asked = self.path / "asked"
        hook.write_text(f"#!/bin/sh\necho x >> {asked}\necho '{words}' >&2\nexit 1\n")
        hook.chmod(0o755)
        return asked


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "remote.git")


@pytest.fixture
def open_store(tmp_path: Path):
    """A store of its own for each writer, as jobs have."""
    made = []

    def make(remote, *, credential=None, wait=None, patience_seconds=60.0) -> GitRecords:
        git = Git(
            directory=tmp_path,
            environment={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            credential=credential,
        )
        made.append(remote)
        branch = Branch(git, tmp_path / f"state-{len(made)}", remote=str(remote), name=BRANCH, author=Author())
        return GitRecords(
            branch,
            directory="environments/preview",
            now=lambda: NOW,
            wait=wait or time.sleep,
            patience_seconds=patience_seconds,
        )

    return make
