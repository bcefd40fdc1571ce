"""What the tiers need to read: files of two commits, and HCL. `eod.cli` hands in the real ones."""

from collections.abc import Iterable
from typing import Protocol

from eod.model.blob import Blob


class Snapshot(Protocol):
    """The files of one commit."""

    def read(self, path: str) -> Blob | None:
        """The file at `path`; `None` where there is none."""

    def entries(self, directory: str) -> tuple[str, ...]:
        """The names in a directory (`""` is the root), directories with a final `/`; empty if it is none."""


class Repository(Protocol):
    """The two commits that are compared. `base` is the merge base."""

    @property
    def base(self) -> Snapshot:
        """Before the change."""

    @property
    def head(self) -> Snapshot:
        """After it."""

    def read_ahead(self, names: Iterable[str]) -> None:
        """Get ready for these objects: they will be asked for next."""

    def blob(self, name: str) -> Blob | None:
        """The object `name`; `None` where it is not here, or no blob."""


class HclParser(Protocol):
    """Parses HCL in a process that may be given up."""

    def parse(self, text: str) -> dict[str, object] | None:
        """The document as python-hcl2 gives it; `None` where it does not parse in bounded time."""
