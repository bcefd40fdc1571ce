"""Labelled changes of public repositories, and the clones that hold them."""

import subprocess
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from eod.model.tier import Tier

SETS = Path(__file__).with_name("tiers")

_Commit = Annotated[str, Meta(pattern=r"^[0-9a-f]{40}$")]
_Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Split(StrEnum):
    """What a change is for: to learn from, or to be measured by at the end."""

    TUNING = "tuning"
    HELD_OUT = "held-out"


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change and the tier that it should get.

    `base` is an ancestor of `head`. `acceptable` holds every tier that a reasonable platform engineer accepts,
    `label` among them.
    """

    owner: _Name
    name: _Name
    base: _Commit
    head: _Commit
    label: Tier
    acceptable: Annotated[tuple[Tier, ...], Meta(min_length=1)]
    reason: Annotated[str, Meta(min_length=1)]

    def __post_init__(self) -> None:
        if self.label not in self.acceptable:
            raise ValueError(f"{self.label} is not among the acceptable tiers of {self.head}")

    @property
    def repository(self) -> str:
        """Owner and name, as GitHub writes them."""
        return f"{self.owner}/{self.name}"


class ChangeSetFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of labelled changes; all of them are of one split."""

    split: Split
    changes: tuple[Change, ...]


def load(folder: Path = SETS, *, splits: tuple[Split, ...] = tuple(Split)) -> tuple[Change, ...]:
    """The labelled changes of `splits`, in the order of files and lines.

    Raises:
        msgspec.ValidationError: A file is not of the form above.
    """
    files = [msgspec.toml.decode(path.read_bytes(), type=ChangeSetFile) for path in sorted(folder.glob("*.toml"))]
    return tuple(change for file in files if file.split in splits for change in file.changes)


def clone_of(change: Change, folder: Path) -> Path | None:
    """Where `folder` keeps the repository: `owner+name` or `owner/name`, bare or not, with or without `.git`."""
    for stem in (f"{change.owner}+{change.name}", f"{change.owner}/{change.name}"):
        for path in (folder / stem / "repo", folder / stem, folder / f"{stem}.git"):
            if (path / "HEAD").is_file() or (path / ".git").exists():
                return path
    return None


def fetch(change: Change, folder: Path) -> Path:
    """Clone the repository from GitHub into `folder`.

    Raises:
        subprocess.CalledProcessError: Git cannot.
    """
    path = folder / f"{change.owner}+{change.name}.git"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["git", "clone", "--bare", "--quiet", f"https://github.com/{change.repository}", str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return path
