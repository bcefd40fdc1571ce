"""One pull request's changes, with everything that examiners may look at beside the file itself."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from eod.config import Config
from eod.model.change import ChangeSet
from eod.tiers.attributes import Attributes
from eod.tiers.codeowners import CodeOwners
from eod.tiers.file import ChangedFile
from eod.tiers.ports import HclParser, Repository

Made = TypeVar("Made")


class Case:
    """What is examined.

    Args:
        changes: What the pull request changes.
        config: The configuration of the base branch.
        repository: Content; without it only paths are judged.
        hcl: The parser of HCL; without it HCL cannot be read by meaning.
    """

    def __init__(
        self,
        changes: ChangeSet,
        config: Config,
        repository: Repository | None = None,
        hcl: HclParser | None = None,
    ) -> None:
        self.config = config
        self.repository = repository
        self.hcl = hcl
        self.files = tuple(ChangedFile(change, repository) for change in changes.files)
        self._kept: dict[str, object] = {}

    @cached_property
    def attributes(self) -> Attributes:
        """The `.gitattributes` of the base: the author of a change must not declare it generated."""
        return Attributes(None if self.repository is None else self.repository.base)

    @cached_property
    def code_owners(self) -> CodeOwners:
        """The CODEOWNERS of the base: the author of a change must not say who owns it."""
        return CodeOwners(None if self.repository is None else self.repository.base)

    @cached_property
    def by_path(self) -> dict[str, ChangedFile]:
        """Each changed file by each of its paths."""
        return {path: file for file in self.files for path in file.paths}

    def read_ahead(self, files: Sequence[ChangedFile]) -> None:
        """Have the content of `files` read in one go: they are examined next."""
        if self.repository is not None:
            changes = [file.change for file in files if not file.submodule]
            self.repository.read_ahead(name for one in changes for name in (one.old_blob, one.new_blob))

    def beside(self, directory: str) -> Iterable[ChangedFile]:
        """The changed files right in `directory`."""
        return (file for file in self.files if file.directory == directory)

    def kept(self, name: str, make: "Callable[[Case], Made]") -> Made:
        """What an examiner makes of the whole case once, and keeps for the other files."""
        if name not in self._kept:
            self._kept[name] = make(self)
        return self._kept[name]  # type: ignore[return-value]  # each name has one maker
