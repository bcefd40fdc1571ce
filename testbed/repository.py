"""Git repositories for Argo CD to read, without a server."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

_AUTHOR = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "testbed"), ("EMAIL", "testbed@example.invalid"))
}


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """A Git repository with a work tree, on this machine.

    Attributes:
        path: Its folder.
        url: The URL under which Argo CD reads it.
    """

    path: Path
    url: str

    @classmethod
    def make(cls, path: Path, *, url: str) -> "Repository":
        """Create an empty repository whose branch is `main`."""
        path.mkdir(parents=True)
        made = cls(path=path, url=url)
        made.git("init", "--quiet", "--initial-branch=main")
        return made

    def commit(self, files: Mapping[str, str | None], message: str = "change") -> str:
        """Write files, commit them on the branch that is checked out, and return the commit's SHA.

        Args:
            files: Path → content; None removes the file.
            message: The commit's message.
        """
        for name, content in files.items():
            file = self.path / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        """Run git in the repository, free of the user's own settings, and return what it printed.

        Raises:
            subprocess.CalledProcessError: git refused.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= _AUTHOR | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        ended = subprocess.run(
            ["git", *arguments], cwd=self.path, env=environment, check=True, capture_output=True, text=True
        )
        return ended.stdout.strip()
