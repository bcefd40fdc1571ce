"""The two sides of a pull request, read object by object."""

from collections.abc import Iterable
from functools import cached_property
from types import TracebackType
from typing import Self

from eod.git.objects import Objects
from eod.git.process import Git
from eod.model.blob import Blob
from eod.model.change import ChangeSet


class CommitSnapshot:
    """The files of one commit."""

    def __init__(self, objects: Objects, commit: str) -> None:
        self._objects = objects
        self._commit = commit

    def read(self, path: str) -> Blob | None:
        """The file at `path`; `None` where there is none."""
        return self._objects.blob(f"{self._commit}:{path}")

    def entries(self, directory: str) -> tuple[str, ...]:
        """The names in `directory`, those of directories with a final `/`; empty if it is none."""
        return self._objects.tree(f"{self._commit}:{directory}")


class GitRepository:
    """What `changes` compares: merge base, head and their blobs. Close it to end Git's processes.

    Args:
        git: Bound to the clone.
        changes: Which commits are compared.
    """

    def __init__(self, git: Git, changes: ChangeSet) -> None:
        self._objects = Objects(git)
        self._changes = changes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End Git's processes."""
        self._objects.close()

    @cached_property
    def base(self) -> CommitSnapshot:
        """The merge base."""
        return CommitSnapshot(self._objects, self._changes.merge_base)

    @cached_property
    def head(self) -> CommitSnapshot:
        """The pull request's head."""
        return CommitSnapshot(self._objects, self._changes.head)

    def read_ahead(self, names: Iterable[str]) -> None:
        """Read the objects that will be asked for next, some dozens, in one go."""
        self._objects.read_ahead(names)

    def blob(self, name: str) -> Blob | None:
        """The object `name`; `None` where it is not here, or no blob."""
        return self._objects.blob(name)
