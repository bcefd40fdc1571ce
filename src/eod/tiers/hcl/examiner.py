"""Judges files of Terraform, OpenTofu and Terragrunt by what their blocks say."""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.hcl import lockfile, terragrunt
from eod.tiers.hcl.callers import Callers
from eod.tiers.hcl.calls import makes_nothing
from eod.tiers.hcl.documents import Documents
from eod.tiers.hcl.judge import Judge
from eod.tiers.hcl.module import Change, ModuleChange, compare
from eod.tiers.hcl.moves import Moves
from eod.tiers.hcl.renames import Surroundings
from eod.tiers.hcl.scope import SUFFIXES, Scope
from eod.tiers.opinion import Opinion
from eod.tiers.ports import Snapshot

VALUES: Final = (".tfvars", ".tfvars.json")
_KEPT: Final = "hcl"


def hcl(file: ChangedFile, case: Case) -> Opinion | None:
    """What a changed file of HCL asks for; `None` for other files, and where content or parser are not at hand."""
    if case.repository is None or case.hcl is None or file.symlink or file.submodule:
        return None
    return case.kept(_KEPT, _Reader).opinion(file)


class _Reader:
    """Reads each module once, whichever of its files is asked about first."""

    def __init__(self, case: Case) -> None:
        assert case.repository is not None  # noqa: S101  # asked before
        assert case.hcl is not None  # noqa: S101  # likewise
        self._documents = Documents(case.hcl)
        self._snapshots = (case.repository.base, case.repository.head)
        self._scope = Scope(case.repository.head, self._documents)
        self._judge = Judge(self._scope, Callers(case.repository.head, self._scope))
        self._groups: defaultdict[tuple[str, str], list[ChangedFile]] = defaultdict(list)
        for file in case.files:
            group = _group(file)
            if group is not None and not file.symlink and not file.submodule:
                self._groups[group].append(file)
        self._opinions: dict[str, Opinion] = {}
        self._read: set[tuple[str, str]] = set()

    def opinion(self, file: ChangedFile) -> Opinion | None:
        group = _group(file)
        if group is None:
            return None
        if group not in self._read:
            self._read.add(group)
            self._opinions.update(self._judged(group))
        return self._opinions.get(file.path)

    def _judged(self, group: tuple[str, str]) -> dict[str, Opinion]:
        files = self._groups[group]
        found = compare(files, self._documents, self._around(group, files))
        if group[0] == "lock":
            opinion_of = lockfile.opinion_of
        elif group[0] == "terragrunt":
            opinion_of = terragrunt.opinion_of
        else:
            opinion_of = self._of_block
        opinions: defaultdict[str, list[Opinion]] = defaultdict(list)
        for change in found.changes:
            for path in {block.path for block in (change.old, change.new) if block is not None}:
                opinions[path].append(opinion_of(change))
        return {file.path: _settled(file, found, opinions[file.path]) for file in files}

    def _around(self, group: tuple[str, str], files: Iterable[ChangedFile]) -> Surroundings:
        if group[0] != "module":
            return Surroundings()
        return Surroundings(
            lambda: Moves(self._scope.records(group[1])),
            frozenset(file.path for file in files if self._left_its_module(file)),
            partial(makes_nothing, scope=self._scope),
        )

    def _left_its_module(self, file: ChangedFile) -> bool:
        """Whether it came from another module, other than with the whole of it to a place where none was."""
        base, head = self._snapshots
        before = (file.change.old_path or file.path).rpartition("/")[0]
        if before == file.directory:
            return False
        return _holds_module(head, before) or _holds_module(base, file.directory)

    def _of_block(self, change: Change) -> Opinion:
        if change.old is None or change.new is None:
            return self._judge.made(change.block, "Adds" if change.old is None else "Removes")
        if change.remade:
            return self._judge.remade(change.old, change.new)
        if not change.leaves:
            return self._judge.renamed(change.old, change.new)
        return self._judge.touched(change.new, change.leaves, change.old)


def _holds_module(snapshot: Snapshot, directory: str) -> bool:
    return any(name.endswith(SUFFIXES) for name in snapshot.entries(directory))


def _group(file: ChangedFile) -> tuple[str, str] | None:
    """Files that are read together: those of a module; any other file alone."""
    if file.name == lockfile.NAME:
        return "lock", file.path
    if file.name.endswith(SUFFIXES):
        return "module", file.directory
    if file.name.endswith(VALUES):
        return "values", file.path
    if terragrunt.is_ours(file):
        return "terragrunt", file.path
    return None


def _settled(file: ChangedFile, found: ModuleChange, opinions: list[Opinion]) -> Opinion:
    if file.path in found.unread:
        reason = f"{found.unread[file.path]}: what it changes cannot be told."
        return Opinion(Tier.FULL, "hcl-unreadable", reason)
    heaviest = max(opinions, key=lambda opinion: opinion.tier.rank, default=None)
    if heaviest is not None:
        return heaviest
    moved = file.change.old_path if len(file.paths) > 1 and file.old_text else None
    if moved is not None and moved.rpartition("/")[0] != file.directory:
        return Opinion(Tier.LIGHTWEIGHT, "hcl-moved", f"The same blocks as before, moved here from `{moved}`.")
    return Opinion(
        Tier.NONE, "hcl-unchanged", "The same blocks as before; at most their order, place or form changed."
    )
