"""Git repositories: resolving revisions, and reading all files of a commit without a work tree."""

import hashlib
import io
import os
import re
import subprocess
import tarfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

Files = Mapping[str, bytes]
"""Every file of a commit by its path from the repository's root."""

_SHA: Final = re.compile(r"^[0-9a-f]{40}$")
_SHORT_SHA: Final = re.compile(r"^[0-9a-f]{7,40}$")
_KEPT_COMMITS: Final = 16
_TIMEOUT_SECONDS: Final = 90


class RepositoryError(Exception):
    """The repository or the revision cannot be had."""


class Repositories:
    """Fetches repositories into a folder of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: OrderedDict[tuple[str, str], Files] = OrderedDict()

    def resolve(self, url: str, revision: str) -> str:
        """The commit that a branch, tag, `HEAD` or SHA stands for now.

        Raises:
            RepositoryError: The repository does not answer, or has no such revision.
        """
        revision = revision or "HEAD"
        if _SHA.match(revision):
            return revision
        listed = self._git("ls-remote", "--", url)
        names: dict[str, str] = {}
        for line in listed.splitlines():
            commit, _, name = line.partition("\t")
            names[name] = commit
        for name in (f"refs/tags/{revision}^{{}}", f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            if name in names:
                return names[name]
        if _SHORT_SHA.match(revision):
            return revision
        raise RepositoryError(f"unable to resolve '{revision}' to a commit SHA")

    def files(self, url: str, commit: str) -> Files:
        """All files of a commit.

        Raises:
            RepositoryError: The commit cannot be fetched.
        """
        key = url, commit
        if key not in self._files:
            self._files[key] = self._read(url, commit)
            while len(self._files) > _KEPT_COMMITS:
                self._files.popitem(last=False)
        self._files.move_to_end(key)
        return self._files[key]

    def _read(self, url: str, commit: str) -> Files:
        clone = self._directory / hashlib.sha256(url.encode()).hexdigest()[:16]
        if not clone.exists():
            self._git("init", "--quiet", "--bare", "--template=", str(clone))
        if not self._has(clone, commit):
            self._git(
                "-C", str(clone), "fetch", "--quiet", "--force", "--prune", url,
                "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
            )  # fmt: skip
        if not self._has(clone, commit):
            self._git("-C", str(clone), "fetch", "--quiet", url, commit)
        return _unpack(self._git_bytes("-C", str(clone), "archive", "--format=tar", commit))

    def _has(self, clone: Path, commit: str) -> bool:
        try:
            self._git("-C", str(clone), "cat-file", "-e", f"{commit}^{{commit}}")
        except RepositoryError:
            return False
        return True

    def _git(self, *arguments: str) -> str:
        return self._git_bytes(*arguments).decode()

    def _git_bytes(self, *arguments: str) -> bytes:
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith("GIT_")
        } | {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}  # fmt: skip
        try:
            done = subprocess.run(
                ["git", *arguments], capture_output=True, env=environment, timeout=_TIMEOUT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise RepositoryError(f"git {arguments[0]}: no answer within {_TIMEOUT_SECONDS} s") from error
        if done.returncode:
            raise RepositoryError(
                done.stderr.decode(errors="replace").strip() or f"git exited with {done.returncode}"
            )
        return done.stdout


def _unpack(archive: bytes) -> Files:
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                files[member.name] = content.read()
            elif member.issym():
                raise RepositoryError(f"{member.name}: symbolic links are not supported here")
    return files
